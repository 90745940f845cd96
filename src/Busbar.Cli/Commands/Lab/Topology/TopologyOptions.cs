// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Cli;

/// <summary>What is done with a topology once it stands.</summary>
internal sealed record TopologyOptions
{
    /// <summary>Sizes of the echo messages.</summary>
    public required IReadOnlyList<int> Sizes { get; init; }

    /// <summary>Messages of each size to each endpoint.</summary>
    public required int Count { get; init; }

    /// <summary>How long the network may take until everybody is found.</summary>
    public required TimeSpan Patience { get; init; }

    /// <summary>Decides the data that is sent.</summary>
    public required int Seed { get; init; }

    /// <summary>Keep the network running, when it stands, until a signal.</summary>
    public bool Stays { get; init; }
}
