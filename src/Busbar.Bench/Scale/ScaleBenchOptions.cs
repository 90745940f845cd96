// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Bench;

/// <summary>How large a world <c>bench scale</c> builds.</summary>
public sealed record ScaleBenchOptions
{
    /// <summary>Buses, and links of the one stack in the middle.</summary>
    public int Links { get; init; } = 200;

    /// <summary>Emulated endpoints, spread over the buses.</summary>
    public int Endpoints { get; init; } = 10_000;

    /// <summary>Networks, over which the buses are spread.</summary>
    public int Networks { get; init; } = 50;

    /// <summary>Where to make the socket of a window for the enumeration; null leaves the enumeration out.</summary>
    public string? Folder { get; init; }

    /// <summary>How often all endpoints are asked.</summary>
    public int Rounds { get; init; } = 7;
}
