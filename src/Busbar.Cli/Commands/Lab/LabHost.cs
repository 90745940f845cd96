// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using Busbar.Endpoints;
using Busbar.Mctp;
using Busbar.Mmbi;
using Busbar.Node;

namespace Busbar.Cli;

/// <summary>
/// The host's half of the lab on one link: the order of the steps, and the report. With an endpoint of the lab's own at the other end that one is
/// told to do its part, too; any other endpoint is only asked. Use one per thread.
/// </summary>
internal sealed class LabHost : IDisposable
{
    private const int SweepSmallest = EchoClient.SmallestSize;
    private const int SweepLargest = 1100;

    private static readonly Eid s_own = new(8);
    private static readonly TimeSpan s_stepLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_requestLimit = TimeSpan.FromSeconds(30);

    private readonly LabOptions _options;
    private readonly LinkSpec _spec;
    private readonly LabEndpointProcess? _peer;
    private readonly Action<string> _say;
    private readonly CancellationToken _stop;
    private readonly long _started = Stopwatch.GetTimestamp();
    private readonly LinkSession _session;
    private readonly LinkExercise _exercise;
    private readonly List<LabEcho> _echo = [];
    private LabBatch? _requests;

    /// <summary>Opens the link and waits until it is up.</summary>
    /// <param name="options">What to do; its EID is the one for this link.</param>
    /// <param name="spec">The LINK.</param>
    /// <param name="peer">The endpoint, when it is the lab's own.</param>
    /// <param name="say">Told what is being done.</param>
    /// <param name="stop">Ends the run early.</param>
    public LabHost(LabOptions options, LinkSpec spec, LabEndpointProcess? peer, Action<string> say, CancellationToken stop)
    {
        (_options, _spec, _peer, _say, _stop) = (options, spec, peer, say, stop);
        say("joining");
        _session = LinkSession.Open(spec, s_own, options.Patience);
        _exercise = new LinkExercise(
            _session.Host,
            new LinkExerciseOptions { Assign = options.Assign, Seed = options.Seed, StepLimit = options.Patience },
            stop);
    }

    /// <summary>Every step, and the report. The link stays up until this is disposed.</summary>
    public LabReport Run()
    {
        _say("asking who is there");
        EndpointInventory inventory = _exercise.Meet();
        foreach (int size in _options.Sizes) Echo(size);
        Say("reset by the lab", () => _exercise.ResetFromHere("lab"));
        LabBatch sweep = Batch("sweep", () => _exercise.Sweep(SweepSmallest, SweepLargest, _options.SweepStep));
        if (_peer is not null)
        {
            LetEndpointAsk(_peer);
            Say("reset by the endpoint", () => _exercise.Reset("endpoint", () => AskForReset(_peer)));
        }

        LabBatch random = Batch("random sizes", () => _exercise.EchoRandomSizes(_options.RandomSizes));
        _stop.ThrowIfCancellationRequested();
        if (!_session.Host.Attachment.Link.IsUp) _exercise.Fail($"the link is down at the end (state {State()})");
        return Report(inventory, sweep, random);
    }

    public void Dispose()
    {
        _exercise.Dispose();
        _session.Dispose();
    }

    private static bool AskForReset(LabEndpointProcess peer)
    {
        peer.Command("reset");
        peer.Expect("reset", s_stepLimit);
        return true;
    }

    private void Say(string what, Action step)
    {
        if (_stop.IsCancellationRequested) return;
        _say(what);
        step();
    }

    private void Echo(int size) => Say(
        $"echo, {size} bytes",
        () =>
        {
            EchoTally tally = _exercise.Echo(size, _options.Count);
            _echo.Add(new LabEcho(
                size, tally.Sent, tally.Intact, Math.Round(tally.Times.P50, 2), Math.Round(tally.Times.P99, 2), Math.Round(tally.MessagesPerSecond)));
        });

    private LabBatch Batch(string what, Func<ExerciseBatch> step)
    {
        ExerciseBatch batch = default;
        Say(what, () => batch = step());
        return new LabBatch(batch.Smallest, batch.Largest, batch.Sent, batch.Intact);
    }

    // The endpoint asks, this process answers with its own echo service: traffic in the other direction.
    private void LetEndpointAsk(LabEndpointProcess peer)
    {
        int[] sizes = [64, 4096, EchoClient.LargestSize];
        long sent = 0;
        long intact = 0;
        foreach (int size in sizes)
        {
            Say(
                $"requests from the endpoint, {size} bytes",
                () =>
                {
                    peer.Command($"request {s_own} {_options.Count} {size}");
                    EventLine answer = peer.Expect("requested", s_requestLimit);
                    sent += answer.Count ?? 0;
                    intact += answer.Ok ?? 0;
                    if (answer.Ok != answer.Count || answer.Count != _options.Count)
                        _exercise.Fail($"requests from the endpoint, {size} bytes: {answer.Ok} of {_options.Count} came back intact");
                });
        }

        _requests = new LabBatch(sizes[0], sizes[^1], sent, intact);
    }

    private string State() => _session.Node.Read((_, _) => _session.Mmbi?.MmbiLink.Channel?.State.ToString() ?? "no window");

    private LabReport Report(EndpointInventory inventory, LabBatch sweep, LabBatch random)
    {
        _say("counting");
        EndpointHost host = _session.Host;
        MmbiChannel? channel = _session.Mmbi?.MmbiLink.Channel;
        CounterReport own = CounterReport.Collect(host, _session.Mmbi);
        return new LabReport
        {
            Ok = _exercise.Failures.Count == 0,
            Dialect = channel?.Dialect?.Name ?? "unknown",
            Wait = host.Attachment.Wait.ToString().ToLowerInvariant(),
            WindowBytes = _session.Mmbi?.WindowSize ?? 0,
            Seed = _options.Seed,
            Endpoint = new LabEndpoint(_peer?.ProcessId, inventory.Eid.Value, inventory.Uuid?.ToString(), inventory.Types, inventory.Versions),
            Link = new LabLink(
                _spec.Text,
                channel?.State.Name ?? "no window",
                host.Attachment.Link.IsUp,
                host.Attachment.Link.Mtu,
                own.ResetsByUs + own.ResetsByPeer,
                own.Joins),
            Echo = _echo,
            Sweep = sweep,
            Random = random,
            EndpointRequests = _requests,
            Resets = [.. _exercise.Resets.Select(reset => new LabReset(reset.By, Math.Round(reset.Recovered.TotalMilliseconds, 1), reset.EidKept))],
            ElapsedS = Math.Round(Stopwatch.GetElapsedTime(_started).TotalSeconds, 3),
            Failures = [.. _exercise.Failures],
            Counters = new LabCounters(own, null),
        };
    }
}
