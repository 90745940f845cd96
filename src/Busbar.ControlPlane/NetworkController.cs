// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

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
    private readonly NoteGate _notes;
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
        Check(options);
        Host = host;
        Time = time;
        Options = options;
        Queries = new ControlQueries(this);
        Background = new BackgroundWork(this);
        LinkFollower = new LinkFollower(this);
        Allocator = new EidAllocator(this);
        BusOwner = new BusOwner(this);
        _notes = new NoteGate(time, note => Noted?.Invoke(note));
    }

    /// <summary>Something that a person who watches wants to read; of more than 1000 in ten seconds the rest is only counted, in one line.</summary>
    public event Action<ControlNote>? Noted;

    /// <summary>The system below.</summary>
    public IMctpHost Host { get; }

    /// <summary>How the controller behaves.</summary>
    public NetworkControllerOptions Options { get; private set; }

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
    /// Behaves otherwise from now on. What was assigned stays; links whose part the new options see differently from the old ones get it, and endpoints are looked for where the options
    /// begin to ask for that.
    /// </summary>
    /// <param name="options">How; the UUID stays what it is.</param>
    /// <param name="apply">Changes the system below: links that come meanwhile get their part by the new options, and looking for endpoints begins afterwards. Null for nothing.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range; nothing changes.</exception>
    public async Task ReconfigureAsync(NetworkControllerOptions options, Func<Task>? apply = null)
    {
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        Check(options);
        NetworkControllerOptions before = Options;
        Options = options with { Uuid = before.Uuid };
        try
        {
            if (apply is not null) await apply();
        }
        finally
        {
            if (_started && !IsDisposed) Follow(before, options);
        }
    }

    /// <summary>
    /// Completes when no background work runs: recoveries, discovery, routing updates, a round of polls. Timers that only wait for their next round do not count.
    /// </summary>
    public Task WhenIdleAsync() => Background.WhenIdleAsync();

    /// <summary>The EIDs that dynamic assignment may still use in a network: in the range of the options, or in our pool when we are a bridge; nobody's, in no pool, kept for nobody.</summary>
    /// <param name="network">The network.</param>
    public IReadOnlyList<Eid> FreeEids(uint network) => Allocator.Free(network);

    /// <summary>Stops following the host and cancels all queries. The host's configuration stays as it is.</summary>
    public void Dispose()
    {
        if (IsDisposed) return;
        IsDisposed = true;
        StopAnswering();
        LinkFollower.Stop();
        Background.Stop();
        Queries.Dispose();
        _notes.Dispose();
    }

    /// <summary>An endpoint sent Discovery Notify: where the options say so, it is set up, or recovered when it was known.</summary>
    /// <param name="request">The request, with the link and physical address that it came in by.</param>
    internal void OnDiscoveryNotified(in ControlRequest request) => BusOwner.Discovery.Announced(request);

    internal void Note(NoteSeverity severity, string text) => _notes.Take(new ControlNote(severity, text));

    private static void Check(NetworkControllerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(options.MessageTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Tries, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(options.MaximumPoolSize);
        ArgumentOutOfRangeException.ThrowIfEqual(options.DynamicFirst.IsAssignable, other: false);
        ArgumentOutOfRangeException.ThrowIfEqual(options.DynamicLast.IsAssignable, other: false);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.DynamicLast.Value, options.DynamicFirst.Value);
    }

    private void Follow(NetworkControllerOptions before, NetworkControllerOptions options)
    {
        foreach (ManagedLink link in Links.All.ToArray())
        {
            LinkRole role = options.RoleOf(link.Host);
            if (role != before.RoleOf(link.Host)) Links.SetRole(link, role);
            else if (!before.AutoDiscover || !before.ScanAddresses(link.Host).SequenceEqual(options.ScanAddresses(link.Host))) BusOwner.Discovery.Look(link);
        }

        foreach (ManagedEndpoint bridge in Endpoints.All.Where(static endpoint => endpoint.Pool is not null).ToArray()) BusOwner.Bridges.Begin(bridge);
    }
}
