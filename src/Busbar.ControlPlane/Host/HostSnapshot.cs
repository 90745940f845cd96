// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.ControlPlane;

/// <summary>The links and EIDs of a system as they were last seen, and what changed since; for hosts that are told that something changed, but not what.</summary>
public sealed class HostSnapshot
{
    private SortedDictionary<int, HostLink> _links = [];
    private HashSet<HostAddress> _addresses = [];

    /// <summary>Takes a new look.</summary>
    /// <param name="configuration">The system.</param>
    /// <returns>The changes since the last look, in an order that makes sense: EIDs and links that went, links that changed or came, EIDs that came.</returns>
    public IReadOnlyList<HostChange> Update(IMctpConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        var links = new SortedDictionary<int, HostLink>();
        foreach (HostLink link in configuration.Links()) links[link.Index] = link;
        IReadOnlyList<HostAddress> addresses = configuration.Addresses();
        var held = new HashSet<HostAddress>(addresses);
        var changes = new List<HostChange>();
        foreach (HostAddress gone in _addresses)
        {
            if (!held.Contains(gone)) changes.Add(new HostChange(HostChangeKind.AddressRemoved, links.GetValueOrDefault(gone.Link) ?? _links[gone.Link], gone.Eid));
        }

        foreach (HostLink before in _links.Values)
        {
            if (!links.TryGetValue(before.Index, out HostLink? now)) changes.Add(new HostChange(HostChangeKind.LinkRemoved, before));
            else if (now != before) changes.Add(new HostChange(HostChangeKind.LinkChanged, now));
        }

        foreach (HostLink now in links.Values)
        {
            if (!_links.ContainsKey(now.Index)) changes.Add(new HostChange(HostChangeKind.LinkAdded, now));
        }

        foreach (HostAddress address in addresses)
        {
            if (!_addresses.Contains(address) && links.TryGetValue(address.Link, out HostLink? link)) changes.Add(new HostChange(HostChangeKind.AddressAdded, link, address.Eid));
        }

        _links = links;
        _addresses = held;
        return changes;
    }
}
