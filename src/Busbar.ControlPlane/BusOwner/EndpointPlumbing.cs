// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.ControlPlane;

/// <summary>The routes and neighbours that lead to endpoints. What it adds it can take away again.</summary>
internal sealed class EndpointPlumbing
{
    private readonly NetworkController _controller;

    public EndpointPlumbing(NetworkController controller) => _controller = controller;

    /// <summary>Makes an endpoint on a link reachable by its EID, with the packet size that every endpoint there must take.</summary>
    /// <param name="endpoint">The endpoint.</param>
    public void Connect(ManagedEndpoint endpoint)
    {
        HostLink link = LinkOf(endpoint);
        endpoint.Mtu = link.MinimumMtu;
        if (endpoint.Address.Length != 0) AddNeighbour(endpoint, new HostNeighbour(link.Index, endpoint.Eid, endpoint.Address));
        AddRoute(endpoint, HostRoute.Direct(endpoint.Eid, endpoint.Eid, link, endpoint.Mtu));
    }

    /// <summary>Makes those behind a bridge reachable.</summary>
    /// <param name="bridge">The bridge.</param>
    /// <param name="pool">Its pool.</param>
    public void ConnectPool(ManagedEndpoint bridge, EidPool pool) => AddRoute(bridge, HostRoute.Via(pool.First, pool.Last, bridge.Eid, bridge.Network));

    /// <summary>Takes the routes to a bridge's pool away.</summary>
    /// <param name="bridge">The bridge.</param>
    public void DisconnectPool(ManagedEndpoint bridge)
    {
        foreach (HostRoute route in bridge.Routes.Where(static route => route.Gateway != Eid.Null).ToArray()) RemoveRoute(bridge, route);
    }

    /// <summary>Takes everything away that leads to an endpoint. Never fails; what cannot be removed is noted.</summary>
    /// <param name="endpoint">The endpoint.</param>
    public void Disconnect(ManagedEndpoint endpoint)
    {
        for (int i = endpoint.Routes.Count - 1; i >= 0; i--) RemoveRoute(endpoint, endpoint.Routes[i]);
        if (endpoint.Neighbour is not { } neighbour) return;
        endpoint.Neighbour = null;
        Attempt(() => _controller.Host.RemoveNeighbour(neighbour.Link, neighbour.Eid), $"The neighbour {neighbour.Eid} could not be removed");
    }

    /// <summary>Sets the packet size of the route to an endpoint.</summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="mtu">Bytes, header included; 0 for the link's own.</param>
    public void SetMtu(ManagedEndpoint endpoint, int mtu)
    {
        // The route of a pool of one leads to that one alone; a second would be the same.
        ManagedEndpoint holder = endpoint.Bridge is { } front && front.Routes.Exists(route => LeadsOnlyTo(route, endpoint)) ? front : endpoint;
        int index = holder.Routes.FindIndex(route => LeadsOnlyTo(route, endpoint));
        HostRoute old = index >= 0 ? holder.Routes[index] : default;
        HostRoute now = index >= 0 ? old with { Mtu = mtu }
            : endpoint.Bridge is { } bridge ? HostRoute.Via(endpoint.Eid, endpoint.Eid, bridge.Eid, endpoint.Network, mtu)
            : HostRoute.Direct(endpoint.Eid, endpoint.Eid, LinkOf(endpoint), mtu);
        if (index >= 0) RemoveRoute(holder, old);
        try
        {
            AddRoute(holder, now);
        }
        catch (ControlPlaneException) when (index >= 0)
        {
            AddRoute(holder, old);
            throw;
        }

        endpoint.Mtu = mtu;
    }

    /// <summary>Builds an endpoint's routes again in the network that it moved to.</summary>
    /// <param name="endpoint">The endpoint, in its new network.</param>
    public void Rebase(ManagedEndpoint endpoint)
    {
        HostRoute[] routes = [.. endpoint.Routes];
        HostNeighbour? neighbour = endpoint.Neighbour;
        Disconnect(endpoint);
        try
        {
            if (neighbour is { } known) AddNeighbour(endpoint, known);
            foreach (HostRoute route in routes) AddRoute(endpoint, route with { Network = endpoint.Network });
        }
        catch (ControlPlaneException refused)
        {
            _controller.Note(NoteSeverity.Warning, $"Endpoint {endpoint.Eid} of network {endpoint.Network} cannot be reached any more: {refused.Message}");
        }
    }

    private static bool LeadsOnlyTo(HostRoute route, ManagedEndpoint endpoint) => route.First == endpoint.Eid && route.Last == endpoint.Eid;

    private HostLink LinkOf(ManagedEndpoint endpoint) => _controller.Links.Find(endpoint.Link)?.Host
        ?? throw new ControlPlaneException(ControlPlaneError.NotFound, "The link went meanwhile");

    private void AddRoute(ManagedEndpoint endpoint, HostRoute route)
    {
        Replace(() => _controller.Host.AddRoute(route), () => _controller.Host.RemoveRoute(route));
        endpoint.Routes.Add(route);
    }

    private void AddNeighbour(ManagedEndpoint endpoint, HostNeighbour neighbour)
    {
        Replace(() => _controller.Host.AddNeighbour(neighbour), () => _controller.Host.RemoveNeighbour(neighbour.Link, neighbour.Eid));
        endpoint.Neighbour = neighbour;
    }

    private void RemoveRoute(ManagedEndpoint endpoint, HostRoute route)
    {
        endpoint.Routes.Remove(route);
        Attempt(() => _controller.Host.RemoveRoute(route), $"The route to {route.First}..{route.Last} could not be removed");
    }

    // Something of the same kind may be left from an earlier run; what we know is newer.
    private static void Replace(Action add, Action remove)
    {
        try
        {
            try
            {
                add();
            }
            catch (HostException refused) when (refused.Error == HostError.Exists)
            {
                remove();
                add();
            }
        }
        catch (HostException refused)
        {
            throw new ControlPlaneException(ControlPlaneError.HostRefused, refused.Message, refused);
        }
    }

    private void Attempt(Action work, string what)
    {
        try
        {
            work();
        }
        catch (HostException refused)
        {
            // Links take their routes and neighbours along when they go.
            if (refused.Error != HostError.NotFound) _controller.Note(NoteSeverity.Warning, $"{what}: {refused.Message}");
        }
    }
}
