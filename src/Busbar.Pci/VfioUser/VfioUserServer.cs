// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;

namespace Busbar.Pci;

/// <summary>
/// Serves a PCI function to another process over a UNIX socket, by the vfio-user protocol (QEMU, docs/interop/vfio-user.rst): QEMU's <c>vfio-user-pci</c>
/// device makes it appear in a guest, and <see cref="VfioUserClient"/> lets a driver use it without any guest. One client at a time; when it
/// goes, the function keeps its state, and the next one may come.
/// </summary>
/// <remarks>
/// <para>
/// One thread calls <see cref="Poll"/> or <see cref="Run"/>, or <see cref="Start"/> makes one; the function's registers are accessed from it, and the events are raised
/// on it. <see cref="Wake"/>, the message accesses, <see cref="IsConnected"/> and <see cref="Statistics"/> are for any thread. Interrupts and DMA go directly from
/// whichever thread of the function wants them.
/// </para>
/// <para>
/// Clients are not trusted: nothing waits for them, every message is checked and answered, with an error if need be, their descriptors are closed
/// on every path, and of their memory only such is touched as they cannot take away from under our hands.
/// </para>
/// </remarks>
public sealed class VfioUserServer : IDisposable
{
    private const int AcceptsPerTurn = 16;
    private const int MessagesBeforeTheEnd = 64;

    private readonly VfioUserServerOptions _options;
    private readonly IPciFunction _function;
    private readonly SessionContext _context;
    private readonly UnixListener _listener;
    private readonly Poller _poller;
    private readonly PollReady[] _ready = new PollReady[8];
    private readonly ListenerWatch _watch;
    private readonly CancellationTokenSource _stop = new();
    private Action? _atHangUp;
    private Thread? _thread;
    private Session? _session;
    private int _sessionIndex;
    private PollEvents _sessionInterest;
    private EventFd? _unmaskDoorbell;
    private int _unmaskIndex;
    private volatile bool _isConnected;
    private bool _disposed;

    /// <summary>Plugs the function in and makes the socket; clients can connect from now on and are served by <see cref="Poll"/>.</summary>
    /// <param name="function">What to serve; stays the caller's.</param>
    /// <param name="options">Where, and within which limits.</param>
    /// <exception cref="ArgumentException">An option is out of its range, or the function's windows contradict themselves.</exception>
    /// <exception cref="LinuxException">
    /// A live server has the socket (<see cref="Errno.EADDRINUSE"/>), or the socket cannot be made.
    /// </exception>
    public VfioUserServer(IPciFunction function, VfioUserServerOptions options)
    {
        ArgumentNullException.ThrowIfNull(function);
        ArgumentNullException.ThrowIfNull(options);
        if (options.MaximumDmaMaps is < 1 or > VfioUserFormat.MostDmaMaps)
        {
            throw new ArgumentException($"There are 1 to {VfioUserFormat.MostDmaMaps} DMA ranges, not {options.MaximumDmaMaps}.", nameof(options));
        }

        if (options.MaximumMemoryObjects < 1 || options.MaximumMessageDmaWaiting < 1 || options.MessageDmaLimitMs < 1 || options.GreetingLimitMs < 1 || options.MaximumMappedBytes < 0)
        {
            throw new ArgumentException("The limits of a vfio-user server are positive.", nameof(options));
        }

        _options = options;
        _function = function;
        var irqs = new IrqTable(function, Statistics);
        var dma = new DmaTable(options, Statistics);
        _context = new SessionContext
        {
            Function = function,
            Regions = new RegionTable(function),
            Irqs = irqs,
            Dma = dma,
            MessageDma = new MessageDma(options, Statistics),
            Statistics = Statistics,
            Capabilities = new VfioUserCapabilities
            {
                MaximumDescriptors = VfioUserFormat.MostDescriptors,
                MaximumDmaMaps = options.MaximumDmaMaps,
                WritesMultiple = true,
            },
            OnReset = () => DeviceReset?.Invoke(),
            OnInterruptsChanged = (kind, count) => InterruptsChanged?.Invoke(kind, count),
            OnRefused = message => MessageRefused?.Invoke(message),
        };
        _listener = UnixListener.Bind(options.SocketPath, backlog: 8, options.SocketMode);
        try
        {
            _poller = new Poller(capacity: 4);
            _watch = new ListenerWatch(_poller, _listener.Descriptor);
            function.Plug(new FunctionHost(irqs, dma));
        }
        catch
        {
            _poller?.Dispose();
            _listener.Dispose();
            throw;
        }
    }

    /// <summary>A client connected.</summary>
    public event Action? ClientConnected;

    /// <summary>The client is gone, its memory and its interrupts were let go; the reason.</summary>
    public event Action<VfioUserDisconnect>? ClientDisconnected;

    /// <summary>The client reset the device; the function has been reset already.</summary>
    public event Action? DeviceReset;

    /// <summary>The client installed or removed interrupts: the kind, and how many vectors somebody listens to now.</summary>
    public event Action<PciInterruptKind, int>? InterruptsChanged;

    /// <summary>A message was refused. A hostile client can make this as frequent as it likes; whoever prints it limits the rate.</summary>
    public event Action<VfioUserRefusedMessage>? MessageRefused;

    /// <summary>The socket file.</summary>
    public string SocketPath => _options.SocketPath;

    /// <summary>True while a client is connected.</summary>
    public bool IsConnected => _isConnected;

    /// <summary>Ranges of memory that the client has given at present.</summary>
    public int DmaMaps => _context.Dma.Count;

    /// <summary>Bytes of address space that the client's memory takes in this process at present.</summary>
    public long MappedBytes => _context.Dma.MappedBytes;

    /// <summary>Bytes that one access by message carries at most; 0 while no client has agreed on a version.</summary>
    public int LargestMessageDma => _context.MessageDma.Largest;

    /// <summary>What was counted.</summary>
    public VfioUserStatistics Statistics { get; } = new();

    /// <summary>One turn: waits for something to do, at most as long as given, and does it.</summary>
    /// <param name="timeoutMs">Milliseconds; 0 only looks, negative waits until something happens or somebody calls <see cref="Wake"/>.</param>
    /// <returns>Descriptors that were dealt with; 0 when there was nothing.</returns>
    public int Poll(int timeoutMs)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        int count = _poller.Wait(LimitWait(timeoutMs), _ready);
        bool someoneWaits = false;
        for (int i = 0; i < count; i++)
        {
            PollReady ready = _ready[i];
            if (ready.Index == _watch.Index) someoneWaits = true;
            else if (_session is not null && ready.Index == _sessionIndex) Serve(ready.Events);
            else if (_unmaskDoorbell is not null && ready.Index == _unmaskIndex) UnmaskIntx(ready.Events);
        }

        if (Interlocked.Exchange(ref _atHangUp, null) is { } atHangUp) HangUpNow(atHangUp);

        // A newcomer last: the one before it may just have gone, and its indexes are free again.
        if (someoneWaits) AcceptWaiting();
        if (_context.MessageDma.Deadline != long.MaxValue) _context.MessageDma.Expire(Now());
        if (_session is not null && !_session.AskForMemory(Now())) End(VfioUserDisconnect.Left);
        if (_session is not null && Now() >= _session.GreetUntil) EndSilent();
        Watch();
        if (_watch.ResumeAt != long.MaxValue) _watch.Resume(Now());
        return count;
    }

    /// <summary>Serves until asked to stop.</summary>
    /// <param name="cancel">Ends the loop.</param>
    public void Run(CancellationToken cancel)
    {
        using CancellationTokenRegistration registration = cancel.Register(static server => ((VfioUserServer)server!).Wake(), this);
        while (!cancel.IsCancellationRequested) Poll(Timeout.Infinite);
    }

    /// <summary>Serves on a thread of its own until <see cref="Dispose"/>.</summary>
    public void Start()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_thread is not null) throw new InvalidOperationException("The server runs already.");
        _thread = new Thread(() => Run(_stop.Token)) { IsBackground = true, Name = "vfio-user " + _function.Name };
        _thread.Start();
    }

    /// <summary>Ends the <see cref="Poll"/> in progress, or the next one. Any thread.</summary>
    public void Wake() => _poller.Wake();

    /// <summary>
    /// Reads the client's memory by message: for ranges that came without a descriptor. Any thread; sent when the client is not waiting for an answer of ours.
    /// </summary>
    /// <param name="address">Bus address.</param>
    /// <param name="count">Bytes, 1 to <see cref="LargestMessageDma"/>.</param>
    /// <param name="done">Called once, if the answer is true, from the server's thread.</param>
    /// <returns>False without a client, with too many accesses waiting, or when it is too large.</returns>
    public bool TryQueueDmaRead(ulong address, int count, VfioUserDmaCompletion done)
    {
        ArgumentNullException.ThrowIfNull(done);
        return count > 0 && Queue(new MessageDmaRequest(address, count, null, done));
    }

    /// <summary>Writes the client's memory by message; see <see cref="TryQueueDmaRead"/>.</summary>
    /// <param name="address">Bus address.</param>
    /// <param name="data">The bytes, 1 to <see cref="LargestMessageDma"/>; copied.</param>
    /// <param name="done">Called once, if the answer is true, from the server's thread.</param>
    /// <returns>False without a client, with too many accesses waiting, or when it is too large.</returns>
    public bool TryQueueDmaWrite(ulong address, ReadOnlySpan<byte> data, VfioUserDmaCompletion done)
    {
        ArgumentNullException.ThrowIfNull(done);
        return data.Length > 0 && data.Length <= LargestMessageDma && Queue(new MessageDmaRequest(address, data.Length, data.ToArray(), done));
    }

    /// <summary>
    /// Ends the session between two messages: the client can send nothing more, and what it sent before is answered. QEMU 11.1.3 aborts when a connection ends while one
    /// of its guest's accesses waits for the answer; it survives this. Any thread; done in the next <see cref="Poll"/>.
    /// </summary>
    /// <param name="last">Called from the server's thread, when nothing waits for an answer and before the connection is closed; also without a client.</param>
    public void HangUp(Action last)
    {
        ArgumentNullException.ThrowIfNull(last);
        Volatile.Write(ref _atHangUp, last);
        Wake();
    }

    /// <summary>Ends the thread if there is one, disconnects the client between two messages, removes the socket file and unplugs the function. Not from an event.</summary>
    public void Dispose()
    {
        if (_disposed) return;
        _stop.Cancel();
        _thread?.Join();
        _disposed = true;
        _watch.Remove();
        _listener.Dispose();
        _session?.Finish();
        End(VfioUserDisconnect.Shutdown);
        _poller.Dispose();
        _function.Plug(null);
        _stop.Dispose();
    }

    private void HangUpNow(Action last)
    {
        _session?.Finish();
        last();
        End(VfioUserDisconnect.Shutdown);
    }

    private long Now() => _options.Clock.GetTimestamp() / (_options.Clock.TimestampFrequency / 1000);

    private bool Queue(MessageDmaRequest request)
    {
        if (!_context.MessageDma.TryQueue(request)) return false;
        Wake();
        return true;
    }

    private int LimitWait(int timeoutMs)
    {
        long wake = Math.Min(Math.Min(_context.MessageDma.Deadline, _watch.ResumeAt), _session?.GreetUntil ?? long.MaxValue);
        if (wake == long.MaxValue) return timeoutMs;
        int left = (int)Math.Clamp(wake - Now(), 0, int.MaxValue);
        return timeoutMs < 0 ? left : Math.Min(timeoutMs, left);
    }

    private void Serve(PollEvents events)
    {
        bool hungUp = (events & (PollEvents.HangUp | PollEvents.Error)) != PollEvents.None;
        VfioUserDisconnect? end = _session!.Serve(hungUp ? int.MaxValue : 1);

        // What a client sent before it hung up is carried out; an answer that waited for it will never be taken.
        if (end is null && hungUp) end = VfioUserDisconnect.Left;
        if (end is { } reason) End(reason);
    }

    private void UnmaskIntx(PollEvents events)
    {
        if ((events & PollEvents.Readable) == PollEvents.None || !_unmaskDoorbell!.TryDrain(out _)) return;
        _context.Irqs.Unmask(VfioUserFormat.IntxIndex, 0);
    }

    // Brings the poller up to what the session and the interrupts want by now.
    private void Watch()
    {
        if (_session is not null && _session.Interest != _sessionInterest)
        {
            _sessionInterest = _session.Interest;
            _poller.SetInterest(_sessionIndex, _sessionInterest);
        }

        EventFd? doorbell = _session is null ? null : _context.Irqs.UnmaskDoorbell;
        if (ReferenceEquals(doorbell, _unmaskDoorbell)) return;
        if (_unmaskDoorbell is not null) _poller.Remove(_unmaskIndex);
        _unmaskDoorbell = doorbell;
        if (doorbell is not null) _unmaskIndex = _poller.Add(doorbell.Descriptor, PollEvents.Readable);
    }

    private void AcceptWaiting()
    {
        for (int i = 0; i < AcceptsPerTurn; i++)
        {
            AcceptResult result = _listener.TryAcceptStream(out UnixStream? stream);

            // The client before may have gone so recently that its end has not been seen; a newcomer must not suffer from that.
            if (result == AcceptResult.Accepted && _session is not null && _session.Serve(MessagesBeforeTheEnd) is { } end) End(end);
            switch (result)
            {
                case AcceptResult.Accepted when _session is not null:
                    // Counted first: whoever sees the hang-up finds it in the statistics.
                    Statistics.CountRefusedBusy();
                    stream!.Dispose();
                    break;
                case AcceptResult.Accepted when Session.IsSwamped:
                    Statistics.CountRefusedResources();
                    stream!.Dispose();
                    break;
                case AcceptResult.Accepted:
                    Admit(stream!);
                    break;
                case AcceptResult.Shed:
                    Statistics.CountRefusedResources();
                    break;
                case AcceptResult.Exhausted:
                    Statistics.CountRefusedResources();
                    _watch.Pause(Now());
                    return;
                default:
                    return;
            }
        }
    }

    private void Admit(UnixStream stream)
    {
        _session = new Session(stream, _context, Now() + _options.GreetingLimitMs);
        _sessionInterest = _session.Interest;
        _sessionIndex = _poller.Add(_session.Socket, _sessionInterest);
        _isConnected = true;
        Statistics.CountConnected();
        ClientConnected?.Invoke();
    }

    private void EndSilent()
    {
        // What has come meanwhile, while this process did not run perhaps, still counts.
        if (_session!.Serve(MessagesBeforeTheEnd) is { } end)
        {
            End(end);
        }
        else if (_session.GreetUntil != long.MaxValue)
        {
            Statistics.CountSilent();
            End(VfioUserDisconnect.Silent);
        }
    }

    // The function keeps its state; what was the client's goes.
    private void End(VfioUserDisconnect reason)
    {
        if (_session is null) return;
        _poller.Remove(_sessionIndex);
        _session.Dispose();
        _session = null;
        _isConnected = false;
        _context.Irqs.Clear();
        _context.Dma.Clear();
        Watch();
        _context.MessageDma.Close();
        Statistics.CountDisconnected();
        ClientDisconnected?.Invoke(reason);
    }
}
