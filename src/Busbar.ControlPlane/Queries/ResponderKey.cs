// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.ControlPlane;

/// <summary>Who is asked: a physical address on a link, or an EID of a network when it sits behind a bridge or is not known.</summary>
/// <param name="Link">The link's index; 0 for an EID.</param>
/// <param name="Address">The physical address; empty for an EID.</param>
/// <param name="Network">The network; 0 for a physical address.</param>
/// <param name="Eid">The EID; null EID for a physical address.</param>
internal readonly record struct ResponderKey(int Link, PhysicalAddress Address, uint Network, Eid Eid);
