// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <content>Addresses, routes and neighbours. Changes are rare and may cost; look-ups on the packet path are one array index.</content>
public sealed partial class MctpStack
{
    /// <summary>Gives a link an EID of ours. The first one of a link is the source of what is sent there.</summary>
    /// <param name="link">A link of this stack.</param>
    /// <param name="eid">8..254.</param>
    /// <returns>False when the link has it already.</returns>
    public bool AddAddress(MctpLink link, Eid eid)
    {
        LinkPort port = EnsurePort(link);
        EnsureAssignable(eid);
        if (port.Addresses.Contains(eid)) return false;
        port.Addresses.Add(eid);
        AddressesChanged(port);
        Changed?.Invoke(new StackChange(StackChangeKind.AddressAdded, link, eid));
        return true;
    }

    /// <summary>Takes an EID away from a link.</summary>
    /// <param name="link">A link of this stack.</param>
    /// <param name="eid">The EID.</param>
    /// <returns>False when the link does not have it.</returns>
    public bool RemoveAddress(MctpLink link, Eid eid)
    {
        LinkPort port = EnsurePort(link);
        if (!port.Addresses.Remove(eid)) return false;
        AddressesChanged(port);
        Changed?.Invoke(new StackChange(StackChangeKind.AddressRemoved, link, eid));
        return true;
    }

    /// <summary>Makes an EID the first one of a link, in place of the one that was first; what a bus owner's assignment does.</summary>
    /// <param name="link">A link of this stack.</param>
    /// <param name="eid">8..254, or the null EID to leave the link without its first address.</param>
    public void SetAddress(MctpLink link, Eid eid)
    {
        LinkPort port = EnsurePort(link);
        if (eid != Eid.Null) EnsureAssignable(eid);
        Eid former = port.Source;
        if (former == eid) return;
        if (port.Addresses.Count != 0) port.Addresses.RemoveAt(0);
        bool isNew = !port.Addresses.Remove(eid) && eid != Eid.Null;
        if (eid != Eid.Null) port.Addresses.Insert(0, eid);
        AddressesChanged(port);
        if (former != Eid.Null) Changed?.Invoke(new StackChange(StackChangeKind.AddressRemoved, link, former));
        if (isNew) Changed?.Invoke(new StackChange(StackChangeKind.AddressAdded, link, eid));
    }

    /// <summary>Our EIDs on a link, the source first.</summary>
    /// <param name="link">A link of this stack.</param>
    public IReadOnlyList<Eid> Addresses(MctpLink link) => EnsurePort(link).Addresses;

    /// <summary>The EID that we send from on a link; the null EID without one.</summary>
    /// <param name="link">A link of this stack.</param>
    public Eid SourceAddress(MctpLink link) => EnsurePort(link).Source;

    /// <summary>
    /// Moves a link to another network. Its EIDs, direct routes and neighbours move along (routes through gateways stay); messages in progress end, and requests that are
    /// unanswered there fail.
    /// </summary>
    /// <param name="link">A link of this stack.</param>
    /// <param name="network">The network, from 1; made when it is new.</param>
    /// <param name="now">Monotonic milliseconds.</param>
    /// <returns><see cref="RouteStatus.Exists"/> when the other network routes one of the ranges already; nothing has changed then.</returns>
    public RouteStatus SetNetwork(MctpLink link, uint network, long now)
    {
        LinkPort port = EnsurePort(link);
        ArgumentOutOfRangeException.ThrowIfZero(network);
        MctpNetwork former = port.Network;
        if (former.Id == network) return RouteStatus.Ok;
        MctpNetwork next = NetworkFor(network);
        if (former.HasRouteOf(port, next))
        {
            DropIfEmpty(next);
            return RouteStatus.Exists;
        }

        EndTraffic(port, now);
        former.Tags.Forget(port);
        former.Move(port, next);
        link.Network = network;
        DropIfEmpty(former);
        Changed?.Invoke(new StackChange(StackChangeKind.LinkChanged, link));
        return RouteStatus.Ok;
    }

    /// <summary>
    /// Adds a route. Of all routes that cover an EID the newest wins, whether it is a range or a single EID: the rule of Linux, so that the same
    /// sequence of commands has the same effect here and there.
    /// </summary>
    /// <param name="route">The route; see <see cref="MctpRoute.Direct"/> and <see cref="MctpRoute.Via"/>.</param>
    public RouteStatus AddRoute(in MctpRoute route) =>
        FindNetwork(route.Network) is { } network ? network.Add(route) : RouteStatus.NoNetwork;

    /// <summary>Removes the route of exactly this range.</summary>
    /// <param name="first">First EID.</param>
    /// <param name="last">Last EID.</param>
    /// <param name="network">The network.</param>
    /// <returns>False when there is none.</returns>
    public bool RemoveRoute(Eid first, Eid last, uint network = DefaultNetwork)
    {
        if (FindNetwork(network) is not { } members || !members.RemoveRoute(first, last)) return false;
        DropIfEmpty(members);
        return true;
    }

    /// <summary>The routes of a network, newest first, with their counters. A snapshot.</summary>
    /// <param name="network">The network.</param>
    public IReadOnlyList<MctpRoute> Routes(uint network = DefaultNetwork) => FindNetwork(network)?.Routes ?? [];

    /// <summary>Follows the routes, and the gateways if there are any, to a link.</summary>
    /// <param name="eid">The destination.</param>
    /// <param name="network">The network.</param>
    /// <param name="route">Where packets go.</param>
    /// <returns>False when no route leads there, or the gateways form a loop.</returns>
    public bool TryResolve(Eid eid, uint network, out ResolvedRoute route)
    {
        Destination? found = FindNetwork(network)?.Find(eid);
        route = found is null ? default : new(found.Port.Link, found.Address, Math.Min(found.Port.Link.Mtu, found.RouteMtu), found.ViaGateway);
        return found is not null;
    }

    /// <summary>Records where an EID sits on a link; replaces what was known.</summary>
    /// <param name="link">A link of this stack.</param>
    /// <param name="eid">8..254.</param>
    /// <param name="address">Its physical address.</param>
    /// <param name="isLearned">True to forget it when the link goes down.</param>
    public void SetNeighbour(MctpLink link, Eid eid, PhysicalAddress address, bool isLearned = false)
    {
        LinkPort port = EnsurePort(link);
        EnsureAssignable(eid);
        port.Network.SetNeighbour(new MctpNeighbour(link, eid, address, isLearned));
    }

    /// <summary>Forgets where an EID sits on a link.</summary>
    /// <param name="link">A link of this stack.</param>
    /// <param name="eid">The EID.</param>
    /// <returns>False when nothing was known.</returns>
    public bool RemoveNeighbour(MctpLink link, Eid eid) => EnsurePort(link).Network.RemoveNeighbour(link, eid);

    /// <summary>The neighbours on all links of a network.</summary>
    /// <param name="network">The network.</param>
    public IReadOnlyList<MctpNeighbour> Neighbours(uint network = DefaultNetwork) => FindNetwork(network)?.Neighbours ?? [];

    private static void EnsureAssignable(Eid eid)
    {
        if (!eid.IsAssignable) throw new ArgumentOutOfRangeException(nameof(eid), eid, "an endpoint holds an EID from 8 to 254");
    }

    private static void AddressesChanged(LinkPort port)
    {
        port.AddressesChanged();
        port.Network.Rebuild();
    }
}
