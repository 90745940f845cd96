// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.ControlPlane;

/// <summary>How a <see cref="NetworkController"/> behaves. The defaults are mctpd's.</summary>
public sealed record NetworkControllerOptions
{
    /// <summary>UUID of this system.</summary>
    public required Guid Uuid { get; init; }

    /// <summary>Our part on a link, asked when the link appears.</summary>
    public Func<HostLink, LinkRole> RoleOf { get; init; } = static _ => LinkRole.BusOwner;

    /// <summary>How long one try of a query waits for its answer.</summary>
    public TimeSpan MessageTimeout { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>How often a query is sent at most, at least 1.</summary>
    public int Tries { get; init; } = 4;

    /// <summary>First EID that is assigned dynamically, 8 to 254.</summary>
    public Eid DynamicFirst { get; init; } = new(8);

    /// <summary>Last EID that is assigned dynamically.</summary>
    public Eid DynamicLast { get; init; } = new(254);

    /// <summary>The largest pool that a bridge is given.</summary>
    public int MaximumPoolSize { get; init; } = 15;

    /// <summary>How often the EIDs of pools are asked for somebody behind the bridge; zero for never.</summary>
    public TimeSpan EndpointPoll { get; init; }

    /// <summary>TRECLAIM: how long an endpoint must be silent before its EID counts as free.</summary>
    public TimeSpan Reclaim { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Whether a bus owner looks for endpoints on its own: at start, when a link comes up, and on Discovery Notify. On links without physical addresses it asks the other end,
    /// on links with discovery it broadcasts, elsewhere it asks <see cref="ScanAddresses"/>.
    /// </summary>
    public bool AutoDiscover { get; init; }

    /// <summary>Physical addresses to ask on a link when looking for endpoints; none by default.</summary>
    public Func<HostLink, IReadOnlyList<PhysicalAddress>> ScanAddresses { get; init; } = static _ => [];

    /// <summary>EIDs that belong to certain physical addresses; set-up and assignment give these and nobody else gets them.</summary>
    public Func<HostLink, PhysicalAddress, Eid?> ReservedEid { get; init; } = static (_, _) => null;

    /// <summary>All EIDs that <see cref="ReservedEid"/> may give, by network, so that they stay free.</summary>
    public Func<uint, IReadOnlyCollection<Eid>> ReservedEids { get; init; } = static _ => [];

    /// <summary>
    /// EIDs that a bridge of ours asks its bus owner for, to assign behind it; 0 asks for none. Null asks for as many as its buses are likely to need: what is known there, and no less
    /// than one on a link without physical addresses, four on others (DSP0236's advice for an SMBus), or as many as there are addresses to scan.
    /// </summary>
    public int? WantedPoolSize { get; init; }

    /// <summary>UUID of the network, for Get Network ID; null makes the bus owner use its own UUID.</summary>
    public Guid? NetworkId { get; init; }
}
