// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <summary>A route: a range of EIDs and where their packets go, directly to a link or to a gateway that another route leads to.</summary>
/// <param name="First">First EID of the range, 8..254.</param>
/// <param name="Last">Last EID of the range, not below <paramref name="First"/>.</param>
/// <param name="Link">The link of a direct route; null for a gateway route.</param>
/// <param name="Gateway">The gateway of a gateway route; null EID for a direct one.</param>
/// <param name="Mtu">Largest packet on this route, header included; 0 when only the link limits it.</param>
/// <param name="Network">The network that the route belongs to.</param>
public readonly record struct MctpRoute(Eid First, Eid Last, MctpLink? Link, Eid Gateway, int Mtu, uint Network)
{
    /// <summary>Packets sent and forwarded along the route since it was added, as far as it is the one that was matched first (gateways are not counted again).</summary>
    public long Packets { get; init; }

    /// <summary>Their bytes, headers included.</summary>
    public long Bytes { get; init; }

    /// <summary>A direct route in the network of its link.</summary>
    /// <param name="first">First EID.</param>
    /// <param name="last">Last EID.</param>
    /// <param name="link">Where the packets leave.</param>
    /// <param name="mtu">Largest packet, header included; 0 for the link's own limit.</param>
    public static MctpRoute Direct(Eid first, Eid last, MctpLink link, int mtu = 0)
    {
        ArgumentNullException.ThrowIfNull(link);
        return new(first, last, link, Eid.Null, mtu, link.Network);
    }

    /// <summary>A route through a gateway in the same network.</summary>
    /// <param name="first">First EID.</param>
    /// <param name="last">Last EID.</param>
    /// <param name="gateway">The EID that forwards for them.</param>
    /// <param name="network">The network.</param>
    /// <param name="mtu">Largest packet, header included; 0 for the limit of the way to the gateway.</param>
    public static MctpRoute Via(Eid first, Eid last, Eid gateway, uint network = 1, int mtu = 0) => new(first, last, null, gateway, mtu, network);
}
