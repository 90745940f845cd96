// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text;

namespace Busbar.Cli;

/// <summary>What <c>busbar bench peer</c> measured; the figures of a direction are absent when it was left out.</summary>
internal sealed record BenchPeerReport
{
    /// <summary>False when messages were lost or came damaged.</summary>
    public required bool Ok { get; init; }

    public required string Link { get; init; }

    /// <summary>0 for whoever sits at the other end.</summary>
    public required int Eid { get; init; }

    public required int Size { get; init; }

    public long? Received { get; init; }

    public long? Dropped { get; init; }

    public long? Invalid { get; init; }

    public double? ReceivedS { get; init; }

    public double? ReceivedBytesPerS { get; init; }

    public long? Sent { get; init; }

    public double? SentS { get; init; }

    public double? SentBytesPerS { get; init; }

    public string ToText()
    {
        var text = new StringBuilder();
        if (Received is { } received)
        {
            text.Append(Line("received", received, ReceivedS, ReceivedBytesPerS));
            text.AppendLine(CultureInfo.InvariantCulture, $", {Dropped} dropped, {Invalid} invalid");
        }

        if (Sent is { } sent) text.AppendLine(Line("sent    ", sent, SentS, SentBytesPerS));
        return text.ToString();
    }

    private string Line(string what, long count, double? seconds, double? bytes) => string.Create(
        CultureInfo.InvariantCulture,
        $"{what} {count} messages of {Size} bytes in {seconds:0.000} s: {bytes / 1e6:0.00} MB/s, {count / Math.Max(seconds ?? 0, 1e-9):0} messages/s");
}
