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
        CultureInfo culture = CultureInfo.InvariantCulture;
        if (Received is not null)
        {
            text.AppendLine(culture, $"received {Received} messages of {Size} bytes in {ReceivedS:0.000} s: {ReceivedBytesPerS / 1e6:0.00} MB/s, {Received / Math.Max(ReceivedS ?? 0, 1e-9):0} messages/s, {Dropped} dropped, {Invalid} invalid");
        }

        if (Sent is not null) text.AppendLine(culture, $"sent     {Sent} messages of {Size} bytes in {SentS:0.000} s: {SentBytesPerS / 1e6:0.00} MB/s, {Sent / Math.Max(SentS ?? 0, 1e-9):0} messages/s");
        return text.ToString();
    }
}
