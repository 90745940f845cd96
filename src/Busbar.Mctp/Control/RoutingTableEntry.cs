// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <summary>One entry of a bridge's routing table.</summary>
/// <param name="Count">EIDs in the range.</param>
/// <param name="First">First EID.</param>
/// <param name="Kind">What the range is.</param>
/// <param name="IsStatic">True when it was configured, false when it was learned.</param>
/// <param name="Port">The bridge's port, 0..31.</param>
/// <param name="Binding">The transport binding of that port.</param>
/// <param name="Medium">The physical medium of that port.</param>
/// <param name="Address">Physical address, most significant byte first.</param>
public readonly record struct RoutingTableEntry(
    byte Count, Eid First, RoutingEntryKind Kind, bool IsStatic, byte Port, PhysicalBinding Binding, PhysicalMedium Medium, PhysicalAddress Address);
