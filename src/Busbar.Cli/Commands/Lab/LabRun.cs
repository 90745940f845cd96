// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using Busbar.Endpoints;
using Busbar.Mctp;
using Busbar.Mmbi;
using Busbar.Node;

namespace Busbar.Cli;

/// <summary>
/// One run of the lab: this process is the host and bus owner, a second one the endpoint. Every step either adds to the report or to the list of
/// failures; only what makes going on pointless throws.
/// </summary>
internal sealed class LabRun : IDisposable
{
    private const int SweepSmallest = EchoClient.SmallestSize;
    private const int SweepLargest = 1100;
    private const int RandomSizes = 100;
    private const int RequestsInFlight = 4;
    private const int ShortCount = 20;

    private static readonly Eid s_own = new(8);
    private static readonly Eid s_assigned = new(9);
    private static readonly TimeSpan s_startLimit = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan s_stepLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_answerLimit = TimeSpan.FromSeconds(2);

    private readonly LabOptions _options;
    private readonly Progress _progress;
    private readonly CancellationToken _stop;
    private readonly LabWindow _window;
    private readonly long _started = Stopwatch.GetTimestamp();
    private readonly List<string> _failures = [];
    private readonly List<LabEcho> _echo = [];
    private readonly List<LabReset> _resets = [];
    private LabEndpointProcess? _process;
    private EndpointHost? _host;
    private EchoClient? _client;
    private LabBatch _sweep = new(SweepSmallest, SweepLargest, 0, 0);
    private LabBatch _random = new(0, 0, 0, 0);
    private LabBatch _requests = new(0, 0, 0, 0);

    public LabRun(LabOptions options, Progress progress, CancellationToken stop)
    {
        (_options, _progress, _stop) = (options, progress, stop);
        _window = new LabWindow(options);
    }

    private EndpointHost Host => _host!;

    private LabEndpointProcess Peer => _process!;

    private MmbiAttachment Attachment => (MmbiAttachment)Host.Attachment;

    public LabReport Run()
    {
        Start();
        EndpointInventory inventory = Meet();
        EchoEachSize();
        ResetFromHere();
        Sweep();
        LetEndpointAsk();
        ResetFromEndpoint();
        EchoRandomSizes();
        _stop.ThrowIfCancellationRequested();
        CheckAlive();
        return Finish(inventory);
    }

    public void Dispose()
    {
        _client?.Dispose();
        _host?.Dispose();
        _process?.Dispose();
        _window.Dispose();
    }

    private void Start()
    {
        Say("starting the endpoint");
        _process = LabEndpointProcess.Start(_window.EndpointLink);
        Peer.Expect("ready", s_startLimit);
        Say("joining");
        if (!LinkSpecParser.TryParse(_window.OwnLink, out LinkSpec? spec, out string? error)) throw new CommandException(ExitCode.Internal, error);
        LinkAttachment attachment = LinkOpener.Open(spec, MmbiRole.Discoverer, patience: s_stepLimit);
        _host = new EndpointHost(attachment, new EndpointOptions { StaticEid = s_own });
        if (!Host.Node.WaitUntilUp(attachment, s_stepLimit))
            throw new CommandException(ExitCode.Unreachable, $"the link did not come up within {s_stepLimit.TotalSeconds:0} s (state {State()})");
    }

    // The bus owner's part: give the EID over the null EID, then use it for everything else.
    private EndpointInventory Meet()
    {
        Say("assigning the EID");
        using var control = new EndpointSurvey(Host.Node);
        Eid given = control.Assign(Host.LinkIndex, s_assigned);
        if (given != s_assigned) Fail($"the endpoint took EID {given} instead of {s_assigned}");
        Host.Node.Use((stack, _) => stack.AddRoute(MctpRoute.Direct(s_assigned, s_assigned, Host.Attachment.Link)));
        Say("asking what it is");
        EndpointInventory inventory = control.Ask(new MctpEndPoint(s_assigned, MessageType.Control, MctpTag.Owner));
        if (inventory.Eid != s_assigned) Fail($"Get Endpoint ID says {inventory.Eid} instead of {s_assigned}");
        _client = new EchoClient(Host.Node, new MctpEndPoint(s_assigned, MessageType.VendorPci, MctpTag.Owner), _options.Seed);
        return inventory;
    }

    private void EchoEachSize()
    {
        foreach (int size in _options.Sizes)
        {
            if (_stop.IsCancellationRequested) return;
            Say($"echo, {size} bytes");
            EchoTally tally = _client!.Run(size, _options.Count, RequestsInFlight, s_answerLimit, _stop);
            Check(tally, "echo");
            _echo.Add(new LabEcho(
                size, tally.Sent, tally.Intact, Math.Round(tally.Times.P50, 2), Math.Round(tally.Times.P99, 2), Math.Round(tally.MessagesPerSecond)));
        }
    }

    private void Sweep()
    {
        long sent = 0;
        long intact = 0;
        for (int size = SweepSmallest; size <= SweepLargest && !_stop.IsCancellationRequested; size++)
        {
            Say($"sweep, {size} bytes");
            EchoTally tally = _client!.Run(size, 1, 1, s_answerLimit, _stop);
            Check(tally, "sweep");
            sent += tally.Sent;
            intact += tally.Intact;
        }

        _sweep = _sweep with { Count = sent, Ok = intact };
    }

    private void EchoRandomSizes()
    {
        var random = new Random(_options.Seed);
        int[] sizes = [.. Enumerable.Range(0, RandomSizes).Select(_ => random.Next(EchoClient.SmallestSize, EchoClient.LargestSize + 1))];
        long sent = 0;
        long intact = 0;
        foreach (int size in sizes)
        {
            if (_stop.IsCancellationRequested) break;
            Say($"random, {size} bytes");
            EchoTally tally = _client!.Run(size, 2, 2, s_answerLimit, _stop);
            Check(tally, "random");
            sent += tally.Sent;
            intact += tally.Intact;
        }

        _random = new LabBatch(sizes.Min(), sizes.Max(), sent, intact);
    }

    // The endpoint asks, this process answers with its own echo service: traffic in the other direction.
    private void LetEndpointAsk()
    {
        int[] sizes = [64, 4096, EchoClient.LargestSize];
        long sent = 0;
        long intact = 0;
        foreach (int size in sizes)
        {
            if (_stop.IsCancellationRequested) break;
            Say($"requests from the endpoint, {size} bytes");
            Peer.Command($"request {s_own} {_options.Count} {size}");
            EventLine answer = Peer.Expect("requested", TimeSpan.FromSeconds(30));
            sent += answer.Count ?? 0;
            intact += answer.Ok ?? 0;
            if (answer.Ok != answer.Count || answer.Count != _options.Count)
                Fail($"requests from the endpoint, {size} bytes: {answer.Ok} of {_options.Count} came back intact");
        }

        _requests = new LabBatch(sizes[0], sizes[^1], sent, intact);
    }

    private void ResetFromHere() => Reset(
        "lab",
        () =>
        {
            bool asked = Host.Node.Read((_, now) => Attachment.MmbiLink.Channel?.RequestReset(MmbiReason.Requested, now) ?? false);
            if (!asked) Fail("the link refused a reset from the lab");
        });

    private void ResetFromEndpoint() => Reset(
        "endpoint",
        () =>
        {
            Peer.Command("reset");
            Peer.Expect("reset", s_stepLimit);
        });

    private void Reset(string by, Action cause)
    {
        if (_stop.IsCancellationRequested) return;
        Say($"reset by the {by}");
        long joins = Joins();
        long start = Stopwatch.GetTimestamp();
        cause();
        if (!Host.Node.WaitFor(() => JoinsLocked() > joins && Host.Attachment.Link.IsUp, s_stepLimit))
            throw new CommandException(ExitCode.Unreachable, $"the link did not come back within {s_stepLimit.TotalSeconds:0} s after a reset by the {by} (state {State()})");
        TimeSpan recovered = Stopwatch.GetElapsedTime(start);
        bool kept = KeepOrReassign();
        EchoTally tally = _client!.Run(64, ShortCount, RequestsInFlight, s_answerLimit, _stop);
        Check(tally, $"after the reset by the {by}");
        _resets.Add(new LabReset(by, Math.Round(recovered.TotalMilliseconds, 1), kept));
    }

    // An endpoint may forget its EID in a reset; a bus owner looks, and assigns it again.
    private bool KeepOrReassign()
    {
        using var control = new EndpointSurvey(Host.Node);
        Eid held = control.GetEid(Host.Peer(Eid.Null, MessageType.Control));
        if (held == s_assigned) return true;
        if (control.Assign(Host.LinkIndex, s_assigned) != s_assigned) Fail("the endpoint did not take its EID again after a reset");
        return false;
    }

    private void CheckAlive()
    {
        if (!Host.Attachment.Link.IsUp) Fail($"the link is down at the end (state {State()})");
    }

    private LabReport Finish(EndpointInventory inventory)
    {
        Say("taking the link down");
        MmbiChannel channel = Attachment.MmbiLink.Channel ?? throw new CommandException(ExitCode.Unreachable, "the window is gone");
        CounterReport own = CounterReport.Collect(Host, Attachment);
        var link = new LabLink(
            _window.OwnLink, channel.State.Name, Attachment.Link.IsUp, Attachment.Link.Mtu, own.ResetsByUs + own.ResetsByPeer, own.Joins);
        string dialect = channel.Dialect?.Name ?? "unknown";
        string wait = Attachment.Wait.ToString().ToLowerInvariant();
        int windowBytes = Attachment.WindowSize;
        Peer.Command("stats");
        CounterReport? other = Peer.Expect("stats", s_stepLimit).Counters;
        int pid = Peer.ProcessId;

        // The host leaves first, then the endpoint is asked to end; both ways out must be in order.
        Host.Dispose();
        Peer.Command("quit");
        int exitCode = Peer.WaitForExit();
        if (exitCode != ExitCode.Success) Fail($"the endpoint ended with exit code {exitCode}");
        if (dialect != _options.Dialect.Name) Fail($"the dialect was recognised as {dialect} instead of {_options.Dialect.Name}");
        return new LabReport
        {
            Ok = _failures.Count == 0,
            Dialect = dialect,
            Wait = wait,
            WindowBytes = windowBytes,
            Seed = _options.Seed,
            Endpoint = new LabEndpoint(pid, inventory.Eid.Value, inventory.Uuid?.ToString() ?? string.Empty, inventory.Types, inventory.Versions),
            Link = link,
            Echo = _echo,
            Sweep = _sweep,
            Random = _random,
            EndpointRequests = _requests,
            Resets = _resets,
            EndpointExitCode = exitCode,
            ElapsedS = Math.Round(Stopwatch.GetElapsedTime(_started).TotalSeconds, 3),
            Failures = _failures,
            Counters = new LabCounters(own, other),
        };
    }

    private long Joins() => Host.Node.Read((_, _) => JoinsLocked());

    private long JoinsLocked() => Attachment.MmbiLink.Channel?.Statistics.Joins ?? 0;

    private string State() => Host.Node.Read((_, _) => Attachment.MmbiLink.Channel?.State.ToString() ?? "no window");

    private void Check(EchoTally tally, string what)
    {
        if (tally.IsClean || _stop.IsCancellationRequested) return;
        Fail($"{what}, {tally.Size} bytes: of {tally.Sent} sent, {tally.Intact} came back intact, {tally.Corrupt} corrupt, {tally.Lost} lost");
    }

    private void Fail(string line) => _failures.Add(line);

    private void Say(string text) => _progress.Show("lab: " + text);
}
