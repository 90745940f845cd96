// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <summary>
/// One MCTP network: its EIDs, routes and neighbours, and the array of 256 destinations that the packet path reads. Changes rebuild the
/// array; they are rare, look-ups are not.
/// </summary>
internal sealed class MctpNetwork
{
    // As deep as Linux follows gateways; a longer chain is a loop or as bad as one.
    private const int DeepestGateway = 32;

    private readonly Destination?[] _destinations = new Destination?[256];
    private readonly bool[] _accepts = new bool[256];
    private readonly List<LinkPort> _ports = [];
    private readonly List<MctpRoute> _routes = [];
    private readonly List<MctpNeighbour> _neighbours = [];

    public MctpNetwork(uint id, TagTable tags)
    {
        Id = id;
        Tags = new NetworkTags(tags);
        AcceptOwnAddresses();
    }

    public uint Id { get; }

    public NetworkTags Tags { get; }

    /// <summary>Newest first, the order in which they are tried.</summary>
    public IReadOnlyList<MctpRoute> Routes => _routes;

    public IReadOnlyList<MctpNeighbour> Neighbours => _neighbours;

    public Destination? Find(Eid eid) => _destinations[eid.Value];

    /// <summary>True for our own EIDs on any link of the network, and for the null and broadcast EIDs.</summary>
    public bool Accepts(int destination) => _accepts[destination];

    public void Add(LinkPort port)
    {
        _ports.Add(port);
        Rebuild();
    }

    public void Remove(LinkPort port)
    {
        _ports.Remove(port);
        _routes.RemoveAll(route => ReferenceEquals(route.Link, port.Link));
        _neighbours.RemoveAll(neighbour => ReferenceEquals(neighbour.Link, port.Link));
        Rebuild();
    }

    public RouteStatus Add(in MctpRoute route)
    {
        bool direct = route.Link is not null;
        if (!route.First.IsAssignable || !route.Last.IsAssignable || route.Last.Value < route.First.Value) return RouteStatus.Invalid;
        if (route.Mtu != 0 && route.Mtu < MctpLink.MinimumMtu) return RouteStatus.Invalid;
        if (direct == route.Gateway.IsAssignable) return RouteStatus.Invalid;
        if (direct && PortOf(route.Link!) is null) return RouteStatus.NoNetwork;
        foreach (MctpRoute old in _routes)
        {
            if (old.First == route.First && old.Last == route.Last) return RouteStatus.Exists;
        }

        _routes.Insert(0, route);
        Rebuild();
        return RouteStatus.Ok;
    }

    public bool RemoveRoute(Eid first, Eid last)
    {
        if (_routes.RemoveAll(route => route.First == first && route.Last == last) == 0) return false;
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
        for (int eid = 0; eid < _destinations.Length; eid++) _destinations[eid] = Resolve(new Eid((byte)eid));
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

    private Destination? Resolve(Eid target)
    {
        int mtu = int.MaxValue;
        Eid hop = target;
        for (int depth = 0; depth < DeepestGateway; depth++)
        {
            if (!TryFindRoute(hop, out MctpRoute route)) return null;
            if (route.Mtu != 0) mtu = Math.Min(mtu, route.Mtu);
            if (route.Link is not null)
            {
                LinkPort port = PortOf(route.Link)!;
                return new Destination(port, target, AddressOf(route.Link, hop), mtu, hop != target);
            }

            hop = route.Gateway;
        }

        return null;
    }

    // The newest matching route wins, whether it is a single EID or a range, as in Linux.
    private bool TryFindRoute(Eid eid, out MctpRoute found)
    {
        foreach (MctpRoute route in _routes)
        {
            if (eid.Value < route.First.Value || eid.Value > route.Last.Value) continue;
            found = route;
            return true;
        }

        found = default;
        return false;
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
