// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Cli;

/// <summary>How a story of <c>busbar lab --vm</c> went.</summary>
internal sealed record StoryReport
{
    /// <summary>True when every step went as it should.</summary>
    public required bool Ok { get; init; }

    /// <summary>The story's number.</summary>
    public required int Story { get; init; }

    public required string Title { get; init; }

    /// <summary>What was done, in order; the last one is the one that failed, if one did.</summary>
    public required IReadOnlyList<StoryStep> Steps { get; init; }

    /// <summary>What <c>busbar lab --link</c> reported in the guest, a report per link.</summary>
    public required IReadOnlyList<LabReport> Links { get; init; }

    /// <summary>Messages that went there and back with every byte right.</summary>
    public required long Messages { get; init; }

    /// <summary>Times that somebody will want to know, by name; in the unit that the name ends in.</summary>
    public required IReadOnlyDictionary<string, double> Measures { get; init; }

    public required double ElapsedS { get; init; }

    /// <summary>One line for each thing that went wrong.</summary>
    public required IReadOnlyList<string> Failures { get; init; }
}
