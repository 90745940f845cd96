// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.ControlPlane;

/// <summary>What reading a bridge's routing table brought.</summary>
/// <param name="Entries">The entries that make sense; null when the bridge did not tell anything.</param>
/// <param name="IsUnsupported">The bridge does not know the command: asking again is in vain.</param>
/// <param name="Complaint">What is wrong with the table, for people; null when nothing is.</param>
internal readonly record struct TableReading(IReadOnlyList<RoutingTableEntry>? Entries, bool IsUnsupported, string? Complaint);
