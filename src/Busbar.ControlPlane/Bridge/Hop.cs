// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.ControlPlane;

/// <summary>The next station on the way to an EID.</summary>
/// <param name="Next">EID of that station; the target itself when it is on the link.</param>
/// <param name="Link">The link that leads there; for an EID of our own, the link that has it.</param>
/// <param name="Address">Physical address of the station.</param>
/// <param name="Mtu">Largest packet by the route, header included; 0 when only the link limits it.</param>
/// <param name="IsLocal">True for an EID of our own.</param>
internal readonly record struct Hop(Eid Next, int Link, PhysicalAddress Address, int Mtu, bool IsLocal);
