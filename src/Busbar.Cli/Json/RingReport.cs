// SPDX-License-Identifier: Apache-2.0
using Busbar.Mmbi;

namespace Busbar.Cli;

/// <summary>One ring as <c>busbar mmbi show</c> finds it.</summary>
internal sealed record RingReport
{
    /// <summary>b2h (owner to host) or h2b.</summary>
    public required string Ring { get; init; }

    public required long Start { get; init; }

    public required long Length { get; init; }

    public required uint WritePointer { get; init; }

    public required uint ReadPointer { get; init; }

    /// <summary>True while both sides are up; otherwise the pointers are what an earlier session left, and count for nothing.</summary>
    public required bool InUse { get; init; }

    /// <summary>Bytes between the published pointers; 0 when the ring is not in use.</summary>
    public required int FilledBytes { get; init; }

    public required double FillPercent { get; init; }

    public required int Packets { get; init; }

    /// <summary>The header format under which the filled part makes sense; absent when there is none or nothing to judge by.</summary>
    public string? HeaderFormat { get; init; }

    /// <summary>False when a pointer lies outside the ring.</summary>
    public required bool Plausible { get; init; }

    public static RingReport From(string name, MmbiRingReport found, bool inUse) => new()
    {
        Ring = name,
        Start = found.Ring.Start,
        Length = found.Ring.Length,
        WritePointer = found.WritePointer,
        ReadPointer = found.ReadPointer,
        InUse = inUse,
        FilledBytes = inUse ? found.Filled : 0,
        FillPercent = found.Ring.Length == 0 || !inUse ? 0 : Math.Round(100.0 * found.Filled / found.Ring.Length, 1),
        Packets = inUse ? found.Packets : 0,
        HeaderFormat = inUse ? found.Format?.Name : null,
        Plausible = found.IsPlausible,
    };
}
