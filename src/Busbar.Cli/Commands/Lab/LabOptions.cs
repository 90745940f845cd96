// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.Cli;

/// <summary>What the user asked of the host's half of the lab.</summary>
internal sealed record LabOptions
{
    public required IReadOnlyList<int> Sizes { get; init; }

    /// <summary>Requests for each size.</summary>
    public required int Count { get; init; }

    /// <summary>From one size of the sweep to the next.</summary>
    public required int SweepStep { get; init; }

    /// <summary>How many sizes are drawn at random.</summary>
    public required int RandomSizes { get; init; }

    public required int Seed { get; init; }

    /// <summary>The EID that the first endpoint gets, further ones those behind it; the null EID to assign none.</summary>
    public required Eid Assign { get; init; }

    /// <summary>How long the link may take to come up, and to come back after a reset.</summary>
    public required TimeSpan Patience { get; init; }
}
