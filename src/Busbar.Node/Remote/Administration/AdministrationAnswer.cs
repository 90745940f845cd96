// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Node;

/// <summary>One document of the daemon on the administration lane: the answer to a request, or a change for a watcher (then without id).</summary>
internal sealed record AdministrationAnswer
{
    public long Id { get; init; }

    /// <summary>Null when the request was done.</summary>
    public AdministrationFailure? Error { get; init; }

    public StateReport? State { get; init; }

    public DaemonReport? Daemon { get; init; }

    public IReadOnlyList<LinkReport>? Links { get; init; }

    public IReadOnlyList<EndpointReport>? Endpoints { get; init; }

    public IReadOnlyList<NetworkReport>? Networks { get; init; }

    public IReadOnlyList<RouteReport>? Routes { get; init; }

    public IReadOnlyList<NeighbourReport>? Neighbours { get; init; }

    public OutcomeReport? Outcome { get; init; }

    public ChangeReport? Change { get; init; }
}
