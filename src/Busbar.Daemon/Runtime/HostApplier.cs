// SPDX-License-Identifier: Apache-2.0
using Busbar.ControlPlane;

namespace Busbar.Daemon;

/// <summary>
/// Makes networks, MTUs, EIDs, routes and neighbours of a system those of a configuration. Links that are not there yet get theirs when they come; what the control plane or a person
/// changed meanwhile stays, unless the configuration itself changed there.
/// </summary>
internal sealed class HostApplier
{
    private readonly IMctpHost _host;
    private readonly HashSet<int> _begun = [];

    public HostApplier(IMctpHost host) => _host = host;

    /// <summary>Applies a configuration after another one.</summary>
    /// <param name="before">What was applied last; null for nothing.</param>
    /// <param name="now">What is wanted.</param>
    /// <returns>What was refused, one line each.</returns>
    public IReadOnlyList<HostException> Apply(DaemonConfiguration? before, DaemonConfiguration now)
    {
        var refusals = new List<HostException>();
        Dictionary<string, HostLink> links = ByName();
        _begun.IntersectWith(links.Values.Select(link => link.Index));
        foreach (LinkSettings settings in now.Links)
        {
            if (links.TryGetValue(settings.Name, out HostLink? link)) ApplyLink(link, before?.Links.FirstOrDefault(old => old.Name == settings.Name), settings, refusals);
        }

        links = ByName();
        foreach (HostRoute route in Routes(before, links).Except(Routes(now, links))) Try(() => _host.RemoveRoute(route), refusals, HostError.NotFound);
        HashSet<HostRoute> known = [.. _host.Routes().Select(route => route with { Packets = null })];
        foreach (HostRoute route in Routes(now, links).Where(route => !known.Contains(route))) Try(() => _host.AddRoute(route), refusals, HostError.Exists);
        foreach (HostNeighbour neighbour in Neighbours(before, links).Except(Neighbours(now, links)))
            Try(() => _host.RemoveNeighbour(neighbour.Link, neighbour.Eid), refusals, HostError.NotFound);
        foreach (HostNeighbour neighbour in Neighbours(now, links).Except(_host.Neighbours())) Try(() => _host.AddNeighbour(neighbour), refusals, HostError.Exists);
        return refusals;
    }

    private static IEnumerable<HostRoute> Routes(DaemonConfiguration? configuration, Dictionary<string, HostLink> links)
    {
        foreach (RouteSettings route in configuration?.Routes ?? [])
        {
            if (route.Link is null) yield return HostRoute.Via(route.First, route.Last, route.Gateway, route.Network, route.Mtu);
            else if (links.TryGetValue(route.Link, out HostLink? link)) yield return HostRoute.Direct(route.First, route.Last, link, route.Mtu);
        }
    }

    private static IEnumerable<HostNeighbour> Neighbours(DaemonConfiguration? configuration, Dictionary<string, HostLink> links) =>
        from neighbour in configuration?.Neighbours ?? []
        where links.ContainsKey(neighbour.Link)
        select new HostNeighbour(links[neighbour.Link].Index, neighbour.Eid, neighbour.Address);

    private static void Try(Action action, List<HostException> refusals, HostError harmless)
    {
        try
        {
            action();
        }
        catch (HostException refusal)
        {
            if (refusal.Error != harmless) refusals.Add(refusal);
        }
    }

    // Several interfaces may have had one name; the last that came counts.
    private Dictionary<string, HostLink> ByName()
    {
        var links = new Dictionary<string, HostLink>(StringComparer.Ordinal);
        foreach (HostLink link in _host.Links()) links[link.Name] = link;
        return links;
    }

    private void ApplyLink(HostLink link, LinkSettings? before, LinkSettings now, List<HostException> refusals)
    {
        bool isNew = _begun.Add(link.Index);
        LinkSettings? old = isNew ? null : before;
        if (now.Network is { } network && (isNew || old?.Network != network) && link.Network != network) Try(() => _host.SetLink(link.Index, network: network), refusals, default);
        if (now.Mtu is { } mtu && (isNew || old?.Mtu != mtu) && link.Mtu != mtu) Try(() => _host.SetLink(link.Index, mtu: mtu), refusals, default);
        foreach (Mctp.Eid eid in (old?.Addresses ?? []).Except(now.Addresses)) Try(() => _host.RemoveAddress(link.Index, eid), refusals, HostError.NotFound);
        foreach (Mctp.Eid eid in now.Addresses.Except(old?.Addresses ?? [])) Try(() => _host.AddAddress(link.Index, eid), refusals, HostError.Exists);
    }
}
