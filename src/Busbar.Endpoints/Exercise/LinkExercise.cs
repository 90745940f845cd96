// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using Busbar.Mctp;
using Busbar.Mmbi;
using Busbar.Node;

namespace Busbar.Endpoints;

/// <summary>
/// The bus owner's half of an acceptance run against whatever endpoint sits at the other end of a link: gives it an EID, asks what it is, echoes
/// messages of many sizes with every byte compared, resets the link and looks whether traffic flows again. The steps are for the caller to order.
/// Each adds to <see cref="Failures"/> what it did not like; only what makes going on pointless throws. Use one per thread; the link must be up.
/// </summary>
public sealed class LinkExercise : IDisposable
{
    private const int RequestsInFlight = 4;
    private const int CountAfterReset = 20;
    private const int SizeAfterReset = 64;

    private readonly EndpointHost _host;
    private readonly LinkExerciseOptions _options;
    private readonly CancellationToken _stop;
    private readonly List<string> _failures = [];
    private readonly List<ExerciseReset> _resets = [];
    private EchoClient? _client;
    private long _ups;

    /// <summary>Starts an exercise.</summary>
    /// <param name="host">This end of the link. It stays the caller's.</param>
    /// <param name="options">How to treat the endpoint; null for the usual.</param>
    /// <param name="stop">Ends steps early; what they return then counts what was done.</param>
    public LinkExercise(EndpointHost host, LinkExerciseOptions? options = null, CancellationToken stop = default)
    {
        (_host, _options, _stop) = (host, options ?? new LinkExerciseOptions(), stop);
        _host.LinkChanged += OnLink;
    }

    /// <summary>What was not as it should be, a line each, in the order of the steps.</summary>
    public IReadOnlyList<string> Failures => _failures;

    /// <summary>The EID under which the endpoint is addressed; <see cref="Eid.Null"/> before <see cref="Meet"/>, and when it has none and gets none.</summary>
    public Eid Endpoint { get; private set; }

    /// <summary>Resets so far that traffic survived.</summary>
    public IReadOnlyList<ExerciseReset> Resets => _resets;

    private EchoClient Client => _client ?? throw new InvalidOperationException("Meet comes before everything else.");

    /// <summary>Adds a failure that the caller saw.</summary>
    /// <param name="line">One line for people.</param>
    public void Fail(string line) => _failures.Add(line);

    /// <summary>Gives the endpoint its EID over the null EID, if it is to get one, and asks it under the EID that it then has.</summary>
    /// <exception cref="MctpException">No answer, or a refusal.</exception>
    public EndpointInventory Meet()
    {
        using var survey = new EndpointSurvey(_host.Node);
        MctpEndPoint neighbour = _host.Peer(Eid.Null, MessageType.Control);
        GetEndpointIdResponse before = survey.GetEndpointId(neighbour);
        bool keeps = _options.Assign == Eid.Null || (!_options.OverridesStaticEid && before.EidKind == EidKind.StaticInForce && before.Eid != Eid.Null);
        Endpoint = keeps ? before.Eid : survey.Assign(_host.LinkIndex, _options.Assign);
        if (!keeps && Endpoint != _options.Assign) Fail($"the endpoint took EID {Endpoint} instead of {_options.Assign}");
        if (Endpoint != Eid.Null) _host.Node.Use((stack, _) => stack.AddRoute(MctpRoute.Direct(Endpoint, Endpoint, _host.Attachment.Link)));
        EndpointInventory inventory = survey.Ask(Endpoint == Eid.Null ? neighbour : new MctpEndPoint(Endpoint, MessageType.Control, MctpTag.Owner));
        if (inventory.Eid != Endpoint) Fail($"Get Endpoint ID says {inventory.Eid} instead of {Endpoint}");
        _client = new EchoClient(
            _host.Node,
            Endpoint == Eid.Null ? _host.Peer(Eid.Null, MessageType.VendorPci) : new MctpEndPoint(Endpoint, MessageType.VendorPci, MctpTag.Owner),
            _options.Seed);
        return inventory;
    }

    /// <summary>Echoes messages of one size, half of them alone, half of them several at a time.</summary>
    /// <param name="size">Bytes, <see cref="EchoClient.SmallestSize"/> to <see cref="EchoClient.LargestSize"/>.</param>
    /// <param name="count">How many.</param>
    public EchoTally Echo(int size, int count) => Check(Client.Run(size, count, RequestsInFlight, _options.AnswerLimit, _stop), "echo");

    /// <summary>Echoes one message of each size of a range.</summary>
    /// <param name="smallest">The first size.</param>
    /// <param name="largest">The last size at most.</param>
    /// <param name="step">From one size to the next.</param>
    public ExerciseBatch Sweep(int smallest, int largest, int step = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(step, 1);
        return Batch("sweep", Enumerable.Range(0, ((largest - smallest) / step) + 1).Select(i => smallest + (i * step)), 1);
    }

    /// <summary>Echoes two messages of each of some sizes from the whole range, drawn by the seed.</summary>
    /// <param name="sizes">How many sizes.</param>
    public ExerciseBatch EchoRandomSizes(int sizes)
    {
        var random = new Random(_options.Seed);
        return Batch("random", Enumerable.Range(0, sizes).Select(_ => random.Next(EchoClient.SmallestSize, EchoClient.LargestSize + 1)).ToArray(), 2);
    }

    /// <summary>Resets the link from this side.</summary>
    /// <param name="by">What this side is to be called.</param>
    /// <exception cref="MctpException">The link did not come back.</exception>
    public void ResetFromHere(string by) => Reset(
        by,
        () =>
        {
            bool asked = _host.Node.Read((_, now) =>
                (_host.Attachment as MmbiAttachment)?.MmbiLink.Channel?.RequestReset(MmbiReason.Requested, now) ?? false);
            if (!asked) Fail($"the link refused a reset from the {by}");
            return asked;
        });

    /// <summary>Has the link reset by somebody, waits until it is up again, sees to the EID, and echoes a little.</summary>
    /// <param name="by">Who does it.</param>
    /// <param name="cause">Does it; false when it could not be done, and nothing is waited for.</param>
    /// <exception cref="MctpException"><see cref="MctpError.LinkDown"/>: the link did not come back.</exception>
    public void Reset(string by, Func<bool> cause)
    {
        if (_stop.IsCancellationRequested) return;
        long ups = Interlocked.Read(ref _ups);
        long start = Stopwatch.GetTimestamp();
        if (!cause()) return;
        if (!_host.Node.WaitFor(() => Interlocked.Read(ref _ups) > ups && _host.Attachment.Link.IsUp, _options.StepLimit))
            throw new MctpException(MctpError.LinkDown, $"the link did not come back within {_options.StepLimit.TotalSeconds:0.###} s after a reset by the {by}");
        TimeSpan recovered = Stopwatch.GetElapsedTime(start);
        bool kept = KeepOrReassign();
        Check(Client.Run(SizeAfterReset, CountAfterReset, RequestsInFlight, _options.AnswerLimit, _stop), $"after the reset by the {by}");
        _resets.Add(new ExerciseReset(by, recovered, kept));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _host.LinkChanged -= OnLink;
        _client?.Dispose();
    }

    private void OnLink(bool up)
    {
        if (up) Interlocked.Increment(ref _ups);
    }

    private ExerciseBatch Batch(string what, IEnumerable<int> sizes, int each)
    {
        (int smallest, int largest, long sent, long intact) = (0, 0, 0, 0);
        foreach (int size in sizes)
        {
            if (_stop.IsCancellationRequested) break;
            EchoTally tally = Check(Client.Run(size, each, each, _options.AnswerLimit, _stop), what);
            smallest = sent == 0 ? size : Math.Min(smallest, size);
            largest = Math.Max(largest, size);
            sent += tally.Sent;
            intact += tally.Intact;
        }

        return new ExerciseBatch(smallest, largest, sent, intact);
    }

    // An endpoint may forget its EID in a reset; a bus owner looks, and assigns it again.
    private bool KeepOrReassign()
    {
        using var survey = new EndpointSurvey(_host.Node);
        Eid held = survey.GetEid(_host.Peer(Eid.Null, MessageType.Control));
        if (held == Endpoint) return true;
        if (_options.Assign == Eid.Null) Fail($"the endpoint had EID {Endpoint} before a reset and has {held} after it");
        else if (survey.Assign(_host.LinkIndex, Endpoint) != Endpoint) Fail("the endpoint did not take its EID again after a reset");
        return false;
    }

    private EchoTally Check(EchoTally tally, string what)
    {
        if (!tally.IsClean && !_stop.IsCancellationRequested)
            Fail($"{what}, {tally.Size} bytes: of {tally.Sent} sent, {tally.Intact} came back intact, {tally.Corrupt} corrupt, {tally.Lost} lost");
        return tally;
    }
}
