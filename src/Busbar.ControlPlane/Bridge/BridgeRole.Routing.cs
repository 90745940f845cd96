// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.ControlPlane;

/// <content>What the system below should have: own EIDs of the pool, and ways up. Computed as a whole and applied as a difference, whatever changed.</content>
internal sealed partial class BridgeRole
{
    private const int Eids = 256;

    private readonly BridgeRoutes _routes;

    /// <summary>Brings routes, neighbours and own EIDs of a network up to date.</summary>
    /// <param name="network">The network.</param>
    public void Synchronise(uint network)
    {
        var wanted = new WantedRoutes();
        ManagedLink[] downstream = [.. DownstreamOf(network)];
        BridgePool? pool = _pools.GetValueOrDefault(network);
        foreach (UpstreamLink upstream in UpstreamsOf(network))
        {
            if (upstream.Owner is not { } owner || upstream.Assigned == Eid.Null || (pool is not null && pool.Link != upstream.Index)) continue;
            HostLink link = _controller.Links.Find(upstream.Index)!.Host;
            if (downstream.Length == 0) break;
            ShowEid(downstream, upstream.Assigned, wanted);
            LeadUp(link, owner, upstream, pool, wanted);
            break;
        }

        _routes.Apply(network, wanted);
    }

    // One EID serves on all our buses (DSP0236 allows a bridge that), so that the whole pool is there for others. A link that was given one of its own keeps that.
    private void ShowEid(ManagedLink[] downstream, Eid eid, WantedRoutes wanted)
    {
        IReadOnlyList<HostAddress> held = _controller.Host.Addresses();
        foreach (ManagedLink link in downstream)
        {
            int index = link.Host.Index;
            if (!held.Any(address => address.Link == index && !_routes.HasTaken(address))) wanted.Addresses.Add(new HostAddress(index, eid));
        }
    }

    // All that is not behind us lies above us: to the bus owner, or directly to those whose place on that bus it told us.
    private void LeadUp(HostLink link, in MctpEndPoint owner, UpstreamLink upstream, BridgePool? pool, WantedRoutes wanted)
    {
        bool[] isOurs = new bool[Eids];
        if (pool is not null) isOurs.AsSpan(pool.Pool.First.Value, pool.Pool.Count).Fill(true);
        foreach (HostAddress address in _controller.Host.Addresses()) isOurs[address.Eid.Value] = true;
        foreach (ManagedEndpoint endpoint in _controller.Endpoints.All)
        {
            if (endpoint.Network != link.Network) continue;

            // Whoever sits on a link has a route of its own; those above us behind somebody need ours.
            if (endpoint.Bridge is null || endpoint.Link != link.Index) isOurs[endpoint.Eid.Value] = true;
            if (endpoint.Link != link.Index && endpoint.Pool is { } behind) isOurs.AsSpan(behind.First.Value, behind.Count).Fill(true);
        }

        // The way to the bus owner itself comes with the record of it.
        isOurs[owner.Eid.Value] = true;
        var direct = new PhysicalAddress?[Eids];
        foreach (RoutingUpdateEntry entry in upstream.Routes.Entries)
        {
            for (int i = 0; i < entry.Count; i++)
            {
                if (entry.Address != owner.Address) direct[entry.First.Value + i] = entry.Address;
            }
        }

        bool hasAddresses = link.Address.Length != 0;
        int first = 0;
        for (int eid = 8; eid <= LastEid + 1; eid++)
        {
            // A run ends where the next EID goes another way.
            bool goesUp = eid <= LastEid && !isOurs[eid];
            bool sameWay = first != 0 && goesUp && (direct[eid] is not null) == (direct[first] is not null);
            if (first != 0 && !sameWay)
            {
                AddRun(link, owner, first, eid - 1, hasAddresses && direct[first] is null, wanted);
                first = 0;
            }

            if (!goesUp) continue;
            if (first == 0) first = eid;
            if (hasAddresses && direct[eid] is { Length: not 0 } place) wanted.Neighbours.Add(new HostNeighbour(link.Index, new Eid((byte)eid), place));
        }
    }

    private static void AddRun(HostLink link, in MctpEndPoint owner, int first, int last, bool viaOwner, WantedRoutes wanted)
    {
        var from = new Eid((byte)first);
        var to = new Eid((byte)last);

        // What lies between is unknown, and only the least is carried by everybody.
        if (!viaOwner) wanted.Routes.Add(HostRoute.Direct(from, to, link, link.MinimumMtu));
        else if (owner.Eid.IsAssignable) wanted.Routes.Add(HostRoute.Via(from, to, owner.Eid, link.Network, link.MinimumMtu));
    }
}
