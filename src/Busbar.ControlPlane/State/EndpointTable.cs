// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.ControlPlane;

/// <summary>The endpoints that the control plane knows, by network and EID; our own among them.</summary>
public sealed class EndpointTable
{
    private readonly SortedDictionary<(uint Network, byte Eid), ManagedEndpoint> _endpoints = [];

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
    public ManagedEndpoint? Find(uint network, Eid eid) => _endpoints.GetValueOrDefault((network, eid.Value));

    /// <summary>Finds the endpoint at a physical address, not behind it.</summary>
    /// <param name="link">The link's index.</param>
    /// <param name="address">The address there.</param>
    /// <returns>Null when nothing is known.</returns>
    public ManagedEndpoint? Find(int link, PhysicalAddress address) =>
        _endpoints.Values.FirstOrDefault(endpoint => !endpoint.IsLocal && endpoint.Bridge is null && endpoint.Link == link && endpoint.Address == address);

    /// <summary>The bridge whose pool an EID is part of.</summary>
    /// <param name="network">The network.</param>
    /// <param name="eid">The EID.</param>
    /// <returns>Null when it is part of none.</returns>
    public ManagedEndpoint? PoolOwner(uint network, Eid eid) =>
        _endpoints.Values.FirstOrDefault(endpoint => endpoint.Network == network && endpoint.Pool is { } pool && pool.Contains(eid));

    internal void Add(ManagedEndpoint endpoint) => _endpoints.Add((endpoint.Network, endpoint.Eid.Value), endpoint);

    internal void Publish(ManagedEndpoint endpoint)
    {
        if (endpoint.IsPublished) return;
        endpoint.IsPublished = true;
        Published?.Invoke(endpoint);
    }

    internal void Remove(ManagedEndpoint endpoint)
    {
        if (!_endpoints.Remove((endpoint.Network, endpoint.Eid.Value)) || !endpoint.IsPublished) return;
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
