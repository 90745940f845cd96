// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Pci;

/// <summary>One entry of a list of capabilities.</summary>
/// <param name="Id">The identifier as it stands there: a <see cref="PciCapabilityId"/>, or a <see cref="PciExtendedCapabilityId"/>.</param>
/// <param name="Offset">Its first byte in configuration space.</param>
/// <param name="Extent">Bytes until the next capability or the end of the space; what is decoded stays inside.</param>
/// <param name="IsExtended">True for the list that starts at byte 256.</param>
/// <param name="Version">Version of an extended capability, 0 to 15; 0 otherwise.</param>
public sealed record PciCapability(int Id, int Offset, int Extent, bool IsExtended, int Version);
