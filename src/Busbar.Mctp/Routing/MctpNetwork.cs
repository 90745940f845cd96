// SPDX-License-Identifier: Apache-2.0
using System.Runtime.CompilerServices;

namespace Busbar.Mctp;

/// <summary>
/// One MCTP network: its EIDs, routes and neighbours, and the table of destinations that the packet path reads. Changes empty the
/// table, and the first look-up of an EID fills its place again: changes are rare, look-ups are not, and most EIDs are never asked for.
/// </summary>
internal sealed class MctpNetwork
{
    // As deep as Linux follows gateways; a longer chain is a loop or as bad as one.
    private const int DeepestGateway = 32;

    // The one for all EIDs without a route among them, there are at most as many as a byte can tell apart.
    private const int FirstDestinations = 4;
    private const int NonePlace = 1;

    // For each EID a place among the destinations that were asked for; place 0 is for all others.
    private readonly byte[] _places = new byte[256];
    private Destination?[] _destinations = new Destination?[FirstDestinations];
    private int _known;
    private readonly bool[] _accepts = new bool[256];
    private readonly List<LinkPort> _ports = [];
    private readonly List<RouteEntry> _routes = [];
    private readonly List<MctpNeighbour> _neighbours = [];

    public MctpNetwork(uint id, TagTable tags)
    {
        Id = id;
        Tags = new NetworkTags(tags);
        Rebuild();
    }

    public uint Id { get; }

    public NetworkTags Tags { get; }

    /// <summary>Newest first, the order in which they are tried.</summary>
    public IReadOnlyList<MctpRoute> Routes => [.. _routes.Select(entry => entry.Read())];

    public IReadOnlyList<MctpNeighbour> Neighbours => _neighbours;

    public Destination? Find(Eid eid)
    {
        Destination found = _destinations[_places[eid.Value]] ?? Look(eid);
        return ReferenceEquals(found, Destination.None) ? null : found;
    }

    /// <summary>True for our own EIDs on any link of the network, and for the null and broadcast EIDs.</summary>
    public bool Accepts(int destination) => _accepts[destination];

    /// <summary>True when neither a link nor a route is left.</summary>
    public bool IsEmpty => _ports.Count + _routes.Count == 0;

    public void Add(LinkPort port)
    {
        _ports.Add(port);
        Rebuild();
    }

    public void Remove(LinkPort port)
    {
        _ports.Remove(port);
        _routes.RemoveAll(entry => ReferenceEquals(entry.Route.Link, port.Link));
        _neighbours.RemoveAll(neighbour => ReferenceEquals(neighbour.Link, port.Link));
        Rebuild();
    }

    /// <summary>True when a direct route of a link has the range of one of another network's routes.</summary>
    public bool HasRouteOf(LinkPort port, MctpNetwork other) =>
        _routes.Exists(entry => ReferenceEquals(entry.Route.Link, port.Link) && other.HasRoute(entry.Route.First, entry.Route.Last));

    /// <summary>Moves a link to another network, with its direct routes, their counters, and its neighbours.</summary>
    public void Move(LinkPort port, MctpNetwork other)
    {
        List<RouteEntry> routes = _routes.FindAll(entry => ReferenceEquals(entry.Route.Link, port.Link));
        List<MctpNeighbour> neighbours = _neighbours.FindAll(neighbour => ReferenceEquals(neighbour.Link, port.Link));
        Remove(port);
        port.Network = other;
        foreach (RouteEntry entry in routes) entry.Route = entry.Route with { Network = other.Id };
        other._routes.InsertRange(0, routes);
        other._neighbours.AddRange(neighbours);
        other.Add(port);
    }

    public RouteStatus Add(in MctpRoute route)
    {
        bool direct = route.Link is not null;
        if (!route.First.IsAssignable || !route.Last.IsAssignable || route.Last.Value < route.First.Value) return RouteStatus.Invalid;
        if (route.Mtu != 0 && route.Mtu < MctpLink.MinimumMtu) return RouteStatus.Invalid;
        if (direct == route.Gateway.IsAssignable) return RouteStatus.Invalid;
        if (direct && PortOf(route.Link!) is null) return RouteStatus.NoNetwork;
        if (HasRoute(route.First, route.Last)) return RouteStatus.Exists;
        _routes.Insert(0, new RouteEntry(route with { Packets = 0, Bytes = 0 }));
        Rebuild();
        return RouteStatus.Ok;
    }

    public bool RemoveRoute(Eid first, Eid last)
    {
        if (_routes.RemoveAll(entry => entry.Route.First == first && entry.Route.Last == last) == 0) return false;
        Rebuild();
        return true;
    }

    public void SetNeighbour(in MctpNeighbour neighbour)
    {
        RemoveNeighbourEntry(neighbour.Link, neighbour.Eid);
        _neighbours.Add(neighbour);
        Rebuild();
    }

    public bool RemoveNeighbour(MctpLink link, Eid eid)
    {
        if (!RemoveNeighbourEntry(link, eid)) return false;
        Rebuild();
        return true;
    }

    public void ForgetLearned(MctpLink link)
    {
        if (_neighbours.RemoveAll(neighbour => neighbour.IsLearned && ReferenceEquals(neighbour.Link, link)) != 0) Rebuild();
    }

    /// <summary>Brings the look-up arrays up to date after a change of links, addresses, routes or neighbours.</summary>
    public void Rebuild()
    {
        AcceptOwnAddresses();
        Array.Clear(_places);
        Array.Clear(_destinations);
        _destinations[NonePlace] = Destination.None;
        _known = NonePlace;
    }

    private void AcceptOwnAddresses()
    {
        Array.Clear(_accepts);
        _accepts[Eid.Null.Value] = true;
        _accepts[Eid.Broadcast.Value] = true;
        foreach (LinkPort port in _ports)
        {
            foreach (Eid eid in port.Addresses) _accepts[eid.Value] = true;
        }
    }

    private bool HasRoute(Eid first, Eid last)
    {
        foreach (RouteEntry entry in _routes)
        {
            if (entry.Route.First == first && entry.Route.Last == last) return true;
        }

        return false;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private Destination Look(Eid eid)
    {
        Destination found = Resolve(eid);
        if (ReferenceEquals(found, Destination.None))
        {
            _places[eid.Value] = NonePlace;
            return found;
        }

        if (++_known == _destinations.Length) Array.Resize(ref _destinations, _known * 2);
        _destinations[_known] = found;
        _places[eid.Value] = (byte)_known;
        return found;
    }

    private Destination Resolve(Eid target)
    {
        RouteEntry? first = null;
        int mtu = int.MaxValue;
        Eid hop = target;
        for (int depth = 0; depth < DeepestGateway; depth++)
        {
            if (FindRoute(hop) is not { } entry) return Destination.None;
            first ??= entry;
            MctpRoute route = entry.Route;
            if (route.Mtu != 0) mtu = Math.Min(mtu, route.Mtu);
            if (route.Link is not null)
            {
                LinkPort port = PortOf(route.Link)!;
                return new Destination(port, first, target, AddressOf(route.Link, hop), mtu, hop != target);
            }

            hop = route.Gateway;
        }

        return Destination.None;
    }

    // The newest matching route wins, whether it is a single EID or a range, as in Linux.
    private RouteEntry? FindRoute(Eid eid)
    {
        foreach (RouteEntry entry in _routes)
        {
            if (eid.Value >= entry.Route.First.Value && eid.Value <= entry.Route.Last.Value) return entry;
        }

        return null;
    }

    private PhysicalAddress AddressOf(MctpLink link, Eid eid)
    {
        foreach (MctpNeighbour neighbour in _neighbours)
        {
            if (neighbour.Eid == eid && ReferenceEquals(neighbour.Link, link)) return neighbour.Address;
        }

        return default;
    }

    private LinkPort? PortOf(MctpLink link) => _ports.Find(port => ReferenceEquals(port.Link, link));

    private bool RemoveNeighbourEntry(MctpLink link, Eid eid) =>
        _neighbours.RemoveAll(neighbour => neighbour.Eid == eid && ReferenceEquals(neighbour.Link, link)) != 0;
}
