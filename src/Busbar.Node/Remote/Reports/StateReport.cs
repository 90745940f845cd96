// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Node;

/// <summary>All that a daemon knows, at one moment.</summary>
public sealed record StateReport
{
    /// <summary>The daemon itself.</summary>
    public required DaemonReport Daemon { get; init; }

    /// <summary>The links, by index.</summary>
    public IReadOnlyList<LinkReport> Links { get; init; } = [];

    /// <summary>The networks, by number.</summary>
    public IReadOnlyList<NetworkReport> Networks { get; init; } = [];

    /// <summary>The endpoints, by network and EID; the daemon's own among them.</summary>
    public IReadOnlyList<EndpointReport> Endpoints { get; init; } = [];

    /// <summary>The routes, newest first as they are matched.</summary>
    public IReadOnlyList<RouteReport> Routes { get; init; } = [];

    /// <summary>The neighbours.</summary>
    public IReadOnlyList<NeighbourReport> Neighbours { get; init; } = [];
}
