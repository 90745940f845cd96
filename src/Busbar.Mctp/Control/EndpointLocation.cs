// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <summary>Where one of a device's EIDs is.</summary>
/// <param name="Eid">The EID.</param>
/// <param name="Binding">The transport binding that leads there.</param>
/// <param name="Medium">The physical medium.</param>
/// <param name="Address">Physical address.</param>
public readonly record struct EndpointLocation(Eid Eid, PhysicalBinding Binding, PhysicalMedium Medium, PhysicalAddress Address);
