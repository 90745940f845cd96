// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.ControlPlane;

/// <content>What follows an assignment, an allocation, an update, or a change of the links; after the answer has left.</content>
internal sealed partial class BridgeRole
{
    // Who sat behind us when we lost the pool that their EIDs came from; they get others as soon as we have some.
    private readonly Dictionary<uint, HashSet<(int Link, PhysicalAddress Address)>> _displaced = [];

    public void Start()
    {
        _controller.Links.Added += FollowLink;
        _controller.Links.Changed += FollowLinkChange;
        _controller.Links.Removed += ForgetLink;
        _controller.Endpoints.Published += FollowNewEndpoint;
        _controller.Endpoints.Removed += FollowLoss;
        foreach (ManagedLink link in _controller.Links.All) FollowLink(link);
    }

    public void Stop()
    {
        _controller.Links.Added -= FollowLink;
        _controller.Links.Changed -= FollowLinkChange;
        _controller.Links.Removed -= ForgetLink;
        _controller.Endpoints.Published -= FollowNewEndpoint;
        _controller.Endpoints.Removed -= FollowLoss;
    }

    /// <summary>A bus owner gave us an EID, or another one did: whoever we knew on that link is forgotten, and the bus owner is somebody to know.</summary>
    /// <param name="link">The link's index.</param>
    public void FollowAssignment(int link)
    {
        if (_controller.Links.Find(link)?.Host is not { } host || UpstreamOf(link) is not { Owner: { } owner } upstream) return;
        foreach (ManagedEndpoint peer in _controller.Endpoints.All.Where(peer => !peer.IsLocal && peer.Link == link && peer.Bridge is null).ToArray())
        {
            if (peer.Eid != owner.Eid || peer.Address != owner.Address) _controller.BusOwner.Removal.Forget(peer, retire: false);
        }

        FollowPool(host.Network, isForced: false);
        if (owner.Eid.IsAssignable) MeetOwner(host, owner, upstream);
        else _controller.Note(NoteSeverity.Warning, $"{host.Name}: the bus owner has no EID, so nobody above us can be reached");
    }

    /// <summary>We have a pool, or another one, or none any more: everybody behind us gets an EID of it.</summary>
    /// <param name="link">The link's index.</param>
    /// <param name="isForced">Whether all of them get new ones, even those that fit.</param>
    public void FollowAllocation(int link, bool isForced)
    {
        if (_controller.Links.Find(link) is { } found) FollowPool(found.Host.Network, isForced);
    }

    /// <summary>The routes above us changed.</summary>
    /// <param name="link">The link's index.</param>
    public void FollowRoutes(int link)
    {
        if (_controller.Links.Find(link) is not { } found) return;
        Synchronise(found.Host.Network);
        _controller.BusOwner.Updates.RoutesChanged(found.Host.Network);
    }

    private void FollowPool(uint network, bool isForced)
    {
        ManagedLink[] downstream = [.. DownstreamOf(network)];
        _controller.Allocator.SetRange(network, DynamicRange(network));
        if (!_displaced.TryGetValue(network, out HashSet<(int Link, PhysicalAddress Address)>? displaced)) _displaced.Add(network, displaced = []);
        foreach (ManagedLink link in downstream)
        {
            foreach (ManagedEndpoint peer in _controller.Endpoints.All.Where(peer => !peer.IsLocal && peer.Link == link.Host.Index && peer.Bridge is null).ToArray())
            {
                if (isForced || !Fits(network, peer)) Displace(peer, displaced);
            }
        }

        Synchronise(network);
        if (!_pools.ContainsKey(network)) return;
        Place(displaced);
        foreach (ManagedLink link in downstream) _controller.BusOwner.Discovery.Look(link);
    }

    private void Displace(ManagedEndpoint peer, HashSet<(int Link, PhysicalAddress Address)> displaced)
    {
        displaced.Add((peer.Link, peer.Address));
        _controller.BusOwner.Removal.Forget(peer, retire: false);
    }

    private void Place(HashSet<(int Link, PhysicalAddress Address)> displaced)
    {
        (int Link, PhysicalAddress Address)[] all = [.. displaced];
        displaced.Clear();
        if (all.Length != 0) _controller.Background.Run("Giving EIDs of our pool", () => Staggered.ForEachAsync(_controller.Background, all, PlaceAsync));
    }

    private async Task PlaceAsync((int Link, PhysicalAddress Address) place)
    {
        if (_controller.Links.Find(place.Link) is not { Role: LinkRole.BusOwner } link) return;
        try
        {
            await _controller.BusOwner.Setup.SetupAsync(link, place.Address);
        }
        catch (ControlPlaneException failure)
        {
            _controller.Note(NoteSeverity.Warning, $"{link.Host.Name}: whoever is at '{place.Address}' gets no EID of our pool: {failure.Message}");
        }
    }

    private bool Fits(uint network, ManagedEndpoint peer)
    {
        if (!_controller.Allocator.IsOurs(network, peer.Eid)) return false;
        return peer.HeldPool is not { } pool || (_controller.Allocator.IsOurs(network, pool.First) && _controller.Allocator.IsOurs(network, pool.Last));
    }

    private void MeetOwner(HostLink host, MctpEndPoint owner, UpstreamLink upstream) =>
        _controller.Background.Run($"{host.Name}: getting to know bus owner {owner.Eid}", () => MeetOwnerAsync(host, owner, upstream));

    private async Task MeetOwnerAsync(HostLink link, MctpEndPoint owner, UpstreamLink upstream)
    {
        int generation = upstream.Generation;
        if (_controller.Endpoints.Find(link.Network, owner.Eid) is { } known)
        {
            if (known.IsLocal)
            {
                // It may have been ours a moment ago, and the word that it went is still on its way; then we come here again.
                if (Holds(link.Network, owner.Eid)) _controller.Note(NoteSeverity.Warning, $"{link.Name}: the bus owner claims EID {owner.Eid}, which is ours");
                return;
            }

            if (known.Link != link.Index || known.Address != owner.Address) _controller.BusOwner.Removal.Forget(known, retire: false);
        }

        ManagedEndpoint? peer = _controller.Endpoints.Find(link.Network, owner.Eid);
        if (peer is null)
        {
            peer = new ManagedEndpoint(link.Network, owner.Eid, link.Index, owner.Address) { Kind = EndpointKind.BusOwnerOrBridge };
            _controller.Endpoints.Add(peer);
            try
            {
                _controller.BusOwner.Plumbing.Connect(peer);
            }
            catch
            {
                // Left in the table it would pass for somebody whom a route leads to, next time.
                _controller.BusOwner.Removal.Forget(peer, retire: false);
                throw;
            }

            Synchronise(link.Network);
        }

        // Packets find their way by now; what the bus owner is can be asked at leisure, and it may not answer at all.
        TypedAnswer<GetNetworkIdResponse> id = await _controller.Queries.AskAsync<GetNetworkIdResponse>(peer.ByRoute);
        if (upstream.Generation != generation || !_controller.Endpoints.Has(peer)) return;
        if (id.Value is { } told) _networkIds[link.Network] = told.Uuid;
        await _controller.BusOwner.Identity.LearnAsync(peer);
        if (upstream.Generation == generation && _controller.Endpoints.Has(peer)) _controller.Endpoints.Publish(peer);
    }

    private void FollowLink(ManagedLink link)
    {
        _controller.Allocator.SetRange(link.Host.Network, DynamicRange(link.Host.Network));
        Synchronise(link.Host.Network);
        AnnounceIfNew(link);
    }

    private void FollowLinkChange(ManagedLink link, HostLink before)
    {
        if (before.Network != link.Host.Network)
        {
            // An allocation is good for the network in which it was made.
            if (_pools.TryGetValue(before.Network, out BridgePool? pool) && pool.Link == link.Host.Index) _pools.Remove(before.Network);
            _routes.ForgetLink(link.Host.Index);
            _upstreams.Remove(link.Host.Index);
            FollowPool(before.Network, isForced: false);
            FollowPool(link.Host.Network, isForced: false);
        }
        else
        {
            // Nobody is above us any more on a link that is our own bus now.
            if (link.Role != LinkRole.Endpoint && _upstreams.Remove(link.Host.Index) && _pools.TryGetValue(link.Host.Network, out BridgePool? held) && held.Link == link.Host.Index)
                _pools.Remove(link.Host.Network);
            _controller.Allocator.SetRange(link.Host.Network, DynamicRange(link.Host.Network));
            Synchronise(link.Host.Network);
        }

        // Whoever was away may have been forgotten.
        if (!before.IsUp && link.Host.IsUp && link.Role == LinkRole.Endpoint && HasDiscovery(link.Host)) UpstreamOf(link.Host.Index).IsDiscovered = false;
        if (!before.IsUp || before == link.Host) AnnounceIfNew(link);
    }

    // The pool stays: those behind us go on talking to each other until somebody above us says otherwise.
    private void ForgetLink(ManagedLink link)
    {
        _upstreams.Remove(link.Host.Index);
        _routes.ForgetLink(link.Host.Index);
        Synchronise(link.Host.Network);
    }

    // Whoever was being assigned an EID while our pool changed has one of the old pool.
    private void FollowNewEndpoint(ManagedEndpoint endpoint)
    {
        FollowEndpoint(endpoint);
        uint network = endpoint.Network;
        if (endpoint.IsLocal || endpoint.Bridge is not null || _controller.Links.Find(endpoint.Link)?.Role != LinkRole.BusOwner || Fits(network, endpoint)) return;
        if (!_displaced.TryGetValue(network, out HashSet<(int Link, PhysicalAddress Address)>? displaced)) _displaced.Add(network, displaced = []);
        Displace(endpoint, displaced);
        if (_pools.ContainsKey(network)) Place(displaced);
    }

    private void FollowLoss(ManagedEndpoint endpoint)
    {
        FollowEndpoint(endpoint);
        if (!endpoint.IsLocal) return;
        foreach (UpstreamLink upstream in UpstreamsOf(endpoint.Network))
        {
            if (upstream.Owner is { } owner && owner.Eid == endpoint.Eid) MeetOwner(_controller.Links.Find(upstream.Index)!.Host, owner, upstream);
        }
    }

    private void FollowEndpoint(ManagedEndpoint endpoint)
    {
        if (DownstreamOf(endpoint.Network).Any() && UpstreamsOf(endpoint.Network).Any()) Synchronise(endpoint.Network);
    }
}
