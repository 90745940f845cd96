// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.ControlPlane;

/// <summary>An endpoint that the control plane knows: one of our own EIDs, a peer on a link, or one behind a bridge. The same object for as long as it keeps its EID.</summary>
public sealed class ManagedEndpoint
{
    /// <summary>Creates the record of an endpoint.</summary>
    /// <param name="network">Its network.</param>
    /// <param name="eid">Its EID.</param>
    /// <param name="link">Index of the link that leads to it.</param>
    /// <param name="address">Its physical address there, or that of the bridge in front of it.</param>
    public ManagedEndpoint(uint network, Eid eid, int link, PhysicalAddress address = default)
    {
        Network = network;
        Eid = eid;
        Link = link;
        Address = address;
    }

    /// <summary>Its network.</summary>
    public uint Network { get; internal set; }

    /// <summary>Its EID.</summary>
    public Eid Eid { get; }

    /// <summary>Index of the link that leads to it.</summary>
    public int Link { get; }

    /// <summary>Its physical address on that link; empty where the medium has none, and for endpoints behind a bridge.</summary>
    public PhysicalAddress Address { get; internal set; }

    /// <summary>True for an EID of our own.</summary>
    public bool IsLocal { get; init; }

    /// <summary>The bridge in front of it; null when it sits on the link itself.</summary>
    public ManagedEndpoint? Bridge { get; init; }

    /// <summary>Its UUID; null when it has none or did not tell.</summary>
    public Guid? Uuid { get; internal set; }

    /// <summary>What Get Endpoint ID said: bus owner or bridge, or a simple endpoint.</summary>
    public EndpointKind Kind { get; internal set; }

    /// <summary>The message types that it supports, ascending as told.</summary>
    public IReadOnlyList<MessageType> MessageTypes { get; internal set; } = [];

    /// <summary>Its vendor-defined command sets.</summary>
    public IReadOnlyList<VendorDefinedSet> VendorSets { get; internal set; } = [];

    /// <summary>Whether it answers.</summary>
    public Connectivity Connectivity { get; internal set; }

    /// <summary>What it hands out behind it; null for simple endpoints and for bridges that were given nothing.</summary>
    public EidPool? Pool { get; internal set; }

    /// <summary>A bridge's own routing table as it told us last; empty for others.</summary>
    public IReadOnlyList<RoutingTableEntry> RoutingTable { get; internal set; } = [];

    /// <summary>Largest packet on the route to it, header included; 0 for the link's own limit.</summary>
    public int Mtu { get; internal set; }

    /// <summary>True when it is published: its types are known, so that others may use it.</summary>
    public bool IsPublished { get; internal set; }

    /// <summary>False when <see cref="Kind"/> is only what assigning its EID suggested, as it was not asked.</summary>
    internal bool IsKindTold { get; set; }

    /// <summary>A pool that is reserved behind it while it is being allocated; not announced yet.</summary>
    internal EidPool? ClaimedPool { get; set; }

    /// <summary>How many EIDs it asked for; 0 for none.</summary>
    internal int PoolWanted { get; set; }

    /// <summary>The pool that it has or is about to get.</summary>
    internal EidPool? HeldPool => Pool ?? ClaimedPool;

    /// <summary>The routes that were added for it and that go with it.</summary>
    internal List<HostRoute> Routes { get; } = [];

    /// <summary>The neighbour that was added for it and goes with it.</summary>
    internal HostNeighbour? Neighbour { get; set; }

    /// <summary>Its address in messages that go by route.</summary>
    internal MctpEndPoint ByRoute => new(Eid, MessageType.Control, MctpTag.Owner, Network);

    /// <summary>Its address in messages that go to its place on the link, whatever EID it has.</summary>
    internal MctpEndPoint ByAddress => new(Eid.Null, MessageType.Control, MctpTag.Owner, Network, Link, Address);
}
