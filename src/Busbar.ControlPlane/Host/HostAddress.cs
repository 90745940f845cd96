// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.ControlPlane;

/// <summary>An EID of this system on a link.</summary>
/// <param name="Link">The link's index.</param>
/// <param name="Eid">8 to 254.</param>
public readonly record struct HostAddress(int Link, Eid Eid);
