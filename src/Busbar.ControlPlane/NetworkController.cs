// SPDX-License-Identifier: Apache-2.0
namespace Busbar.ControlPlane;

/// <summary>
/// The control plane of one MCTP system: bus owner on some links, endpoint on others, bridge between them. It follows the host's links and EIDs, assigns EIDs, knows the peers,
/// and answers control requests.
/// </summary>
/// <remarks>
/// All members are called in one synchronization context, in which its awaits go on, too. It owns no thread, clock or socket: the host and the time provider are handed in, so
/// that whole networks can be simulated step by step.
/// </remarks>
public sealed partial class NetworkController : IDisposable
{
    private bool _started;

    /// <summary>Creates a controller that does nothing before it is started.</summary>
    /// <param name="host">The system below.</param>
    /// <param name="time">Clock and timers; callbacks come in the same synchronization context.</param>
    /// <param name="options">How to behave.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public NetworkController(IMctpHost host, TimeProvider time, NetworkControllerOptions options)
    {
        ArgumentNullException.ThrowIfNull(host);
        ArgumentNullException.ThrowIfNull(time);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(options.MessageTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Tries, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(options.MaximumPoolSize);
        ArgumentOutOfRangeException.ThrowIfEqual(options.DynamicFirst.IsAssignable, other: false);
        ArgumentOutOfRangeException.ThrowIfEqual(options.DynamicLast.IsAssignable, other: false);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.DynamicLast.Value, options.DynamicFirst.Value);
        Host = host;
        Time = time;
        Options = options;
        Queries = new ControlQueries(this);
        Background = new BackgroundWork(this);
        LinkFollower = new LinkFollower(this);
        Allocator = new EidAllocator(this);
        BusOwner = new BusOwner(this);
    }

    /// <summary>Something that a person who watches wants to read.</summary>
    public event Action<ControlNote>? Noted;

    /// <summary>The system below.</summary>
    public IMctpHost Host { get; }

    /// <summary>How the controller behaves.</summary>
    public NetworkControllerOptions Options { get; }

    /// <summary>The links and our part on each.</summary>
    public LinkTable Links { get; } = new();

    /// <summary>The endpoints, our own included.</summary>
    public EndpointTable Endpoints { get; } = new();

    /// <summary>What the controller did and met.</summary>
    public ControlStatistics Statistics { get; } = new();

    /// <summary>True from <see cref="Dispose"/> on: nothing is begun any more.</summary>
    internal bool IsDisposed { get; private set; }

    internal TimeProvider Time { get; }

    internal ControlQueries Queries { get; }

    internal BackgroundWork Background { get; }

    internal LinkFollower LinkFollower { get; }

    internal EidAllocator Allocator { get; }

    internal BusOwner BusOwner { get; }

    /// <summary>Reads the host's links and EIDs, and follows them from now on.</summary>
    public void Start()
    {
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        if (_started) throw new InvalidOperationException("The controller was started already.");
        _started = true;
        LinkFollower.Start();
        StartAnswering();
        BusOwner.Discovery.Start();
    }

    /// <summary>
    /// Completes when no background work runs: recoveries, discovery, routing updates, a round of polls. Timers that only wait for their next round do not count.
    /// </summary>
    public Task WhenIdleAsync() => Background.WhenIdleAsync();

    /// <summary>Stops following the host and cancels all queries. The host's configuration stays as it is.</summary>
    public void Dispose()
    {
        if (IsDisposed) return;
        IsDisposed = true;
        StopAnswering();
        LinkFollower.Stop();
        Background.Stop();
        Queries.Dispose();
    }

    /// <summary>An endpoint sent Discovery Notify: where the options say so, it is set up, or recovered when it was known.</summary>
    /// <param name="request">The request, with the link and physical address that it came in by.</param>
    internal void OnDiscoveryNotified(in ControlRequest request) => BusOwner.Discovery.Announced(request);

    internal void Note(NoteSeverity severity, string text) => Noted?.Invoke(new ControlNote(severity, text));
}
