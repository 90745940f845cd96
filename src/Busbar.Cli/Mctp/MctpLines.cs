// SPDX-License-Identifier: Apache-2.0
using Busbar.ControlPlane;
using Busbar.Mctp;

namespace Busbar.Cli;

/// <summary>The lines by which mctp(1) shows links, EIDs, routes and neighbours; scripts read them, so nothing about them may change.</summary>
internal static class MctpLines
{
    /// <summary>A link: name, index, address, network, MTU, state.</summary>
    public static string Link(HostLink link) =>
        $"dev {link.Name} index {link.Index} address {Address(link.Address)} net {link.Network} mtu {link.Mtu} {(link.IsUp ? "up" : "down")}";

    /// <summary>An EID of this system.</summary>
    /// <param name="address">The EID.</param>
    /// <param name="links">Where its link is looked up.</param>
    public static string Local(in HostAddress address, IReadOnlyList<HostLink> links) =>
        $"eid {address.Eid} net {NetworkOf(address.Link, links)} dev {NameOf(address.Link, links)}";

    /// <summary>A route, whose MTU 0 means the link's own.</summary>
    /// <param name="route">The route.</param>
    /// <param name="links">Where its link is looked up.</param>
    public static string Route(in HostRoute route, IReadOnlyList<HostLink> links)
    {
        string range = $"eid min {route.First} max {route.Last}";
        if (route.Link != 0)
        {
            return $"{range} net {NetworkOf(route, links)} dev {NameOf(route.Link, links)} mtu {route.Mtu}";
        }

        return route.Gateway == Eid.Null
            ? $"{range} <invalid dst!> mtu {route.Mtu}"
            : $"{range} net {route.Network} gw {route.Gateway} mtu {route.Mtu}";
    }

    /// <summary>A neighbour.</summary>
    /// <param name="neighbour">The neighbour.</param>
    /// <param name="links">Where its link is looked up.</param>
    public static string Neighbour(in HostNeighbour neighbour, IReadOnlyList<HostLink> links) =>
        $"eid {neighbour.Eid} net {NetworkOf(neighbour.Link, links)} dev {NameOf(neighbour.Link, links)} lladdr {Address(neighbour.Address)}";

    /// <summary>A physical address: <c>0x1d</c> when it has one byte, <c>07:ec:80</c> when it has more, <c>none</c>.</summary>
    public static string Address(in PhysicalAddress address) => address.Length switch
    {
        0 => "none",
        1 => "0x" + address,
        _ => address.ToString(),
    };

    /// <summary>A link's name; its index with a # when the link has gone since.</summary>
    public static string NameOf(int index, IReadOnlyList<HostLink> links) => Find(index, links)?.Name ?? $"#{index}";

    /// <summary>A route's network: its own, or its link's.</summary>
    public static uint NetworkOf(in HostRoute route, IReadOnlyList<HostLink> links) =>
        route.Network != 0 || route.Link == 0 ? route.Network : NetworkOf(route.Link, links);

    /// <summary>A link's network; 0 when the link has gone since.</summary>
    public static uint NetworkOf(int index, IReadOnlyList<HostLink> links) => Find(index, links)?.Network ?? 0;

    private static HostLink? Find(int index, IReadOnlyList<HostLink> links)
    {
        foreach (HostLink link in links)
        {
            if (link.Index == index) return link;
        }

        return null;
    }
}
