// SPDX-License-Identifier: Apache-2.0
using Busbar.Endpoints;
using Busbar.Mctp;
using Busbar.Mmbi;
using Busbar.Node;

namespace Busbar.Cli;

/// <summary>Everything that one end of a link counted. Groups hold only what is not zero.</summary>
internal sealed record CounterReport
{
    public required long PacketsSent { get; init; }

    public required long BytesSent { get; init; }

    public required long PacketsReceived { get; init; }

    public required long BytesReceived { get; init; }

    public required long MessagesSent { get; init; }

    public required long MessagesReceived { get; init; }

    public required long Doorbells { get; init; }

    public required long Wakes { get; init; }

    public required long EchoAnswered { get; init; }

    public required long Joins { get; init; }

    public required long ResetsByUs { get; init; }

    public required long ResetsByPeer { get; init; }

    public required long PacketsSkipped { get; init; }

    /// <summary>Times that an owner which never resets went on at the host's pointer.</summary>
    public required long StreamsSkipped { get; init; }

    /// <summary>Pointers outside the ring that it ignored.</summary>
    public required long PointersIgnored { get; init; }

    /// <summary>Drops by reason.</summary>
    public required Dictionary<string, long> Drops { get; init; }

    /// <summary>Resets by reason.</summary>
    public required Dictionary<string, long> Resets { get; init; }

    public static CounterReport Collect(EndpointHost host, MmbiAttachment? attachment) => Collect(host.Node, host.Attachment, attachment, host.Echo);

    public static CounterReport Collect(MctpNode node, LinkAttachment on, MmbiAttachment? attachment, EchoService? echo) => node.Read((stack, _) =>
    {
        LinkStatistics link = on.Link.Statistics;
        MmbiStatistics? channel = attachment?.MmbiLink.Channel?.Statistics;
        return new CounterReport
        {
            PacketsSent = link.PacketsSent,
            BytesSent = link.BytesSent,
            PacketsReceived = link.PacketsReceived,
            BytesReceived = link.BytesReceived,
            MessagesSent = stack.Statistics.MessagesSent,
            MessagesReceived = stack.Statistics.MessagesReceived,
            Doorbells = link.DoorbellsRung,
            Wakes = link.Wakes,
            EchoAnswered = echo?.Answered ?? 0,
            Joins = channel?.Joins ?? 0,
            ResetsByUs = channel?.ResetsByUs ?? 0,
            ResetsByPeer = channel?.ResetsByPeer ?? 0,
            PacketsSkipped = channel?.PacketsSkipped ?? 0,
            StreamsSkipped = channel?.StreamsSkipped ?? 0,
            PointersIgnored = channel?.PointersIgnored ?? 0,
            Drops = Names.ByReason<DropReason>(reason => stack.Statistics.Drops[reason]),
            Resets = Names.ByReason<MmbiReason>(reason => channel?.Resets(reason) ?? 0),
        };
    });

    /// <summary>The counters as rows for people.</summary>
    public IEnumerable<(string Name, long Value)> Rows()
    {
        yield return ("packets sent", PacketsSent);
        yield return ("packets received", PacketsReceived);
        yield return ("bytes sent", BytesSent);
        yield return ("bytes received", BytesReceived);
        yield return ("messages sent", MessagesSent);
        yield return ("messages received", MessagesReceived);
        yield return ("doorbells rung", Doorbells);
        yield return ("wakes", Wakes);
        yield return ("echoes answered", EchoAnswered);
        yield return ("joins", Joins);
        yield return ("resets by this side", ResetsByUs);
        yield return ("resets by the peer", ResetsByPeer);
        yield return ("packets skipped", PacketsSkipped);
        yield return ("streams skipped", StreamsSkipped);
        yield return ("pointers ignored", PointersIgnored);
        foreach ((string reason, long count) in Resets) yield return ($"reset: {reason.Replace('_', ' ')}", count);
        foreach ((string reason, long count) in Drops) yield return ($"drop: {reason.Replace('_', ' ')}", count);
    }
}
