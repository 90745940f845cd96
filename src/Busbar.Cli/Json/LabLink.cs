// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Cli;

/// <summary>The lab's end of the link, at the end of the run but before it was taken down.</summary>
/// <param name="Name">The LINK that the lab opened.</param>
/// <param name="State">Name of the MMBI state.</param>
/// <param name="Up">True when packets could flow.</param>
/// <param name="Mtu">Largest packet, header included.</param>
/// <param name="Resets">Resets by either side.</param>
/// <param name="Joins">Times the link came up.</param>
internal sealed record LabLink(string Name, string State, bool Up, int Mtu, long Resets, long Joins);
