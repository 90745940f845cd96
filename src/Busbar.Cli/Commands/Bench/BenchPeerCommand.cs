// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using Busbar.Endpoints;
using Busbar.Mctp;

namespace Busbar.Cli;

/// <summary><c>busbar bench peer</c>: throughput from and to one endpoint, in the protocol of mctp-bench.</summary>
internal sealed class BenchPeerCommand : BusbarCommand
{
    private readonly PeerOptions _peer = new();
    private readonly Argument<Eid?> _eid = new("EID")
    {
        Description = "Whom to measure; without it whoever sits at the other end of a link.",
        Arity = ArgumentArity.ZeroOrOne,
        CustomParser = result =>
        {
            if (OptionKinds.TryParseNumber(result.Tokens[0].Value, 8, 254, out int value)) return new Eid((byte)value);
            result.AddError($"{result.Tokens[0].Value}: an EID is a number from 8 to 254");
            return null;
        },
    };

    private readonly Option<bool> _send = new("--send") { Description = "Only send to the endpoint." };
    private readonly Option<bool> _receive = new("--receive") { Description = "Only have the endpoint send." };
    private readonly Option<int> _size = OptionKinds.Number("--size", "Bytes of each message.", "BYTES", 1024, BenchClient.SmallestSize, BenchClient.LargestSize);
    private readonly Option<int> _count = OptionKinds.Number("--count", "Messages in each direction.", "N", 10_000, 1, int.MaxValue);
    private readonly Option<TimeSpan> _timeout = OptionKinds.Seconds("--timeout", "How long nothing may come, and how long to wait for the link.", 5, 0.001);
    private readonly Option<bool> _json = OptionKinds.Json();

    public BenchPeerCommand()
        : base("peer", "Throughput from and to one endpoint, in the protocol of mctp-bench.")
    {
        Arguments.Add(_eid);
        _eid.CompletionSources.Add(KnownNames.Eids);
        _peer.AddTo(this);
        foreach (Option option in (Option[])[_send, _receive, _size, _count, _timeout, _json]) Options.Add(option);
        SetAction(Run);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "busbar bench peer 9",
        "busbar bench peer 9 --receive --size 64 --count 100000 --json",
        "busbar bench peer --link mmbi:ivshmem:/run/lab.sock",
    ];

    public override IReadOnlyList<string> Notes =>
    [
        "The endpoint must answer mctp-bench's commands ('busbar endpoint' does). What it makes of what is sent to it, it does not tell.",
        "Exit code 1: messages were lost or came damaged. 3: nothing came. 4: the endpoint refuses.",
    ];

    private int Run(ParseResult parsed)
    {
        bool sends = parsed.GetValue(_send);
        bool receives = parsed.GetValue(_receive);
        if (!sends && !receives) sends = receives = true;
        int size = parsed.GetValue(_size);
        int count = parsed.GetValue(_count);
        TimeSpan timeout = parsed.GetValue(_timeout);
        using var stop = new StopSignal();
        using PeerSession session = _peer.Open(parsed, timeout, parsed.GetValue(_eid));
        using var client = new BenchClient(session.Source, session.Peer(MessageType.VendorPci));
        var report = new BenchPeerReport { Ok = true, Link = session.Name, Eid = session.Target.Value, Size = size };
        if (receives) report = Received(report, client.Receive(size, count, timeout, observe: null, stop.Token));
        if (sends && !stop.Token.IsCancellationRequested) report = Sent(report, client, size, count, timeout, stop.Token);
        if (parsed.GetValue(_json)) BusbarJson.WriteLine(report, BusbarJson.Default.BenchPeerReport);
        else Console.Out.Write(report.ToText());
        return report.Ok ? ExitCode.Success : ExitCode.Negative;
    }

    private static BenchPeerReport Received(BenchPeerReport report, BenchResult result) => report with
    {
        Ok = result.Tally is { Dropped: 0, Invalid: 0, Received: > 0 },
        Received = result.Tally.Received,
        Dropped = result.Tally.Dropped,
        Invalid = result.Tally.Invalid,
        ReceivedS = Math.Round(result.Elapsed.TotalSeconds, 6),
        ReceivedBytesPerS = Math.Round(result.BytesPerSecond),
    };

    private static BenchPeerReport Sent(BenchPeerReport report, BenchClient client, int size, int count, TimeSpan timeout, CancellationToken stop)
    {
        long sent = 0;
        TimeSpan elapsed = client.Send(size, count, timeout, done => sent = done, stop);
        return report with
        {
            Sent = sent,
            SentS = Math.Round(elapsed.TotalSeconds, 6),
            SentBytesPerS = elapsed > TimeSpan.Zero ? Math.Round(sent * size / elapsed.TotalSeconds) : null,
        };
    }
}
