// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.ControlPlane;

/// <summary>Keeps the tables of links and of our own EIDs as the host has them.</summary>
internal sealed class LinkFollower
{
    private readonly NetworkController _controller;

    public LinkFollower(NetworkController controller) => _controller = controller;

    public void Start()
    {
        _controller.Host.Changed += Follow;
        foreach (HostLink link in _controller.Host.Links()) AddLink(link);
        AddLocals();
    }

    public void Stop() => _controller.Host.Changed -= Follow;

    private void Follow(HostChange change)
    {
        ManagedLink? link = _controller.Links.Find(change.Link.Index);
        switch (change.Kind)
        {
            case HostChangeKind.LinkAdded when link is null:
                AddLink(change.Link);
                break;
            case HostChangeKind.LinkAdded or HostChangeKind.LinkChanged when link is not null:
                ChangeLink(link, change.Link);
                break;
            case HostChangeKind.LinkRemoved when link is not null:
                RemoveLink(link);
                break;
            case HostChangeKind.AddressAdded when link is not null:
                AddLocal(link, change.Eid);
                break;
            case HostChangeKind.AddressRemoved when link is not null:
                RemoveLocal(link, change.Eid);
                break;
        }
    }

    private void AddLink(HostLink link)
    {
        _controller.Links.Add(new ManagedLink(link, _controller.Options.RoleOf(link)));
        _controller.Note(NoteSeverity.Information, $"{link.Name}: link {link.Index} in network {link.Network}");
    }

    private void ChangeLink(ManagedLink link, HostLink now)
    {
        HostLink before = link.Host;
        _controller.Links.Update(link, now);
        if (before.Network == now.Network) return;

        // Those on the link first: a bridge that cannot move takes those behind it along.
        foreach (ManagedEndpoint endpoint in On(link).OrderBy(static endpoint => Depth(endpoint)))
        {
            if (!_controller.Endpoints.Has(endpoint)) continue;
            if (Collides(endpoint, now.Network))
            {
                _controller.Statistics.Conflicts++;
                _controller.Note(
                    NoteSeverity.Warning, $"{now.Name}: endpoint {endpoint.Eid} cannot move to network {now.Network}, where its EID or pool is in use; it is forgotten");
                Forget(endpoint);
                continue;
            }

            _controller.Endpoints.Move(endpoint, now.Network);
            if (!endpoint.IsLocal) _controller.BusOwner.Plumbing.Rebase(endpoint);
        }

        AddLocals();
    }

    private void RemoveLink(ManagedLink link)
    {
        _controller.Queries.CancelLink(link.Host.Index);
        foreach (ManagedEndpoint endpoint in On(link)) Forget(endpoint);
        _controller.Links.Remove(link);
        AddLocals();
        _controller.Note(NoteSeverity.Information, $"{link.Host.Name}: link {link.Host.Index} went");
    }

    private void AddLocal(ManagedLink link, Eid eid)
    {
        if (!eid.IsAssignable) return;
        if (_controller.Endpoints.Find(link.Host.Network, eid) is { } known)
        {
            if (known.IsLocal) return;
            _controller.Note(NoteSeverity.Warning, $"{link.Host.Name}: endpoint {eid} is now our own EID; the peer that had it is forgotten");
            _controller.Statistics.Conflicts++;
            Forget(known);
        }

        if (_controller.Endpoints.PoolOwner(link.Host.Network, eid) is { } owner)
        {
            _controller.Statistics.Conflicts++;
            _controller.Note(NoteSeverity.Warning, $"{link.Host.Name}: our own EID {eid} is part of the pool of bridge {owner.Eid}, who may give it to somebody else");
        }

        var local = new ManagedEndpoint(link.Host.Network, eid, link.Host.Index) { IsLocal = true };
        local.Uuid = _controller.Options.Uuid;
        local.MessageTypes = [MessageType.Control];
        _controller.Endpoints.Add(local);
        _controller.Endpoints.Publish(local);
    }

    private void RemoveLocal(ManagedLink link, Eid eid)
    {
        if (_controller.Endpoints.Find(link.Host.Network, eid) is not { IsLocal: true } local) return;
        // The same EID on several links of a network is one endpoint, which lives as long as one of them has it.
        bool elsewhere = _controller.Host.Addresses().Any(address =>
            address.Eid == eid && address.Link != link.Host.Index && _controller.Links.Find(address.Link)?.Host.Network == link.Host.Network);
        if (!elsewhere) _controller.Endpoints.Remove(local);
    }

    // Own EIDs that the table lacks: at the beginning, and when the link went or moved that an EID on several links was recorded for.
    private void AddLocals()
    {
        foreach (HostAddress address in _controller.Host.Addresses())
        {
            if (_controller.Links.Find(address.Link) is { } link) AddLocal(link, address.Eid);
        }
    }

    private void Forget(ManagedEndpoint endpoint)
    {
        if (endpoint.IsLocal) _controller.Endpoints.Remove(endpoint);
        else _controller.BusOwner.Removal.Forget(endpoint, retire: true);
    }

    private static int Depth(ManagedEndpoint endpoint) => endpoint.Bridge is { } bridge ? Depth(bridge) + 1 : 0;

    // Whether somebody of another network has what an endpoint would bring along.
    private bool Collides(ManagedEndpoint endpoint, uint network)
    {
        if (_controller.Endpoints.Find(network, endpoint.Eid) is not null) return true;
        if (endpoint.IsLocal || endpoint.Bridge is not null) return false;
        if (_controller.Endpoints.PoolOwner(network, endpoint.Eid) is not null) return true;
        return endpoint.HeldPool is { } pool && _controller.Endpoints.In(network).Any(other => pool.Contains(other.Eid) || (other.HeldPool is { } theirs && theirs.Overlaps(pool)));
    }

    private ManagedEndpoint[] On(ManagedLink link) => [.. _controller.Endpoints.All.Where(endpoint => endpoint.Link == link.Host.Index)];
}
