// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Cli;

/// <summary>What <c>busbar req</c> did. Times are absent when nothing was answered.</summary>
internal sealed record RequestReport
{
    public required bool Ok { get; init; }

    public required string Link { get; init; }

    public required int Type { get; init; }

    /// <summary>Body bytes of each request.</summary>
    public required int Length { get; init; }

    public required int Sent { get; init; }

    public required int Answered { get; init; }

    public required int Lost { get; init; }

    /// <summary>Answers of another type, or echoes with other bytes.</summary>
    public required int Wrong { get; init; }

    public double? MinUs { get; init; }

    public double? P50Us { get; init; }

    public double? P99Us { get; init; }

    public double? MaxUs { get; init; }

    public required IReadOnlyList<RequestAnswer> Answers { get; init; }

    public string ToText()
    {
        string text = $"{Sent} sent, {Answered} answered, {Lost} lost, {Wrong} wrong";
        return P50Us is null ? text : $"{text}; min {MinUs:0.0}, p50 {P50Us:0.0}, p99 {P99Us:0.0}, max {MaxUs:0.0} us";
    }
}
