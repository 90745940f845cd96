// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Cli;

/// <summary>A capability of a function.</summary>
/// <param name="Offset">Where it is in configuration space, hexadecimal.</param>
/// <param name="Id">Its identifier, hexadecimal.</param>
/// <param name="Extended">True for the list from byte 256 on.</param>
/// <param name="Name">Its name; the identifier where there is none.</param>
/// <param name="Details">What it says; absent when there is no decoder.</param>
/// <param name="Decoded">False when its content makes no sense where it stands; absent when there is no decoder.</param>
internal sealed record PciCapabilityRow(string Offset, string Id, bool Extended, string Name, string? Details, bool? Decoded);
