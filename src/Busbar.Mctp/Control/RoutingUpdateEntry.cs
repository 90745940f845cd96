// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <summary>One entry of a Routing Information Update.</summary>
/// <param name="Kind">What the range is.</param>
/// <param name="Count">EIDs in the range.</param>
/// <param name="First">First EID.</param>
/// <param name="Address">Physical address, in the format of the bus that the message comes in on.</param>
public readonly record struct RoutingUpdateEntry(RoutingEntryKind Kind, byte Count, Eid First, PhysicalAddress Address);
