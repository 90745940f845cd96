// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.ControlPlane;

/// <summary>The endpoints that the control plane knows, by network and EID; our own among them.</summary>
public sealed class EndpointTable
{
    private const int EidCount = 256;

    private readonly SortedDictionary<(uint Network, byte Eid), ManagedEndpoint> _endpoints = [];

    // The same endpoints by network alone and by physical address: a system can have thousands.
    private readonly Dictionary<uint, ManagedEndpoint?[]> _networks = [];
    private readonly Dictionary<(int Link, PhysicalAddress Address), ManagedEndpoint> _direct = [];

    /// <summary>An endpoint is published: found, and its types known.</summary>
    public event Action<ManagedEndpoint>? Published;

    /// <summary>A published endpoint went.</summary>
    public event Action<ManagedEndpoint>? Removed;

    /// <summary>Something about a published endpoint changed.</summary>
    public event Action<ManagedEndpoint, EndpointField>? Changed;

    /// <summary>All endpoints, by network and EID, unpublished ones included.</summary>
    public IReadOnlyCollection<ManagedEndpoint> All => _endpoints.Values;

    /// <summary>Finds an endpoint.</summary>
    /// <param name="network">Its network.</param>
    /// <param name="eid">Its EID.</param>
    /// <returns>Null when nothing is known.</returns>
    public ManagedEndpoint? Find(uint network, Eid eid) => _networks.TryGetValue(network, out ManagedEndpoint?[]? slots) ? slots[eid.Value] : null;

    /// <summary>Finds the endpoint at a physical address, not behind it.</summary>
    /// <param name="link">The link's index.</param>
    /// <param name="address">The address there.</param>
    /// <returns>Null when nothing is known.</returns>
    public ManagedEndpoint? Find(int link, PhysicalAddress address) => _direct.GetValueOrDefault((link, address));

    /// <summary>The bridge whose pool an EID is part of, be it still to be allocated; of bridges behind one another the innermost.</summary>
    /// <param name="network">The network.</param>
    /// <param name="eid">The EID.</param>
    /// <returns>Null when it is part of none.</returns>
    public ManagedEndpoint? PoolOwner(uint network, Eid eid) => In(network)
        .Where(endpoint => endpoint.HeldPool is { } pool && pool.Contains(eid)).MinBy(static endpoint => endpoint.HeldPool!.Value.Count);

    /// <summary>The endpoints of one network, by EID.</summary>
    internal IEnumerable<ManagedEndpoint> In(uint network)
    {
        if (!_networks.TryGetValue(network, out ManagedEndpoint?[]? slots)) yield break;
        foreach (ManagedEndpoint? endpoint in slots)
        {
            if (endpoint is not null) yield return endpoint;
        }
    }

    /// <summary>Whether this very record is still in the table.</summary>
    internal bool Has(ManagedEndpoint endpoint) => ReferenceEquals(Find(endpoint.Network, endpoint.Eid), endpoint);

    internal void Add(ManagedEndpoint endpoint)
    {
        _endpoints.Add((endpoint.Network, endpoint.Eid.Value), endpoint);
        if (!_networks.TryGetValue(endpoint.Network, out ManagedEndpoint?[]? slots)) _networks.Add(endpoint.Network, slots = new ManagedEndpoint?[EidCount]);
        slots[endpoint.Eid.Value] = endpoint;
        if (!endpoint.IsLocal && endpoint.Bridge is null) _direct.TryAdd((endpoint.Link, endpoint.Address), endpoint);
    }

    internal void Publish(ManagedEndpoint endpoint)
    {
        if (endpoint.IsPublished) return;
        endpoint.IsPublished = true;
        Published?.Invoke(endpoint);
    }

    internal void Remove(ManagedEndpoint endpoint)
    {
        if (!Has(endpoint)) return;
        _endpoints.Remove((endpoint.Network, endpoint.Eid.Value));
        _networks[endpoint.Network][endpoint.Eid.Value] = null;
        if (ReferenceEquals(Find(endpoint.Link, endpoint.Address), endpoint)) _direct.Remove((endpoint.Link, endpoint.Address));
        if (!endpoint.IsPublished) return;
        endpoint.IsPublished = false;
        Removed?.Invoke(endpoint);
    }

    /// <summary>Moves an endpoint to another network, as its link moved: it is removed and published anew.</summary>
    internal void Move(ManagedEndpoint endpoint, uint network)
    {
        bool published = endpoint.IsPublished;
        Remove(endpoint);
        endpoint.Network = network;
        Add(endpoint);
        if (published) Publish(endpoint);
    }

    internal void NotifyChanged(ManagedEndpoint endpoint, EndpointField field)
    {
        if (endpoint.IsPublished) Changed?.Invoke(endpoint, field);
    }
}
