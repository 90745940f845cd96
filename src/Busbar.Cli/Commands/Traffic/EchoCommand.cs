// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using System.Text.Json;

namespace Busbar.Cli;

/// <summary><c>busbar echo</c>: answers echo requests, as mctp-echo does.</summary>
internal sealed class EchoCommand : BusbarCommand
{
    private readonly PeerOptions _peer = new(takesPeer: false);
    private readonly Option<int> _count = OptionKinds.Number("--count", "End after so many answers; 0 for no end.", "N", 0, 0, int.MaxValue);
    private readonly Option<TimeSpan> _timeout = OptionKinds.Seconds("--timeout", "End after so long without a message; 0 for no end.", 0);
    private readonly Option<bool> _quiet = new("--quiet", "-q") { Description = "Print no line per message." };
    private readonly Option<bool> _json = OptionKinds.Json("Print one JSON object per message instead of text.");

    public EchoCommand()
        : base("echo", "Answer echo requests (type 0x7e, cc de f0) that reach a daemon, the kernel or a link, until stopped.")
    {
        _peer.AddTo(this);
        foreach (Option option in (Option[])[_count, _timeout, _quiet, _json]) Options.Add(option);
        SetAction(Run);
    }

    public override IReadOnlyList<string> Examples => ["busbar echo", "busbar echo --kernel --count 10 --timeout 5", "busbar echo --link mmbi:ivshmem:/run/lab.sock --json"];

    public override IReadOnlyList<string> Notes =>
        ["Exit code 0: stopped, or --count was reached. 3: --timeout passed first.", "With a link of its own 'busbar endpoint' answers echo, too, and control requests."];

    private int Run(ParseResult parsed)
    {
        using var stop = new StopSignal();
        using PeerSession session = _peer.Open(parsed, TimeSpan.FromSeconds(5));
        using var server = new EchoServer(session.Source);
        bool json = parsed.GetValue(_json);
        bool quiet = parsed.GetValue(_quiet);
        int count = parsed.GetValue(_count);
        TimeSpan timeout = parsed.GetValue(_timeout);
        long answered = server.Serve(line => Write(line, json, quiet), stop.Token, count, timeout == TimeSpan.Zero ? null : timeout);
        if (stop.Token.IsCancellationRequested || (count != 0 && answered == count)) return ExitCode.Success;
        throw new CommandException(ExitCode.Unreachable, $"no message within {timeout.TotalSeconds:0.###} s; {answered} were answered before");
    }

    private static void Write(EchoLine line, bool json, bool quiet)
    {
        if (quiet) return;
        Console.Out.WriteLine(json ? JsonSerializer.Serialize(line, BusbarJson.Default.EchoLine) : line.ToText());
        Console.Out.Flush();
    }
}
