// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.Daemon;

/// <summary>A <c>[[neighbour]]</c> table, or a reservation of the bus owner: an EID at a place.</summary>
/// <param name="Link">Name of the link.</param>
/// <param name="Eid">The EID.</param>
/// <param name="Address">The physical address; empty where the medium has none.</param>
public sealed record NeighbourSettings(string Link, Eid Eid, PhysicalAddress Address);
