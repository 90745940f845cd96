// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Linux;

/// <summary>Where an EID sits on an interface.</summary>
/// <param name="Interface">The interface's index.</param>
/// <param name="Eid">The EID.</param>
/// <param name="HardwareAddress">Its physical address; empty where the medium has none.</param>
public readonly record struct NetlinkNeighbour(int Interface, byte Eid, ReadOnlyMemory<byte> HardwareAddress);
