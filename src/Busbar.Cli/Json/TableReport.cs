// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Cli;

/// <summary>What <c>busbar link</c>, <c>address</c>, <c>route</c> and <c>neigh</c> show; only the table asked for is there.</summary>
internal sealed record TableReport
{
    public required bool Ok { get; init; }

    /// <summary><c>kernel</c>, or the daemon's socket.</summary>
    public required string System { get; init; }

    public IReadOnlyList<LinkRow>? Links { get; init; }

    public IReadOnlyList<AddressRow>? Addresses { get; init; }

    public IReadOnlyList<RouteRow>? Routes { get; init; }

    public IReadOnlyList<NeighbourRow>? Neighbours { get; init; }
}
