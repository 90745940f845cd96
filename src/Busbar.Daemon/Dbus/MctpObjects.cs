// SPDX-License-Identifier: Apache-2.0
using Busbar.ControlPlane;
using Busbar.Linux;

namespace Busbar.Daemon;

/// <summary>Keeps the object tree equal to the control plane's tables: links, networks, endpoints.</summary>
internal sealed class MctpObjects : IDisposable
{
    private static readonly TimeSpan s_missingLimit = TimeSpan.FromMilliseconds(500);

    private readonly DbusObjectTree _tree;
    private readonly NetworkController _controller;
    private readonly LinkInterfaces _links;
    private readonly NetworkInterfaces _networks;
    private readonly EndpointInterfaces _endpoints;
    private readonly Dictionary<int, string> _linkPaths = [];
    private readonly Dictionary<uint, NetworkObject> _known = [];

    // One for all who wait: somebody may ask for what is not there again and again while there is always something to do.
    private Task _idle = Task.CompletedTask;

    public MctpObjects(DbusConnection connection, NetworkController controller, RootInterfaces root, DbusOptions options)
    {
        _tree = connection.Objects;
        _controller = controller;
        _links = new LinkInterfaces(controller, options);
        _networks = new NetworkInterfaces(controller);
        _endpoints = new EndpointInterfaces(controller, options, endpoint => _linkPaths.GetValueOrDefault(endpoint.Link, "/"));
        _tree.AddManager(MctpPaths.Root);
        _tree.Missing = WaitForWorkAsync;

        // A client who changed something in the system below finds the objects changed.
        _tree.Settle = controller.Host.TakeChanges;
        _tree.Add(MctpPaths.Root, (root.Root, root), (root.Daemon, root));
        foreach (ManagedLink link in controller.Links.All) AddLink(link);
        foreach (ManagedEndpoint endpoint in controller.Endpoints.All)
        {
            if (endpoint.IsPublished) AddEndpoint(endpoint);
        }

        controller.Links.Added += AddLink;
        controller.Links.Removed += RemoveLink;
        controller.Links.Changed += ChangeLink;
        controller.Endpoints.Published += AddEndpoint;
        controller.Endpoints.Removed += RemoveEndpoint;
        controller.Endpoints.Changed += ChangeEndpoint;
    }

    public void Dispose()
    {
        _controller.Links.Added -= AddLink;
        _controller.Links.Removed -= RemoveLink;
        _controller.Links.Changed -= ChangeLink;
        _controller.Endpoints.Published -= AddEndpoint;
        _controller.Endpoints.Removed -= RemoveEndpoint;
        _controller.Endpoints.Changed -= ChangeEndpoint;
    }

    // mctpd answers nobody while it talks to an endpoint, and its clients count on that: whoever has just assigned us an EID, say, looks for itself among our peers.
    private Task WaitForWorkAsync(string path)
    {
        if (!path.StartsWith(MctpPaths.Root, StringComparison.Ordinal)) return Task.CompletedTask;
        if (_idle.IsCompleted) _idle = _controller.WhenIdleAsync();
        return _idle.IsCompleted ? Task.CompletedTask : Task.WhenAny(_idle, Task.Delay(s_missingLimit));
    }

    private static string PathOf(ManagedEndpoint endpoint) => MctpPaths.Endpoint(endpoint.Network, endpoint.Eid);

    private void AddLink(ManagedLink link)
    {
        Join(link.Host.Network);
        AddLinkObject(link);
    }

    private void AddLinkObject(ManagedLink link)
    {
        string path = MctpPaths.Link(link.Host.Name);

        // Two names can differ in nothing but characters that a path cannot have; and a system may rename one link to another's name before it tells of the other.
        while (_tree.Contains(path)) path = $"{path}_{link.Host.Index}";
        _linkPaths[link.Host.Index] = path;
        if (link.Role == LinkRole.BusOwner) _tree.Add(path, (_links.Link, link), (_links.BusOwner, link), (_links.Own, link));
        else _tree.Add(path, (_links.Link, link), (_links.Own, link));
    }

    private void RemoveLink(ManagedLink link)
    {
        if (_linkPaths.Remove(link.Host.Index, out string? path)) _tree.Remove(path);
        Leave(link.Host.Network);
    }

    private void ChangeLink(ManagedLink link, HostLink before)
    {
        if (!_linkPaths.TryGetValue(link.Host.Index, out string? path)) return;
        HostLink now = link.Host;
        if (before.Network != now.Network) Join(now.Network);
        if (before.Name != now.Name)
        {
            _tree.Remove(path);
            AddLinkObject(link);
        }
        else
        {
            NotifyLink(link, before, path);
        }

        if (before.Network != now.Network) Leave(before.Network);
    }

    private void NotifyLink(ManagedLink link, HostLink before, string path)
    {
        // A change of the role comes with the link unchanged.
        if (ReferenceEquals(before, link.Host))
        {
            _tree.NotifyChanged(path, _links.Link, "Role");
            if (link.Role == LinkRole.BusOwner) _tree.Add(path, (_links.BusOwner, link));
            else _tree.Remove(path, _links.BusOwner);
            return;
        }

        if (before.Network != link.Host.Network) _tree.NotifyChanged(path, _links.Link, "NetworkId");
        if (LinkInterfaces.Changed(before, link.Host) is { Length: > 0 } names) _tree.NotifyChanged(path, _links.Own, names);
    }

    private void AddEndpoint(ManagedEndpoint endpoint)
    {
        Join(endpoint.Network);
        string path = PathOf(endpoint);
        if (endpoint.Uuid is not null)
            _tree.Add(path, (_endpoints.Description, endpoint), (_endpoints.Uuid, endpoint), (_endpoints.Control, endpoint), (_endpoints.Own, endpoint));
        else
            _tree.Add(path, (_endpoints.Description, endpoint), (_endpoints.Control, endpoint), (_endpoints.Own, endpoint));
        ShowBridge(endpoint, path);
    }

    private void RemoveEndpoint(ManagedEndpoint endpoint)
    {
        _tree.Remove(PathOf(endpoint));
        Leave(endpoint.Network);
    }

    private void ChangeEndpoint(ManagedEndpoint endpoint, EndpointField field)
    {
        string path = PathOf(endpoint);
        switch (field)
        {
            case EndpointField.Connectivity:
                _tree.NotifyChanged(path, _endpoints.Control, "Connectivity");
                break;
            case EndpointField.Mtu:
                _tree.NotifyChanged(path, _endpoints.Own, "Mtu");
                break;
            case EndpointField.Pool:
                ShowBridge(endpoint, path);
                break;
            case EndpointField.Identity:
                // These are promised to be constant, and nearly always are; who listens all the same learns of it.
                _tree.NotifyChanged(path, _endpoints.Description, "SupportedMessageTypes", "VendorDefinedMessageTypes");
                _tree.Remove(path, _endpoints.Uuid);
                if (endpoint.Uuid is not null) _tree.Add(path, (_endpoints.Uuid, endpoint));
                break;
        }
    }

    // Bridge1 comes in a signal of its own, behind the one of the endpoint, as clients of mctpd expect.
    private void ShowBridge(ManagedEndpoint endpoint, string path)
    {
        _tree.Remove(path, _endpoints.Bridge);
        if (endpoint.Pool is not null) _tree.Add(path, (_endpoints.Bridge, endpoint));
        bool isBridge = !endpoint.IsLocal && (endpoint.Pool is not null || endpoint.Kind == Mctp.EndpointKind.BusOwnerOrBridge);
        if (!isBridge) _tree.Remove(path, _endpoints.OwnBridge);
        else if (_tree.Contains(path, _endpoints.OwnBridge)) _tree.NotifyChanged(path, _endpoints.OwnBridge, "Pool", "RoutingTable");
        else _tree.Add(path, (_endpoints.OwnBridge, endpoint));
    }

    private void Join(uint network)
    {
        if (!_known.TryGetValue(network, out NetworkObject? known))
        {
            _known.Add(network, known = new NetworkObject(network));
            _tree.Add(MctpPaths.Network(network), (_networks.Network, known), (_networks.Own, known));
        }

        known.Members++;
    }

    private void Leave(uint network)
    {
        if (!_known.TryGetValue(network, out NetworkObject? known) || --known.Members != 0) return;
        _known.Remove(network);
        _tree.Remove(MctpPaths.Network(network));
    }
}
