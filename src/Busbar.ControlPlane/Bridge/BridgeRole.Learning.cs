// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.ControlPlane;

/// <content>Routes: what a bus owner above us tells, and the way to an EID.</content>
internal sealed partial class BridgeRole
{
    /// <summary>Takes in a Routing Information Update. Entries that contradict what we have from elsewhere are left out: what one bus says changes nothing about another.</summary>
    /// <param name="request">The request.</param>
    /// <param name="entries">Its entries.</param>
    public RoutingUpdateOutcome Learn(in ControlRequest request, IReadOnlyList<RoutingUpdateEntry> entries)
    {
        HostLink host = _controller.Links.Find(request.From.Link)!.Host;
        UpstreamLink upstream = UpstreamOf(request.From.Link);
        if (upstream.Owner is not { } owner || owner.Address != request.From.Address || owner.Eid != request.From.Eid)
        {
            _controller.Note(NoteSeverity.Warning, $"{host.Name}: routing information of {request.From.Eid}, who is not our bus owner there, is ignored");
            return RoutingUpdateOutcome.NotFromOwner;
        }

        foreach (RoutingUpdateEntry entry in entries)
        {
            if (!LearnedRoutes.IsPlausible(entry) || entry.Address.Length != host.Address.Length) return RoutingUpdateOutcome.Nonsense;
        }

        foreach (RoutingUpdateEntry entry in entries)
        {
            if (IsForeign(host, new EidPool(entry.First, entry.Count), upstream)) upstream.Routes.Replace(entry);
            else _controller.Note(NoteSeverity.Warning, $"{host.Name}: the bus owner's route to {entry.First} and {entry.Count - 1} more is ignored, those are not on its side");
        }

        return RoutingUpdateOutcome.Taken;
    }

    /// <summary>The ranges above us that our bus owner told us, without those that we have a record of ourselves.</summary>
    /// <param name="network">The network.</param>
    public IEnumerable<RoutingUpdateEntry> Above(uint network) =>
        UpstreamsOf(network).SelectMany(static upstream => upstream.Routes.Entries).Where(entry => _controller.Endpoints.Find(network, entry.First) is null);

    /// <summary>Finds the next station on the way to an EID.</summary>
    /// <param name="network">The network.</param>
    /// <param name="eid">The EID.</param>
    /// <param name="hop">The station.</param>
    /// <returns>False when nothing is known about it.</returns>
    public bool TryFindHop(uint network, Eid eid, out Hop hop)
    {
        hop = default;
        if (!eid.IsAssignable) return false;
        if (_controller.Endpoints.Find(network, eid) is { IsLocal: true } own)
        {
            hop = new Hop(eid, own.Link, _controller.Links.Find(own.Link)?.Host.Address ?? default, 0, IsLocal: true);
            return true;
        }

        ManagedEndpoint? found = _controller.Endpoints.Find(network, eid) ?? _controller.Endpoints.PoolOwner(network, eid);
        if (found is not null)
        {
            // Bridges behind bridges: the first one on the way is on a link of ours. The depth is bounded should a table ever name a bridge as its own.
            for (int depth = 0; found.Bridge is { } bridge && depth < byte.MaxValue; depth++) found = bridge;
            hop = new Hop(found.Eid, found.Link, found.Address, found.Mtu, IsLocal: false);
            return true;
        }

        return TryFindUpstream(network, eid, out hop);
    }

    private bool TryFindUpstream(uint network, Eid eid, out Hop hop)
    {
        hop = default;
        if (_pools.TryGetValue(network, out BridgePool? pool) && pool.Pool.Contains(eid)) return false;
        foreach (UpstreamLink upstream in UpstreamsOf(network))
        {
            if (upstream.Owner is not { } owner) continue;
            foreach (RoutingUpdateEntry entry in upstream.Routes.Entries)
            {
                if (!new EidPool(entry.First, entry.Count).Contains(eid)) continue;

                // For a range behind another bridge the station is that bridge; its EID is known when it is the range's first.
                Eid next = entry.Kind == RoutingEntryKind.RangeWithBridge ? entry.First : entry.Address == owner.Address ? owner.Eid : eid;
                hop = new Hop(next, upstream.Index, entry.Address, 0, IsLocal: false);
                return true;
            }

            if (owner.Eid != eid) continue;
            hop = new Hop(eid, upstream.Index, owner.Address, 0, IsLocal: false);
            return true;
        }

        return false;
    }

    // Neither ours, nor behind us, nor learned from another bus.
    private bool IsForeign(HostLink link, EidPool range, UpstreamLink from)
    {
        if (_pools.TryGetValue(link.Network, out BridgePool? pool) && pool.Pool.Overlaps(range)) return false;
        foreach (ManagedEndpoint endpoint in _controller.Endpoints.All)
        {
            if (endpoint.Network != link.Network || !range.Contains(endpoint.Eid)) continue;
            if (endpoint.IsLocal || endpoint.Link != link.Index) return false;
        }

        foreach (UpstreamLink other in UpstreamsOf(link.Network))
        {
            if (!ReferenceEquals(other, from) && other.Routes.Entries.Any(entry => new EidPool(entry.First, entry.Count).Overlaps(range))) return false;
        }

        return true;
    }
}
