// SPDX-License-Identifier: Apache-2.0
using Busbar.ControlPlane;
using Busbar.Mctp;

namespace Busbar.Cli;

/// <summary>
/// Makes a tree of what the kernel knows: its links, its own EIDs, and the routes as endpoints and ranges below them, those through a gateway below the gateway. Nobody is asked
/// anything.
/// </summary>
internal sealed class KernelTree
{
    private const string Routed = "routed";

    private readonly IReadOnlyList<HostLink> _links;
    private readonly HostRoute[] _routes;
    private readonly ILookup<int, HostAddress> _addresses;
    private readonly IReadOnlyList<HostNeighbour> _neighbours;

    private KernelTree(IMctpConfiguration kernel)
    {
        _links = kernel.Links();
        _addresses = kernel.Addresses().ToLookup(address => address.Link);
        _routes = [.. kernel.Routes().Where(route => !route.IsLocal)];
        _neighbours = kernel.Neighbours();
    }

    /// <summary>Makes it.</summary>
    /// <param name="kernel">What is asked for the tables.</param>
    /// <param name="network">Only this network; null for all.</param>
    public static TreeReport Build(IMctpConfiguration kernel, uint? network)
    {
        var tree = new KernelTree(kernel);
        IEnumerable<uint> numbers = tree._links.Select(link => link.Network).Concat(tree._routes.Select(route => route.Network)).Where(number => number != 0).Distinct().Order();
        return new TreeReport { Ok = true, System = "kernel", Networks = [.. numbers.Where(number => network is null || number == network).Select(tree.Network)] };
    }

    private TreeNetwork Network(uint number)
    {
        HostRoute[] gateways = [.. _routes.Where(route => route.Link == 0 && route.Network == number)];
        var placed = new HashSet<HostRoute>();
        TreeLink[] links = [.. _links.Where(link => link.Network == number).Select(link => Link(link, gateways, placed))];
        TreeRange[] stray = [.. gateways.Where(route => !placed.Contains(route)).Select(route => Range(route) with { Gateway = route.Gateway == Eid.Null ? null : route.Gateway.Value })];
        return new TreeNetwork { Network = number, Links = links, Unreachable = stray.Length == 0 ? null : stray };
    }

    private TreeLink Link(HostLink link, HostRoute[] gateways, HashSet<HostRoute> placed)
    {
        HostRoute[] direct = [.. _routes.Where(route => route.Link == link.Index)];
        var endpoints = new List<TreeEndpoint>();
        foreach (HostRoute route in direct.Where(route => route.First == route.Last)) endpoints.Add(Endpoint(route.First, route.Mtu, link, gateways, placed));

        // A gateway may be one of a range.
        foreach (Eid gateway in gateways.Select(route => route.Gateway).Distinct())
        {
            if (endpoints.All(endpoint => endpoint.Eid != gateway.Value) && direct.Any(route => Covers(route, gateway)))
                endpoints.Add(Endpoint(gateway, 0, link, gateways, placed));
        }

        TreeRange[] ranges = [.. direct.Where(route => route.First != route.Last).Select(Range)];
        return new TreeLink
        {
            Name = link.Name,
            Index = link.Index,
            Binding = Names.Binding(link.Binding),
            Up = link.IsUp,
            Mtu = link.Mtu,
            Address = link.Address.Length == 0 ? null : link.Address.ToString(),
            LocalEids = [.. _addresses[link.Index].Select(address => (int)address.Eid.Value)],
            Endpoints = endpoints,
            Ranges = ranges.Length == 0 ? null : ranges,
        };
    }

    // Routes that name each other as gateways end where one comes up a second time.
    private TreeEndpoint Endpoint(Eid eid, int mtu, HostLink link, HostRoute[] gateways, HashSet<HostRoute> placed)
    {
        HostRoute[] through = [.. gateways.Where(route => route.Gateway == eid && placed.Add(route))];
        TreeEndpoint[] behind = [.. through.Where(route => route.First == route.Last).Select(route => Endpoint(route.First, route.Mtu, link, gateways, placed))];
        TreeRange[] holds = [.. through.Where(route => route.First != route.Last).Select(Range)];
        PhysicalAddress address = _neighbours.FirstOrDefault(neighbour => neighbour.Link == link.Index && neighbour.Eid == eid).Address;
        return new TreeEndpoint
        {
            Eid = eid.Value,
            Bridge = through.Length != 0,
            State = Routed,
            Address = address.Length == 0 ? null : address.ToString(),
            Types = [],
            Mtu = mtu == 0 ? null : mtu,
            Holds = holds.Length == 0 ? null : holds,
            Behind = behind.Length == 0 ? null : behind,
        };
    }

    private static bool Covers(in HostRoute route, Eid eid) => route.First.Value <= eid.Value && eid.Value <= route.Last.Value;

    private static TreeRange Range(HostRoute route) => new(route.First.Value, route.Last.Value, Mtu: route.Mtu == 0 ? null : route.Mtu);
}
