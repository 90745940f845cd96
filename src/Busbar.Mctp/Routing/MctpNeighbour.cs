// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <summary>The physical address of an EID on a link.</summary>
/// <param name="Link">The link.</param>
/// <param name="Eid">The endpoint.</param>
/// <param name="Address">Where it sits.</param>
/// <param name="IsLearned">True when it was learned from traffic; such entries go when the link goes down.</param>
public readonly record struct MctpNeighbour(MctpLink Link, Eid Eid, PhysicalAddress Address, bool IsLearned);
