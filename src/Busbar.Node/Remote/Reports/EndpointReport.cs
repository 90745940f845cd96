// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Node;

/// <summary>An endpoint that the daemon knows.</summary>
public sealed record EndpointReport
{
    /// <summary>Its network.</summary>
    public uint Network { get; init; }

    /// <summary>Its EID.</summary>
    public int Eid { get; init; }

    /// <summary>Index of the link that leads to it.</summary>
    public int Link { get; init; }

    /// <summary>Name of that link; empty when it is gone.</summary>
    public string LinkName { get; init; } = "";

    /// <summary>Binding of that link.</summary>
    public string Binding { get; init; } = "";

    /// <summary>Its physical address there, hexadecimal bytes joined by colons; empty where the medium has none and behind bridges.</summary>
    public string Address { get; init; } = "";

    /// <summary>True for an EID of the daemon's own.</summary>
    public bool IsLocal { get; init; }

    /// <summary>EID of the bridge in front of it; null when it sits on the link itself.</summary>
    public int? Bridge { get; init; }

    /// <summary>Its UUID; null when it has none or did not tell.</summary>
    public Guid? Uuid { get; init; }

    /// <summary><c>Simple</c> or <c>BusOwnerOrBridge</c>.</summary>
    public string Kind { get; init; } = "";

    /// <summary>Message types that it supports.</summary>
    public IReadOnlyList<int> MessageTypes { get; init; } = [];

    /// <summary>Its vendor-defined command sets.</summary>
    public IReadOnlyList<VendorSetReport> VendorSets { get; init; } = [];

    /// <summary><c>Available</c> or <c>Degraded</c>.</summary>
    public string Connectivity { get; init; } = "";

    /// <summary>What it hands out behind it; null for simple endpoints and for bridges without a pool.</summary>
    public PoolReport? Pool { get; init; }

    /// <summary>A bridge's own routing table as it told last.</summary>
    public IReadOnlyList<RoutingEntryReport> RoutingTable { get; init; } = [];

    /// <summary>Largest packet on the route to it, header included; 0 for the link's own limit.</summary>
    public int Mtu { get; init; }

    /// <summary>True when its types are known, so that others may use it.</summary>
    public bool IsPublished { get; init; }
}
