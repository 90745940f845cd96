// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.ControlPlane;

/// <summary>The configuration of one of our own stacks. Whoever owns the stack serialises the calls with everything else that happens to it.</summary>
public sealed class StackConfiguration : IMctpConfiguration
{
    private readonly MctpStack _stack;
    private readonly Func<long> _now;

    /// <summary>Opens the configuration of a stack.</summary>
    /// <param name="stack">The stack.</param>
    /// <param name="now">The stack's clock: monotonic milliseconds.</param>
    public StackConfiguration(MctpStack stack, Func<long> now)
    {
        ArgumentNullException.ThrowIfNull(stack);
        ArgumentNullException.ThrowIfNull(now);
        _stack = stack;
        _now = now;
    }

    /// <inheritdoc/>
    public IReadOnlyList<HostLink> Links() => [.. _stack.Links.Select(Describe)];

    /// <inheritdoc/>
    public IReadOnlyList<HostAddress> Addresses()
    {
        var addresses = new List<HostAddress>();
        foreach (MctpLink link in _stack.Links)
        {
            foreach (Eid eid in _stack.Addresses(link)) addresses.Add(new HostAddress(link.Index, eid));
        }

        return addresses;
    }

    /// <inheritdoc/>
    public IReadOnlyList<HostRoute> Routes()
    {
        var routes = new List<HostRoute>();
        foreach (uint network in _stack.Networks)
        {
            foreach (MctpRoute route in _stack.Routes(network))
                routes.Add(new HostRoute(route.First, route.Last, route.Link?.Index ?? 0, route.Gateway, network, route.Mtu) { Packets = route.Packets });
        }

        return routes;
    }

    /// <inheritdoc/>
    public IReadOnlyList<HostNeighbour> Neighbours()
    {
        var neighbours = new List<HostNeighbour>();
        foreach (uint network in _stack.Networks)
        {
            foreach (MctpNeighbour neighbour in _stack.Neighbours(network)) neighbours.Add(new HostNeighbour(neighbour.Link.Index, neighbour.Eid, neighbour.Address));
        }

        return neighbours;
    }

    /// <inheritdoc/>
    public void SetLink(int link, bool? isUp = null, int? mtu = null, uint? network = null)
    {
        MctpLink found = LinkAt(link);
        if (network == 0) throw new HostException(HostError.Invalid, $"{found.Name}: networks are numbered from 1");
        if (mtu is { } size && (size < MctpLink.MinimumMtu || size > found.MaximumMtu))
            throw new HostException(HostError.Invalid, $"{found.Name}: an MTU of {size} is not possible, it is {MctpLink.MinimumMtu} to {found.MaximumMtu}");
        if (network is { } wanted && _stack.SetNetwork(found, wanted, _now()) != RouteStatus.Ok)
            throw new HostException(HostError.Exists, $"{found.Name}: network {wanted} has a route for the same EIDs as this link; remove one of them first");
        if (mtu is { } limit) found.AdministrativeMtu = limit;
        if (isUp is { } up) found.SetAdministrativelyUp(up, _now());
    }

    /// <inheritdoc/>
    public void AddAddress(int link, Eid eid)
    {
        MctpLink found = LinkAt(link);
        EnsureAssignable(eid);
        if (!_stack.AddAddress(found, eid)) throw new HostException(HostError.Exists, $"{found.Name} has EID {eid} already");
    }

    /// <inheritdoc/>
    public void RemoveAddress(int link, Eid eid)
    {
        MctpLink found = LinkAt(link);
        if (!_stack.RemoveAddress(found, eid)) throw new HostException(HostError.NotFound, $"{found.Name} has no EID {eid}");
    }

    /// <inheritdoc/>
    public void AddRoute(in HostRoute route)
    {
        MctpLink? link = route.Link == 0 ? null : LinkAt(route.Link);
        switch (_stack.AddRoute(new MctpRoute(route.First, route.Last, link, route.Gateway, route.Mtu, route.Network)))
        {
            case RouteStatus.Ok:
                return;
            case RouteStatus.Exists:
                throw new HostException(HostError.Exists, $"EID {route.First} to {route.Last} has a route already");
            case RouteStatus.NoNetwork:
                throw new HostException(HostError.NotFound, $"there is no network {route.Network} with that link");
            default:
                throw new HostException(HostError.Invalid, $"a route to EID {route.First} to {route.Last} wants EIDs from 8 to 254, a link or a gateway, and an MTU from 68");
        }
    }

    /// <inheritdoc/>
    public void RemoveRoute(in HostRoute route)
    {
        foreach (MctpRoute known in _stack.Routes(route.Network))
        {
            if (known.First != route.First || known.Last != route.Last || (known.Link?.Index ?? 0) != route.Link || known.Gateway != route.Gateway) continue;
            _stack.RemoveRoute(route.First, route.Last, route.Network);
            return;
        }

        throw new HostException(HostError.NotFound, $"there is no such route to EID {route.First} to {route.Last}");
    }

    /// <inheritdoc/>
    public void AddNeighbour(in HostNeighbour neighbour)
    {
        MctpLink link = LinkAt(neighbour.Link);
        EnsureAssignable(neighbour.Eid);
        if (neighbour.Address.Length != link.Address.Length)
            throw new HostException(HostError.Invalid, $"{link.Name}: a physical address has {link.Address.Length} bytes there, not {neighbour.Address.Length}");
        Eid eid = neighbour.Eid;
        if (_stack.Neighbours(link.Network).Any(known => ReferenceEquals(known.Link, link) && known.Eid == eid))
            throw new HostException(HostError.Exists, $"{link.Name} has a neighbour {eid} already");
        _stack.SetNeighbour(link, eid, neighbour.Address);
    }

    /// <inheritdoc/>
    public void RemoveNeighbour(int link, Eid eid)
    {
        MctpLink found = LinkAt(link);
        if (!_stack.RemoveNeighbour(found, eid)) throw new HostException(HostError.NotFound, $"{found.Name} has no neighbour {eid}");
    }

    private static HostLink Describe(MctpLink link) =>
        new(link.Index, link.Name, link.Network, link.Address, link.Mtu, MctpLink.MinimumMtu, link.MaximumMtu, link.IsUp, link.Binding);

    private static void EnsureAssignable(Eid eid)
    {
        if (!eid.IsAssignable) throw new HostException(HostError.Invalid, $"EID {eid} cannot be given to anybody, EIDs are 8 to 254");
    }

    private MctpLink LinkAt(int index) => _stack.FindLink(index) ?? throw new HostException(HostError.NotFound, $"there is no link {index}");
}
