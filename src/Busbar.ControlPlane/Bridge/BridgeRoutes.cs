// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.ControlPlane;

/// <summary>What the bridge has put into the system below: routes, neighbours, and its EID on its own buses. Each change is the difference to what is wanted now.</summary>
internal sealed class BridgeRoutes
{
    private readonly NetworkController _controller;
    private readonly HashSet<HostAddress> _addresses = [];
    private readonly HashSet<HostRoute> _routes = [];
    private readonly HashSet<HostNeighbour> _neighbours = [];

    public BridgeRoutes(NetworkController controller) => _controller = controller;

    /// <summary>Whether it is we who put an EID on a link.</summary>
    /// <param name="address">The EID on its link.</param>
    public bool HasTaken(HostAddress address) => _addresses.Contains(address);

    /// <summary>Forgets what went with a link.</summary>
    /// <param name="link">The link's index.</param>
    public void ForgetLink(int link)
    {
        _addresses.RemoveWhere(address => address.Link == link);
        _routes.RemoveWhere(route => route.Link == link);
        _neighbours.RemoveWhere(neighbour => neighbour.Link == link);
    }

    /// <summary>Brings a network's part of the system below to what is wanted.</summary>
    /// <param name="network">The network.</param>
    /// <param name="wanted">All of it.</param>
    public void Apply(uint network, WantedRoutes wanted)
    {
        HashSet<int> links = [.. _controller.Links.All.Where(link => link.Host.Network == network).Select(static link => link.Host.Index)];
        Remove(_routes, route => route.Network == network, wanted.Routes, route => _controller.Host.RemoveRoute(route));
        Remove(_neighbours, neighbour => links.Contains(neighbour.Link), wanted.Neighbours, neighbour => _controller.Host.RemoveNeighbour(neighbour.Link, neighbour.Eid));
        Remove(_addresses, address => links.Contains(address.Link), wanted.Addresses, address => _controller.Host.RemoveAddress(address.Link, address.Eid));
        Add(_addresses, wanted.Addresses, address => _controller.Host.AddAddress(address.Link, address.Eid));
        Add(_neighbours, wanted.Neighbours, neighbour => _controller.Host.AddNeighbour(neighbour));
        Add(_routes, wanted.Routes, route => _controller.Host.AddRoute(route));
    }

    private void Remove<T>(HashSet<T> installed, Func<T, bool> isConcerned, HashSet<T> wanted, Action<T> remove)
    {
        foreach (T one in installed.Where(one => isConcerned(one) && !wanted.Contains(one)).ToArray())
        {
            installed.Remove(one);
            try
            {
                remove(one);
            }
            catch (HostException refused)
            {
                // Somebody else removed it first, which is as good.
                if (refused.Error != HostError.NotFound) _controller.Note(NoteSeverity.Warning, $"{one} cannot be removed: {refused.Message}");
            }
        }
    }

    private void Add<T>(HashSet<T> installed, HashSet<T> wanted, Action<T> add)
    {
        foreach (T one in wanted)
        {
            if (installed.Contains(one)) continue;
            try
            {
                add(one);
                installed.Add(one);
            }
            catch (HostException refused)
            {
                // What is there already belongs to whoever put it there.
                if (refused.Error != HostError.Exists) _controller.Note(NoteSeverity.Warning, $"{one} cannot be added: {refused.Message}");
            }
        }
    }
}
