// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.Daemon;

/// <summary>A <c>[[route]]</c> table.</summary>
/// <param name="First">First EID.</param>
/// <param name="Last">Last EID.</param>
/// <param name="Link">Name of the link of a direct route; null for a gateway route.</param>
/// <param name="Gateway">Who forwards; null EID for a direct route.</param>
/// <param name="Network">The network of a gateway route.</param>
/// <param name="Mtu">Largest packet, header included; 0 for the limit of the link.</param>
public sealed record RouteSettings(Eid First, Eid Last, string? Link, Eid Gateway, uint Network, int Mtu);
