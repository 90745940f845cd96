// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using Busbar.Endpoints;
using Busbar.Mctp;
using Busbar.Node;

namespace Busbar.Cli;

/// <summary>
/// Pings over one or several links at once and reports everything that happens as events: replies, losses, and the links' ups and downs with their
/// reasons. A link that goes down is waited for; pinging goes on meanwhile. A node, a thread that asks and a thread that prints for each link.
/// </summary>
internal sealed class PingStream
{
    private readonly PingStreamOptions _options;
    private readonly EventWriter _writer;
    private readonly CancellationToken _stop;
    private readonly long _started = Stopwatch.GetTimestamp();

    public PingStream(PingStreamOptions options, EventWriter writer, CancellationToken stop) => (_options, _writer, _stop) = (options, writer, stop);

    /// <summary>Runs until every link's count is reached or the user stops it.</summary>
    /// <returns>The exit code: 0 when every link gave at least one intact answer.</returns>
    public int Run()
    {
        if (_options.Links.Count == 1) return Ping(_options.Links[0], isOneOfMany: false);
        int[] codes = new int[_options.Links.Count];
        Thread[] threads = [.. Enumerable.Range(0, codes.Length).Select(i => new Thread(() => codes[i] = PingOneOfMany(_options.Links[i])) { IsBackground = true, Name = $"ping {i}" })];
        foreach (Thread thread in threads) thread.Start();
        foreach (Thread thread in threads) thread.Join();
        return codes.FirstOrDefault(code => code != ExitCode.Success);
    }

    // A link that cannot even be opened must not end the others' pinging.
    private int PingOneOfMany(LinkSpec spec)
    {
        try
        {
            return Ping(spec, isOneOfMany: true);
        }
        catch (Exception failure)
        {
            (int code, string line) = FailureReport.Explain(failure);
            _writer.Write(Stamp(new EventLine { Event = "error", Message = line }, spec.Text));
            return code;
        }
    }

    private int Ping(LinkSpec spec, bool isOneOfMany)
    {
        string? name = isOneOfMany ? spec.Text : null;
        using PeerSession session = _options.Open(spec);
        EndpointHost host = session.Link!.Host;
        using IProbe probe = _options.Control ? new ControlProbe(session, _options.Timeout) : new EchoProbe(session, _options.Size, _options.Timeout);
        _writer.Write(Stamp(new EventLine { Event = "ready", Pid = Environment.ProcessId, Link = spec.Text, Size = probe.Tally.Size }, name));
        var watcher = new LinkWatcher(host.Attachment, line => Stamp(line, name));
        watcher.Watch(host);
        using var done = new CancellationTokenSource();
        var printer = new Thread(() => watcher.Run(_writer, done.Token)) { IsBackground = true, Name = "link events" };
        printer.Start();
        try
        {
            Ask(host, probe, name);
        }
        finally
        {
            done.Cancel();
            printer.Join();
        }

        EchoTally tally = probe.Tally;
        _writer.Write(Stamp(
            new EventLine
            {
                Event = "summary",
                Count = tally.Sent,
                Ok = tally.Intact,
                Lost = tally.Lost,
                P50Us = Math.Round(tally.Times.P50, 1),
                P99Us = Math.Round(tally.Times.P99, 1),
            },
            name));
        return tally.Intact > 0 ? ExitCode.Success : ExitCode.Negative;
    }

    private void Ask(EndpointHost host, IProbe probe, string? name)
    {
        for (int sent = 1; (_options.Count == 0 || sent <= _options.Count) && !_stop.IsCancellationRequested; sent++)
        {
            long due = Stopwatch.GetTimestamp() + (long)(_options.Interval.TotalSeconds * Stopwatch.Frequency);
            (EchoOutcome outcome, double microseconds) = probe.Ask();
            _writer.Write(Stamp(
                outcome switch
                {
                    EchoOutcome.Intact => new EventLine { Event = "reply", Seq = sent, Us = Math.Round(microseconds, 1) },
                    EchoOutcome.Corrupt => new EventLine { Event = "corrupt", Seq = sent },
                    _ => new EventLine { Event = "lost", Seq = sent, Reason = IsUp(host) ? "timeout" : "link_down" },
                },
                name));
            TimeSpan pause = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), due);
            if (pause > TimeSpan.Zero && sent != _options.Count) _stop.WaitHandle.WaitOne(pause);
        }
    }

    private static bool IsUp(EndpointHost host) => host.Node.Read((_, _) => host.Attachment.Link.IsUp);

    private EventLine Stamp(EventLine line, string? link) => line with
    {
        Link = line.Link ?? link,
        AtS = Math.Round(Stopwatch.GetElapsedTime(_started).TotalSeconds, 3),
    };
}
