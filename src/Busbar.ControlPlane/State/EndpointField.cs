// SPDX-License-Identifier: Apache-2.0
namespace Busbar.ControlPlane;

/// <summary>What changed about an endpoint.</summary>
public enum EndpointField
{
    /// <summary><see cref="ManagedEndpoint.Connectivity"/>.</summary>
    Connectivity,

    /// <summary><see cref="ManagedEndpoint.Pool"/> or <see cref="ManagedEndpoint.RoutingTable"/>.</summary>
    Pool,

    /// <summary><see cref="ManagedEndpoint.Mtu"/>.</summary>
    Mtu,

    /// <summary>UUID, message types or vendor sets.</summary>
    Identity,
}
