// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Bench;

/// <summary>What <c>bench forward</c> measures.</summary>
public sealed record ForwardBenchOptions
{
    /// <summary>Packet payloads in bytes, type byte included.</summary>
    public IReadOnlyList<int> Sizes { get; init; } = [64, 1024, 4096];

    /// <summary>Interleaved rounds.</summary>
    public int Rounds { get; init; } = 7;

    /// <summary>Seconds of each measurement of a round.</summary>
    public double Seconds { get; init; } = 0.2;

    /// <summary>Bytes of each of the two windows.</summary>
    public int WindowSize { get; init; } = 2 << 20;

    /// <summary>Where the windows' files are made; somewhere in memory, such as /dev/shm.</summary>
    public required string Folder { get; init; }
}
