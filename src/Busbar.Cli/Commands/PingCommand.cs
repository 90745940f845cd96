// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using System.Diagnostics;
using Busbar.Endpoints;
using Busbar.Mctp;
using Busbar.Node;

namespace Busbar.Cli;

/// <summary><c>busbar ping</c>: round trips, one by one.</summary>
internal sealed class PingCommand : BusbarCommand
{
    private const int LargestCount = 1_000_000_000;

    // The list of single replies in JSON ends here, because a run may have no end; the figures count all.
    private const int MostReplies = 10_000;

    private readonly PeerOptions _peer = new(mayBeMany: true);
    private readonly Option<int> _count = OptionKinds.Number("--count", "Round trips; 0 for no end.", "N", 4, 0, LargestCount);
    private readonly Option<int> _size = OptionKinds.Number("--size", "Bytes of an echo request, its 3-byte prefix included.", "BYTES", 64, EchoClient.SmallestSize, EchoClient.LargestSize);
    private readonly Option<TimeSpan> _interval = OptionKinds.Seconds("--interval", "Time from one request to the next.", 1);
    private readonly Option<TimeSpan> _timeout = OptionKinds.Seconds("--timeout", "How long to wait for each answer, and for the link.", 5, 0.001);
    private readonly Option<bool> _control = new("--control") { Description = "Ask Get Endpoint ID instead of sending echo requests; every MCTP endpoint answers that." };
    private readonly Option<bool> _events = new("--events") { Description = "Report each reply and each change of the link as an event of its own, as it happens; several links always do." };
    private readonly Option<bool> _json = OptionKinds.Json("Print one JSON object instead of text; with --events one per event.");

    public PingCommand()
        : base("ping", "Measure round trips to an endpoint: echo on type 0x7e, or control requests.")
    {
        _peer.AddTo(this);
        _count.Aliases.Add("-c");
        _size.Aliases.Add("-s");
        _interval.Aliases.Add("-i");
        foreach (Option option in (Option[])[_count, _size, _interval, _timeout, _control, _events, _json]) Options.Add(option);
        SetAction(Run);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "busbar ping --link mmbi:ivshmem:/run/lab.sock",
        "busbar ping --link mmbi:shm:/dev/shm/x --eid 9 --count 1000 --interval 0 --size 4096",
        "busbar ping --link mmbi:ivshmem:/run/lab.sock --control --json",
        "busbar ping --link mmbi:ivshmem:/run/lab.sock --count 0 --interval 0.1 --events --json",
        "busbar ping --kernel --eid 9 --size 65535                  # through the kernel's AF_MCTP, see 'busbar attach'",
    ];

    public override IReadOnlyList<string> Notes =>
        ["Exit code 0: at least one answer came back intact. 1: the link was up, and none did. 3: the link did not come up."];

    private int Run(ParseResult parsed)
    {
        LinkSpec[] links = _peer.Links(parsed);
        if (parsed.GetValue(_events) || links.Length > 1) return Stream(parsed, links);
        TimeSpan timeout = parsed.GetValue(_timeout);
        bool json = parsed.GetValue(_json);
        using var stop = new StopSignal();
        using PeerSession session = _peer.Open(parsed, timeout);
        using IProbe probe = parsed.GetValue(_control)
            ? new ControlProbe(session, timeout)
            : new EchoProbe(session, parsed.GetValue(_size), timeout);
        var replies = new List<PingReply>();
        long start = Stopwatch.GetTimestamp();
        int count = parsed.GetValue(_count);
        int sent = 0;
        int keep = json ? MostReplies : 0;
        while ((count == 0 || sent < count) && !stop.Token.IsCancellationRequested)
        {
            long due = Stopwatch.GetTimestamp() + (long)(parsed.GetValue(_interval).TotalSeconds * Stopwatch.Frequency);
            (EchoOutcome outcome, double microseconds) = probe.Ask();
            sent++;
            var reply = new PingReply(sent, outcome == EchoOutcome.Intact, outcome == EchoOutcome.Intact ? Math.Round(microseconds, 1) : null, Names.Snake(outcome.ToString()));
            if (replies.Count < keep) replies.Add(reply);
            if (!json) Console.Out.WriteLine(Line(probe, reply));
            TimeSpan pause = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), due);
            if (pause > TimeSpan.Zero && (count == 0 || sent < count)) stop.Token.WaitHandle.WaitOne(pause);
        }

        PingReport report = Summarise(session.Name, probe, replies, Stopwatch.GetElapsedTime(start));
        if (json) BusbarJson.WriteLine(report, BusbarJson.Default.PingReport);
        else Console.Out.Write(report.ToText());
        return report.Received > 0 ? ExitCode.Success : ExitCode.Negative;
    }

    private int Stream(ParseResult parsed, LinkSpec[] links)
    {
        if (links.Length == 0) throw new CommandException(ExitCode.Usage, "--events needs --link LINK: it reports what happens to a link of ours");
        using var stop = new StopSignal();
        return new PingStream(
            new PingStreamOptions
            {
                Open = link => _peer.OpenLink(parsed, link, parsed.GetValue(_timeout)),
                Links = links,
                Count = parsed.GetValue(_count),
                Size = parsed.GetValue(_size),
                Interval = parsed.GetValue(_interval),
                Timeout = parsed.GetValue(_timeout),
                Control = parsed.GetValue(_control),
            },
            new EventWriter(parsed.GetValue(_json)),
            stop.Token).Run();
    }

    private static string Line(IProbe probe, PingReply reply) => reply.Ok
        ? $"{probe.What}: seq={reply.Seq} time={reply.Us:0.0} us"
        : $"{probe.What}: seq={reply.Seq} {reply.Outcome}";

    private static PingReport Summarise(string link, IProbe probe, List<PingReply> replies, TimeSpan elapsed)
    {
        EchoTally tally = probe.Tally;
        RoundTripTimes times = tally.Times;
        return new PingReport
        {
            Ok = tally.Intact > 0,
            Link = link,
            Probe = probe.Name,
            Size = tally.Size,
            Sent = tally.Sent,
            Received = tally.Intact,
            Corrupt = tally.Corrupt,
            Lost = tally.Lost,
            LossPercent = tally.Sent == 0 ? 0 : Math.Round(100.0 * (tally.Sent - tally.Intact) / tally.Sent, 2),
            MinUs = Math.Round(times.Minimum, 1),
            AvgUs = Math.Round(times.Average, 1),
            P50Us = Math.Round(times.P50, 1),
            P99Us = Math.Round(times.P99, 1),
            MaxUs = Math.Round(times.Maximum, 1),
            ElapsedS = Math.Round(elapsed.TotalSeconds, 3),
            Replies = replies,
        };
    }
}
