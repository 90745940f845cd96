// SPDX-License-Identifier: Apache-2.0
using Busbar.ControlPlane;
using Busbar.Mctp;

namespace Busbar.Daemon;

/// <summary>A whole configuration: that of mctpd, and what Busbar adds. The defaults are those of a missing file.</summary>
public sealed record DaemonConfiguration
{
    /// <summary>The file it was read from; null for the defaults.</summary>
    public string? File { get; init; }

    /// <summary>What the daemon stands on.</summary>
    public DaemonBackend Backend { get; init; } = DaemonBackend.Kernel;

    /// <summary>Our part on links that no rule is for.</summary>
    public LinkRole Role { get; init; } = LinkRole.BusOwner;

    /// <summary>Whether packets for others are forwarded between the links of a network (Busbar's own stack).</summary>
    public bool Forwards { get; init; } = true;

    /// <summary>How long one try of a query waits.</summary>
    public TimeSpan MessageTimeout { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>The UUID of this system; null for one that is derived from the machine's identity.</summary>
    public Guid? Uuid { get; init; }

    /// <summary>First EID that is assigned dynamically.</summary>
    public Eid DynamicFirst { get; init; } = new(8);

    /// <summary>Last EID that is assigned dynamically.</summary>
    public Eid DynamicLast { get; init; } = new(254);

    /// <summary>The largest pool that a bridge is given.</summary>
    public int MaximumPoolSize { get; init; } = 15;

    /// <summary>How often EIDs of pools are polled; zero for never.</summary>
    public TimeSpan EndpointPoll { get; init; }

    /// <summary>Whether the bus owner looks for endpoints on its own.</summary>
    public bool Discovers { get; init; }

    /// <summary>EIDs that a bridge of ours asks its bus owner for; null for as many as its buses are likely to need.</summary>
    public int? WantedPoolSize { get; init; }

    /// <summary>EIDs that belong to places.</summary>
    public IReadOnlyList<NeighbourSettings> Reservations { get; init; } = [];

    /// <summary>What we are on which links; the first that matches counts.</summary>
    public IReadOnlyList<InterfaceRule> Interfaces { get; init; } = [];

    /// <summary>The links.</summary>
    public IReadOnlyList<LinkSettings> Links { get; init; } = [];

    /// <summary>Static routes.</summary>
    public IReadOnlyList<RouteSettings> Routes { get; init; } = [];

    /// <summary>Static neighbours.</summary>
    public IReadOnlyList<NeighbourSettings> Neighbours { get; init; } = [];

    /// <summary>What the daemon offers to other processes.</summary>
    public DaemonSettings Daemon { get; init; } = new();

    /// <summary>Our part on a link: its own table's, else that of the first rule that matches, else the general one.</summary>
    /// <param name="link">The link.</param>
    public LinkRole RoleOf(HostLink link)
    {
        if (Links.FirstOrDefault(settings => settings.Name == link.Name)?.Role is { } own) return own;
        return Interfaces.FirstOrDefault(rule => rule.Matches(link))?.Role ?? Role;
    }
}
