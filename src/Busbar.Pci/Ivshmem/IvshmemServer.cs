// SPDX-License-Identifier: Apache-2.0
using System.Numerics;
using Busbar.Linux;

namespace Busbar.Pci;

/// <summary>
/// A server of the ivshmem client-server protocol: hands every client the same memory and everybody's doorbells, and tells who comes and goes.
/// Interchangeable with QEMU's ivshmem-server; its clients are QEMU's ivshmem-doorbell device and <see cref="IvshmemClient"/>.
/// </summary>
/// <remarks>
/// <para>
/// One thread calls <see cref="Poll"/> (or <see cref="Run"/>) and gets the events; <see cref="Wake"/>, <see cref="ClientCount"/> and
/// <see cref="Statistics"/> are for any thread. Dispose after the loop has ended: it disconnects everybody and removes the socket.
/// </para>
/// <para>
/// Clients are not trusted: nothing is read from them, no send waits for them, and one that leaves its socket full too long or speaks is
/// dropped. The memory cannot be truncated by them (it is sealed).
/// </para>
/// </remarks>
public sealed class IvshmemServer : IDisposable
{
    private const int AcceptsPerTurn = 32;

    private readonly IvshmemServerOptions _options;
    private readonly UnixListener _listener;
    private readonly Poller _poller;
    private readonly PollReady[] _ready = new PollReady[64];
    private readonly ListenerWatch _watch;
    private readonly int _mostUnsent;

    // In the order of arrival, which is the order in which a newcomer hears of them.
    private readonly List<IvshmemServerClient> _clients = [];
    private readonly Dictionary<int, IvshmemServerClient> _byPollIndex = [];
    private readonly PeerIds _ids;
    private readonly Queue<(IvshmemServerClient Client, IvshmemDropReason Reason)> _leaving = new();
    private int _clientCount;
    private bool _disposed;

    /// <summary>Makes the memory and the socket; clients can connect from now on and are served by <see cref="Poll"/>.</summary>
    /// <param name="options">What to offer.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    /// <exception cref="LinuxException">
    /// A live server has the socket (<see cref="Errno.EADDRINUSE"/>), or the socket or the memory cannot be made.
    /// </exception>
    public IvshmemServer(IvshmemServerOptions options)
    {
        if (options.Size < 4096 || !BitOperations.IsPow2(options.Size))
        {
            throw new ArgumentException($"The size of ivshmem memory is a power of two of at least 4096 bytes, not {options.Size}.", nameof(options));
        }

        if (options.Vectors is < 1 or > IvshmemProtocol.MostVectors)
        {
            throw new ArgumentException($"A peer has 1 to {IvshmemProtocol.MostVectors} vectors, not {options.Vectors}.", nameof(options));
        }

        if (options.MaximumClients is < 1 or > IvshmemProtocol.LargestPeerId + 1)
        {
            throw new ArgumentException($"There are 1 to {IvshmemProtocol.LargestPeerId + 1} clients, not {options.MaximumClients}.", nameof(options));
        }

        if (options.FirstId is < 0 or > IvshmemProtocol.LargestPeerId)
        {
            throw new ArgumentException($"A peer id is 0 to {IvshmemProtocol.LargestPeerId}, not {options.FirstId}.", nameof(options));
        }

        _options = options;
        _ids = new PeerIds(options.FirstId);

        // A client that reads at all can be this far behind: everybody's doorbells for a newcomer, and once more for a change of everybody.
        _mostUnsent = 16 + (2 * options.MaximumClients * (options.Vectors + 1));
        Memory = MappedMemory.CreateSealed("ivshmem", options.Size, options.Hints);
        try
        {
            _listener = UnixListener.Bind(options.SocketPath);
            _poller = new Poller(capacity: 16);
            _watch = new ListenerWatch(_poller, _listener.Descriptor);
        }
        catch
        {
            _poller?.Dispose();
            _listener?.Dispose();
            Memory.Dispose();
            throw;
        }
    }

    /// <summary>A client was admitted and told everything; its id. Raised on the loop's thread.</summary>
    public event Action<int>? ClientConnected;

    /// <summary>A client is gone, and the others were told; its id and the reason. Raised on the loop's thread.</summary>
    public event Action<int, IvshmemDropReason>? ClientDisconnected;

    /// <summary>The socket file.</summary>
    public string SocketPath => _options.SocketPath;

    /// <summary>Doorbells per peer.</summary>
    public int Vectors => _options.Vectors;

    /// <summary>The memory that every client gets.</summary>
    public MappedMemory Memory { get; }

    /// <summary>Clients connected at present.</summary>
    public int ClientCount => Volatile.Read(ref _clientCount);

    /// <summary>What was counted.</summary>
    public IvshmemServerStatistics Statistics { get; } = new();

    /// <summary>One turn: waits for something to do, at most as long as given, and does it.</summary>
    /// <param name="timeoutMs">Milliseconds; 0 only looks, negative waits until something happens or somebody calls <see cref="Wake"/>.</param>
    /// <returns>Sockets that were dealt with; 0 when there was nothing.</returns>
    public int Poll(int timeoutMs)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        int count = _poller.Wait(LimitWait(timeoutMs), _ready);
        long now = Now();
        bool someoneWaits = false;
        for (int i = 0; i < count; i++)
        {
            PollReady ready = _ready[i];
            someoneWaits |= ready.Index == _watch.Index;
            if (_byPollIndex.TryGetValue(ready.Index, out IvshmemServerClient? client)) Serve(client, ready.Events, now);
            DropLeaving(now);
        }

        // Newcomers last: they may get the index of a client that has just left and whose event is still further down the list.
        if (someoneWaits) AcceptWaiting(now);
        DropStalled(now);
        _watch.Resume(now);
        return count;
    }

    /// <summary>Serves until asked to stop.</summary>
    /// <param name="cancel">Ends the loop.</param>
    public void Run(CancellationToken cancel)
    {
        using CancellationTokenRegistration registration = cancel.Register(static server => ((IvshmemServer)server!).Wake(), this);
        while (!cancel.IsCancellationRequested) Poll(Timeout.Infinite);
    }

    /// <summary>Ends the <see cref="Poll"/> in progress, or the next one. Any thread.</summary>
    public void Wake() => _poller.Wake();

    /// <summary>Disconnects every client, removes the socket file and lets go of the memory (clients keep their mappings).</summary>
    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;

        // The socket goes first: whoever is disconnected below and tries again must not find it.
        _watch.Remove();
        _listener.Dispose();
        foreach (IvshmemServerClient client in _clients)
        {
            _poller.Remove(client.PollIndex);
            Statistics.CountDrop(IvshmemDropReason.Shutdown);
            client.Dispose();
        }

        _clients.Clear();
        Volatile.Write(ref _clientCount, 0);
        _poller.Dispose();
        Memory.Dispose();
    }

    private long Now() => _options.Clock.GetTimestamp() / (_options.Clock.TimestampFrequency / 1000);

    // No longer than until the next moment at which something must be done without being woken.
    private int LimitWait(int timeoutMs)
    {
        long wake = _watch.ResumeAt;
        foreach (IvshmemServerClient client in _clients)
        {
            if (client.UnsentCount > 0) wake = Math.Min(wake, client.LastProgress + _options.StallLimitMs);
        }

        if (wake == long.MaxValue) return timeoutMs;
        int left = (int)Math.Clamp(wake - Now(), 0, int.MaxValue);
        return timeoutMs < 0 ? left : Math.Min(timeoutMs, left);
    }

    private void AcceptWaiting(long now)
    {
        for (int i = 0; i < AcceptsPerTurn; i++)
        {
            switch (_listener.TryAccept(out UnixConnection? connection))
            {
                case AcceptResult.Accepted when _clients.Count >= _options.MaximumClients:
                    // Counted first: whoever sees the hang-up finds it in the statistics.
                    Statistics.CountRefusedFull();
                    connection!.Dispose();
                    break;
                case AcceptResult.Accepted:
                    Admit(connection!, now);
                    DropLeaving(now);
                    break;
                case AcceptResult.Shed:
                    Statistics.CountRefusedResources();
                    break;
                case AcceptResult.Exhausted:
                    Statistics.CountRefusedResources();
                    _watch.Pause(now);
                    return;
                default:
                    return;
            }
        }
    }

    private void Admit(UnixConnection connection, long now)
    {
        // There is an id: the number of clients is limited to that of ids.
        _ids.TryTake(out int id);
        IvshmemServerClient newcomer;
        try
        {
            newcomer = IvshmemServerClient.Create(id, connection, _options.Vectors);
        }
        catch (LinuxException)
        {
            _ids.Return(id);
            Statistics.CountRefusedResources();
            return;
        }

        // The order is the protocol: version, id and memory come first (QEMU crashes on a doorbell before the memory), the old clients
        // hear of the newcomer before it can ring them, and its own doorbells come last, which is how it knows that the list is complete.
        Tell(newcomer, IvshmemProtocol.Version, null, now);
        Tell(newcomer, newcomer.Id, null, now);
        Tell(newcomer, IvshmemProtocol.SharedMemory, Memory.Descriptor, now);
        foreach (IvshmemServerClient old in _clients) TellDoorbells(old, newcomer, now);
        foreach (IvshmemServerClient old in _clients) TellDoorbells(newcomer, old, now);
        TellDoorbells(newcomer, newcomer, now);

        newcomer.PollIndex = _poller.Add(newcomer.Socket, Interest(newcomer));
        _byPollIndex.Add(newcomer.PollIndex, newcomer);
        _clients.Add(newcomer);
        Volatile.Write(ref _clientCount, _clients.Count);
        Statistics.CountConnected();
        ClientConnected?.Invoke(newcomer.Id);
    }

    private void TellDoorbells(IvshmemServerClient to, IvshmemServerClient of, long now)
    {
        foreach (EventFd doorbell in of.Doorbells) Tell(to, of.Id, doorbell.Descriptor, now);
    }

    private void Tell(IvshmemServerClient client, long value, FileDescriptor? descriptor, long now)
    {
        if (client.IsLeaving) return;
        bool wasWaiting = client.UnsentCount > 0;
        if (!client.Tell(value, descriptor, now))
        {
            Leave(client, IvshmemDropReason.Left);
        }
        else if (client.UnsentCount > _mostUnsent)
        {
            Leave(client, IvshmemDropReason.Stalled);
        }
        else if (client.UnsentCount > 0 && !wasWaiting && client.PollIndex != 0)
        {
            _poller.SetInterest(client.PollIndex, Interest(client));
        }
    }

    private void Serve(IvshmemServerClient client, PollEvents events, long now)
    {
        if ((events & ~PollEvents.Writable) != PollEvents.None)
        {
            if (client.WhyReadable(events) is { } reason) Leave(client, reason);
            return;
        }

        if (!client.Flush(now)) Leave(client, IvshmemDropReason.Left);
        else if (client.UnsentCount == 0) _poller.SetInterest(client.PollIndex, Interest(client));
    }

    private void DropStalled(long now)
    {
        foreach (IvshmemServerClient client in _clients)
        {
            if (client.UnsentCount > 0 && now - client.LastProgress >= _options.StallLimitMs) Leave(client, IvshmemDropReason.Stalled);
        }

        DropLeaving(now);
    }

    private void Leave(IvshmemServerClient client, IvshmemDropReason reason)
    {
        if (client.IsLeaving) return;
        client.IsLeaving = true;
        _leaving.Enqueue((client, reason));
    }

    // Telling the others may find that one of them is gone, too: the queue turns that recursion into a loop.
    private void DropLeaving(long now)
    {
        while (_leaving.TryDequeue(out (IvshmemServerClient Client, IvshmemDropReason Reason) next))
        {
            IvshmemServerClient client = next.Client;
            _clients.Remove(client);
            _ids.Return(client.Id);
            _byPollIndex.Remove(client.PollIndex);
            _poller.Remove(client.PollIndex);
            Volatile.Write(ref _clientCount, _clients.Count);
            Statistics.CountDrop(next.Reason);
            client.Dispose();
            foreach (IvshmemServerClient other in _clients) Tell(other, client.Id, null, now);
            ClientDisconnected?.Invoke(client.Id, next.Reason);
        }
    }

    private static PollEvents Interest(IvshmemServerClient client) =>
        client.UnsentCount > 0 ? PollEvents.Readable | PollEvents.Writable : PollEvents.Readable;
}
