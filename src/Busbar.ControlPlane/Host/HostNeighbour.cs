// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.ControlPlane;

/// <summary>Where an EID sits on a link.</summary>
/// <param name="Link">The link's index.</param>
/// <param name="Eid">The endpoint.</param>
/// <param name="Address">Its physical address.</param>
public readonly record struct HostNeighbour(int Link, Eid Eid, PhysicalAddress Address);
