// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;

namespace Busbar.Bench;

/// <summary>What <c>bench mmbi</c> is to measure.</summary>
public sealed record MmbiBenchOptions
{
    /// <summary>Message sizes in bytes, the type byte included; 2..65536.</summary>
    public IReadOnlyList<int> Sizes { get; init; } = [16, 64, 256, 1024, 4096, 16384, 65536];

    /// <summary>Waiting strategies.</summary>
    public IReadOnlyList<string> Waits { get; init; } = ["spin", "block"];

    /// <summary>Interleaved rounds; figures are medians over them.</summary>
    public int Rounds { get; init; } = 7;

    /// <summary>Seconds for each single measurement of a round.</summary>
    public double Seconds { get; init; } = 0.03;

    /// <summary>Seconds of warm-up for each waiting strategy.</summary>
    public double WarmUpSeconds { get; init; } = 1.5;

    /// <summary>Window bytes of each link.</summary>
    public int WindowSize { get; init; } = 2 << 20;

    /// <summary>Dialect of the owner.</summary>
    public string Dialect { get; init; } = "v1.1";

    /// <summary>Folder for the sockets.</summary>
    public required string Folder { get; init; }

    /// <summary>Starts this program again with other arguments, input and output redirected.</summary>
    public required Func<IReadOnlyList<string>, Process> StartProgram { get; init; }
}
