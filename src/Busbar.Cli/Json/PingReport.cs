// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Cli;

/// <summary>What <c>busbar ping</c> found.</summary>
internal sealed record PingReport
{
    public required bool Ok { get; init; }

    public required string Link { get; init; }

    /// <summary>echo or control.</summary>
    public required string Probe { get; init; }

    public required int Size { get; init; }

    public required int Sent { get; init; }

    public required int Received { get; init; }

    public required int Corrupt { get; init; }

    public required int Lost { get; init; }

    public required double LossPercent { get; init; }

    public required double MinUs { get; init; }

    public required double AvgUs { get; init; }

    public required double P50Us { get; init; }

    public required double P99Us { get; init; }

    public required double MaxUs { get; init; }

    public required double ElapsedS { get; init; }

    public required IReadOnlyList<PingReply> Replies { get; init; }

    public string ToText()
    {
        string corrupt = Corrupt == 0 ? string.Empty : $", {Corrupt} corrupt";
        string summary = $"{Sent} sent, {Received} received{corrupt}, {LossPercent:0.##}% loss, time {ElapsedS * 1000:0} ms\n";
        string times = Received == 0 ? string.Empty : $"rtt min/avg/p50/p99/max = {MinUs:0.0}/{AvgUs:0.0}/{P50Us:0.0}/{P99Us:0.0}/{MaxUs:0.0} us\n";
        return $"--- {Link} {Probe} statistics ---\n{summary}{times}";
    }
}
