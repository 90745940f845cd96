// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.ControlPlane;

/// <summary>A route: a range of EIDs, and the link or gateway that leads there.</summary>
/// <param name="First">First EID.</param>
/// <param name="Last">Last EID, not below <paramref name="First"/>.</param>
/// <param name="Link">Index of the link of a direct route; 0 for a gateway route.</param>
/// <param name="Gateway">The gateway's EID; null EID for a direct route.</param>
/// <param name="Network">The MCTP network.</param>
/// <param name="Mtu">Largest packet, header included; 0 for the limit of the link or of the way to the gateway.</param>
public readonly record struct HostRoute(Eid First, Eid Last, int Link, Eid Gateway, uint Network, int Mtu)
{
    /// <summary>Packets forwarded or sent along this route; null where the system does not count.</summary>
    public long? Packets { get; init; }

    /// <summary>True for a route that the system made itself, for an EID of its own.</summary>
    public bool IsLocal { get; init; }

    /// <summary>A direct route.</summary>
    /// <param name="first">First EID.</param>
    /// <param name="last">Last EID.</param>
    /// <param name="link">The link; the route is part of its network.</param>
    /// <param name="mtu">Largest packet; 0 for the link's.</param>
    public static HostRoute Direct(Eid first, Eid last, HostLink link, int mtu = 0) => new(first, last, link.Index, Eid.Null, link.Network, mtu);

    /// <summary>A route through a gateway.</summary>
    /// <param name="first">First EID.</param>
    /// <param name="last">Last EID.</param>
    /// <param name="gateway">Who forwards.</param>
    /// <param name="network">The network of both.</param>
    /// <param name="mtu">Largest packet; 0 for the limit of the way to the gateway.</param>
    public static HostRoute Via(Eid first, Eid last, Eid gateway, uint network, int mtu = 0) => new(first, last, 0, gateway, network, mtu);
}
