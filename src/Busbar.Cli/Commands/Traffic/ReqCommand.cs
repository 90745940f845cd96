// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using System.Diagnostics;
using Busbar.Endpoints;
using Busbar.Mctp;

namespace Busbar.Cli;

/// <summary><c>busbar req</c>: requests and their answers, as mctp-req and mctp-client do it, with time limits and figures.</summary>
internal sealed class ReqCommand : BusbarCommand
{
    private const int LargestCount = 1_000_000_000;
    private const int MostReplies = 10_000;

    private readonly PeerOptions _peer = new();
    private readonly Option<MessageType?> _type = OptionKinds.Type(
        required: false,
        "Send a request of this type with the bytes of HEX, and print the answer's bytes; a number, with bit 7 for an integrity check, or ");

    private readonly Option<int> _length = OptionKinds.Number(
        "--length", "Bytes of data behind the prefix of an echo request, if no HEX is given (1).", "BYTES", 1, 0, EchoFormat.MostData);

    private readonly Option<int> _count = OptionKinds.Number("--count", "Requests; 0 for no end.", "N", 1, 0, LargestCount);
    private readonly Option<TimeSpan> _interval = OptionKinds.Seconds("--interval", "Time from one request to the next.", 0);
    private readonly Option<TimeSpan> _timeout = OptionKinds.Seconds("--timeout", "How long to wait for each answer, and for the link.", 5, 0.001);
    private readonly Option<bool> _json = OptionKinds.Json();
    private readonly Argument<string[]> _hex = new("HEX") { Description = "Data: 01 02 ff, 01:02:ff or 0102ff.", Arity = ArgumentArity.ZeroOrMore };

    public ReqCommand()
        : base("req", "Send requests and check their answers: echo (as mctp-req and mctp-echo speak it), or any type with --type (as mctp-client).")
    {
        _peer.AddTo(this);
        foreach (Option option in (Option[])[_type, _length, _count, _interval, _timeout, _json]) Options.Add(option);
        Arguments.Add(_hex);
        SetAction(Run);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "busbar req --eid 9",
        "busbar req --eid 9 --length 4096 --count 1000 --json",
        "busbar req --eid 9 --type control 80 02              # Get Endpoint ID",
        "busbar req --kernel --eid 9 --network 2 01:02:03",
    ];

    public override IReadOnlyList<string> Notes => ["Exit code 0: every request was answered, echoes with the same bytes. 3: one was not, in time. 4: one came back wrong."];

    private int Run(ParseResult parsed)
    {
        if (!Hex.TryParse(parsed.GetValue(_hex) ?? [], out byte[]? data, out string? culprit))
            throw new CommandException(ExitCode.Usage, $"'{culprit}' is not hexadecimal; write bytes of two digits, for instance 01 02 ff");
        MessageType? type = parsed.GetValue(_type);
        if (data.Length > EchoFormat.MostData) throw new CommandException(ExitCode.Usage, $"{data.Length} bytes of data are too many; there may be {EchoFormat.MostData}");
        byte[] request = type is not null ? data : data.Length != 0 ? EchoFormat.Request(data) : EchoFormat.Request(parsed.GetValue(_length));
        TimeSpan timeout = parsed.GetValue(_timeout);
        bool json = parsed.GetValue(_json);
        using var stop = new StopSignal();
        using PeerSession session = _peer.Open(parsed, timeout);
        using var socket = new RequestSocket(session.Source);
        MctpEndPoint to = session.Peer(type ?? EchoFormat.Type);
        var run = new RequestRun(socket, request, to, isEcho: type is null, timeout);
        int count = parsed.GetValue(_count);
        for (int i = 0; (count == 0 || i < count) && !stop.Token.IsCancellationRequested; i++)
        {
            long due = Stopwatch.GetTimestamp() + (long)(parsed.GetValue(_interval).TotalSeconds * Stopwatch.Frequency);
            RequestAnswer answer = run.Ask();
            if (json) run.Keep(answer, MostReplies);
            else Console.Out.WriteLine(type is not null && answer.Outcome == "answered" ? answer.Data : answer.ToText());
            TimeSpan pause = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), due);
            if (pause > TimeSpan.Zero && (count == 0 || i + 1 < count)) stop.Token.WaitHandle.WaitOne(pause);
        }

        RequestReport report = run.Report(session.Name);
        if (json) BusbarJson.WriteLine(report, BusbarJson.Default.RequestReport);
        else if (report.Sent > 1) Console.Out.WriteLine(report.ToText());
        if (report.Wrong > 0) return ExitCode.PeerError;
        return report.Lost > 0 || report.Sent == 0 ? ExitCode.Unreachable : ExitCode.Success;
    }
}
