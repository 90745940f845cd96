// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.ControlPlane.Tests;

/// <summary>A system made of tables, with <see cref="FakePeer"/>s on its links. Answers come in a later turn of the context.</summary>
internal sealed class FakeHost : IMctpHost
{
    private readonly ManualContext _context;
    private readonly TimeProvider _time;
    private readonly SortedDictionary<int, HostLink> _links = [];
    private readonly List<HostAddress> _addresses = [];
    private readonly List<HostRoute> _routes = [];
    private readonly List<HostNeighbour> _neighbours = [];
    private readonly HashSet<FakeExchange> _open = [];

    public FakeHost(ManualContext context, TimeProvider time) => (_context, _time) = (context, time);

    public event Action<HostChange>? Changed;

    public event ControlRequestHandler? RequestArrived;

    /// <summary>Everybody on the links.</summary>
    public List<FakePeer> Peers { get; } = [];

    /// <summary>Asked before each change; throws what the change is to fail with.</summary>
    public Action<string>? Refuse { get; set; }

    /// <summary>Exchanges that were not disposed.</summary>
    public int OpenExchanges => _open.Count;

    /// <summary>The most requests that one responder had to answer at once.</summary>
    public int MostOpenPerResponder { get; private set; }

    /// <summary>Answers that the control plane gave.</summary>
    public List<(ControlRequest Request, byte[] Body)> Replies { get; } = [];

    public HostLink AddLink(int index, uint network = 1, byte[]? address = null, PhysicalBinding binding = PhysicalBinding.Smbus, string? name = null, bool isUp = true)
    {
        var link = new HostLink(index, name ?? $"mctp{index - 1}", network, new PhysicalAddress(address ?? [0x10]), 254, 68, 254, isUp, binding);
        _links.Add(index, link);
        Raise(new HostChange(HostChangeKind.LinkAdded, link));
        return link;
    }

    public void RemoveLink(int index)
    {
        HostLink link = _links[index];
        _addresses.RemoveAll(address => address.Link == index);
        _routes.RemoveAll(route => route.Link == index);
        _neighbours.RemoveAll(neighbour => neighbour.Link == index);
        _links.Remove(index);
        Raise(new HostChange(HostChangeKind.LinkRemoved, link));
    }

    public void ChangeLink(int index, Func<HostLink, HostLink> change)
    {
        _links[index] = change(_links[index]);
        for (int i = 0; i < _routes.Count; i++)
        {
            if (_routes[i].Link == index) _routes[i] = _routes[i] with { Network = _links[index].Network };
        }

        Raise(new HostChange(HostChangeKind.LinkChanged, _links[index]));
    }

    public FakePeer AddPeer(FakePeer peer)
    {
        Peers.Add(peer);
        return peer;
    }

    public void Arrive(in ControlRequest request, ReadOnlySpan<byte> body) => RequestArrived?.Invoke(request, body);

    public IReadOnlyList<HostLink> Links() => [.. _links.Values];

    public IReadOnlyList<HostAddress> Addresses() => [.. _addresses];

    public IReadOnlyList<HostRoute> Routes() => [.. _routes];

    public IReadOnlyList<HostNeighbour> Neighbours() => [.. _neighbours];

    public void SetLink(int link, bool? isUp = null, int? mtu = null, uint? network = null) => ChangeLink(
        link, old => old with { IsUp = isUp ?? old.IsUp, Mtu = mtu ?? old.Mtu, Network = network ?? old.Network });

    public void AddAddress(int link, Eid eid)
    {
        Refuse?.Invoke("AddAddress");
        _addresses.Add(new HostAddress(link, eid));
        Raise(new HostChange(HostChangeKind.AddressAdded, _links[link], eid));
    }

    public void RemoveAddress(int link, Eid eid)
    {
        Refuse?.Invoke("RemoveAddress");
        if (!_addresses.Remove(new HostAddress(link, eid))) throw new HostException(HostError.NotFound, "no such address");
        Raise(new HostChange(HostChangeKind.AddressRemoved, _links[link], eid));
    }

    public void AddRoute(in HostRoute route)
    {
        Refuse?.Invoke("AddRoute");
        if (IndexOf(route) >= 0) throw new HostException(HostError.Exists, "the route is there already");
        _routes.Insert(0, route);
    }

    public void RemoveRoute(in HostRoute route)
    {
        Refuse?.Invoke("RemoveRoute");
        int index = IndexOf(route);
        if (index < 0) throw new HostException(HostError.NotFound, "no such route");
        _routes.RemoveAt(index);
    }

    public void AddNeighbour(in HostNeighbour neighbour)
    {
        Refuse?.Invoke("AddNeighbour");
        (int link, Eid eid) = (neighbour.Link, neighbour.Eid);
        if (_neighbours.Exists(known => known.Link == link && known.Eid == eid)) throw new HostException(HostError.Exists, "the neighbour is there already");
        _neighbours.Add(neighbour);
    }

    public void RemoveNeighbour(int link, Eid eid)
    {
        Refuse?.Invoke("RemoveNeighbour");
        if (_neighbours.RemoveAll(known => known.Link == link && known.Eid == eid) == 0) throw new HostException(HostError.NotFound, "no such neighbour");
    }

    // Every change is told as it is made.
    public void TakeChanges()
    {
    }

    public bool Reply(in ControlRequest request, ReadOnlySpan<byte> body)
    {
        Replies.Add((request, body.ToArray()));
        return true;
    }

    public IControlExchange Open(in MctpEndPoint to)
    {
        Refuse?.Invoke("Open");
        var exchange = new FakeExchange(this, to);
        _open.Add(exchange);
        return exchange;
    }

    internal void Closed(FakeExchange exchange) => _open.Remove(exchange);

    internal SendStatus Deliver(FakeExchange exchange, MctpEndPoint to, byte[] request)
    {
        if (to.IsExtended && !_links.ContainsKey(to.Link)) return SendStatus.NoLink;
        if (to.IsExtended && to.Eid == Eid.Broadcast)
        {
            foreach (FakePeer peer in Peers.Where(peer => peer.Link == to.Link).ToArray()) Carry(exchange, peer, to, request);
            return SendStatus.Ok;
        }

        if (to.IsExtended)
        {
            Carry(exchange, Peers.Find(peer => peer.IsPresent && peer.Link == to.Link && peer.Address == to.Address), to, request);
            return SendStatus.Ok;
        }

        if (!TryRoute(to.Network, to.Eid, out FakePeer? reached)) return SendStatus.NoRoute;
        Carry(exchange, reached, to, request);
        return SendStatus.Ok;
    }

    // Tests call from outside; what the control plane begins then must still go on in its context.
    private void Raise(HostChange change)
    {
        SynchronizationContext? before = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(_context);
        try
        {
            Changed?.Invoke(change);
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }
    }

    private int IndexOf(HostRoute route) => _routes.FindIndex(known =>
        known.First == route.First && known.Last == route.Last && known.Link == route.Link && known.Gateway == route.Gateway
        && (known.Network == route.Network || known.Link != 0));

    private bool TryRoute(uint network, Eid eid, out FakePeer? peer)
    {
        peer = null;
        HostRoute route = _routes.Find(route => route.Network == network && route.First.Value <= eid.Value && eid.Value <= route.Last.Value);
        if (route.Gateway != Eid.Null)
        {
            if (!TryRoute(network, route.Gateway, out FakePeer? bridge)) return false;
            peer = bridge is null ? null : Forward(bridge, eid);
            return true;
        }

        if (route.Link == 0) return false;
        bool hasAddresses = _links[route.Link].Address.Length != 0;
        PhysicalAddress address = _neighbours.Find(known => known.Link == route.Link && known.Eid == eid).Address;
        FakePeer? there = Peers.Find(known => known.IsPresent && known.Link == route.Link && (!hasAddresses || known.Address == address));
        peer = there is null ? null : there.Eid == eid ? there : Forward(there, eid);
        return true;
    }

    private static FakePeer? Forward(FakePeer bridge, Eid eid)
    {
        foreach (FakePeer behind in bridge.Behind.Where(static behind => behind.IsPresent))
        {
            if (behind.Eid == eid) return behind;
            if (Forward(behind, eid) is { } deeper) return deeper;
        }

        return null;
    }

    private void Carry(FakeExchange exchange, FakePeer? peer, MctpEndPoint to, byte[] request)
    {
        if (peer is not { IsPresent: true }) return;
        peer.OpenRequests++;
        MostOpenPerResponder = Math.Max(MostOpenPerResponder, peer.OpenRequests);
        byte[]? answer = peer.Handle(request);
        if (answer is null)
        {
            peer.OpenRequests--;
            return;
        }

        if (peer.Delay == TimeSpan.Zero)
        {
            _context.Post(Bring);
            return;
        }

        _time.CreateTimer(_ => Bring(), state: null, peer.Delay, Timeout.InfiniteTimeSpan);

        void Bring()
        {
            peer.OpenRequests--;
            if (exchange.IsDisposed) return;
            Eid from = to.IsExtended ? peer.Eid : to.Eid;
            exchange.Answered?.Invoke(new MctpEndPoint(from, MessageType.Control, default, to.Network, peer.Link, peer.Address), answer);
        }
    }
}
