// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.ControlPlane;

/// <summary>
/// The configuration of one MCTP system: links, EIDs, routes, neighbours. Our own stack has one, the kernel has one, a daemon offers its own to other processes.
/// Changes take effect before the call returns.
/// </summary>
/// <remarks>One thread or synchronization context at a time. All changes throw <see cref="HostException"/> with the reason when they are refused.</remarks>
public interface IMctpConfiguration
{
    /// <summary>The links that carry MCTP, by index. A snapshot.</summary>
    IReadOnlyList<HostLink> Links();

    /// <summary>Our EIDs, oldest first on each link. A snapshot.</summary>
    IReadOnlyList<HostAddress> Addresses();

    /// <summary>The routes, newest first as they are matched. A snapshot.</summary>
    IReadOnlyList<HostRoute> Routes();

    /// <summary>The neighbours. A snapshot.</summary>
    IReadOnlyList<HostNeighbour> Neighbours();

    /// <summary>Changes a link; what is null stays.</summary>
    /// <param name="link">Its index.</param>
    /// <param name="isUp">Up or down.</param>
    /// <param name="mtu">Largest packet sent, bytes, header included.</param>
    /// <param name="network">The MCTP network, from 1.</param>
    void SetLink(int link, bool? isUp = null, int? mtu = null, uint? network = null);

    /// <summary>Gives this system an EID on a link.</summary>
    /// <param name="link">The link's index.</param>
    /// <param name="eid">8 to 254.</param>
    void AddAddress(int link, Eid eid);

    /// <summary>Takes an EID away.</summary>
    /// <param name="link">The link's index.</param>
    /// <param name="eid">The EID.</param>
    void RemoveAddress(int link, Eid eid);

    /// <summary>Adds a route. Of all that cover an EID the newest wins.</summary>
    /// <param name="route">A link or a gateway, not both.</param>
    void AddRoute(in HostRoute route);

    /// <summary>Removes a route: the same range and the same link or gateway.</summary>
    /// <param name="route">The route; its MTU does not matter.</param>
    void RemoveRoute(in HostRoute route);

    /// <summary>Records where an EID sits on a link.</summary>
    /// <param name="neighbour">The physical address is as long as the link's own.</param>
    void AddNeighbour(in HostNeighbour neighbour);

    /// <summary>Forgets where an EID sits on a link.</summary>
    /// <param name="link">The link's index.</param>
    /// <param name="eid">The EID.</param>
    void RemoveNeighbour(int link, Eid eid);
}
