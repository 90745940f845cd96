// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;

namespace Busbar.Pci;

/// <summary>One client as the server sees it: its connection, its doorbells, and what it has not been told yet.</summary>
internal sealed class IvshmemServerClient : IDisposable
{
    private readonly UnixConnection _connection;
    private readonly EventFd[] _doorbells;

    // Each queued descriptor is held open by a reference: its owner may leave before the message goes out, and the message must go out
    // nevertheless, because its siblings did.
    private readonly Queue<(long Value, FileDescriptor? Descriptor)> _unsent = new();

    private IvshmemServerClient(int id, UnixConnection connection, EventFd[] doorbells)
    {
        Id = id;
        _connection = connection;
        _doorbells = doorbells;
    }

    public int Id { get; }

    public FileDescriptor Socket => _connection.Descriptor;

    public IReadOnlyList<EventFd> Doorbells => _doorbells;

    /// <summary>Where the server's poller keeps the socket.</summary>
    public int PollIndex { get; set; }

    /// <summary>Set once somebody decided to drop the client; it is told nothing more.</summary>
    public bool IsLeaving { get; set; }

    public int UnsentCount => _unsent.Count;

    /// <summary>Clock reading of the last message the kernel took.</summary>
    public long LastProgress { get; private set; }

    /// <summary>Makes the doorbells; on failure nothing stays open, the connection included.</summary>
    /// <exception cref="LinuxException">No descriptor is free.</exception>
    public static IvshmemServerClient Create(int id, UnixConnection connection, int vectors)
    {
        var doorbells = new EventFd[vectors];
        try
        {
            for (int i = 0; i < vectors; i++) doorbells[i] = EventFd.Create();
            return new IvshmemServerClient(id, connection, doorbells);
        }
        catch
        {
            foreach (EventFd? doorbell in doorbells) doorbell?.Dispose();
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Sends a message, behind those that wait already.</summary>
    /// <returns>False when the connection is gone.</returns>
    public bool Tell(long value, FileDescriptor? descriptor, long now)
    {
        if (_unsent.Count == 0)
        {
            SendResult result = _connection.TrySend(value, descriptor);
            if (result != SendResult.WouldBlock)
            {
                LastProgress = now;
                return result == SendResult.Sent;
            }

            LastProgress = now;
        }

        bool held = false;
        descriptor?.DangerousAddRef(ref held);
        _unsent.Enqueue((value, descriptor));
        return true;
    }

    /// <summary>Sends what waits, as far as the socket takes it.</summary>
    /// <returns>False when the connection is gone.</returns>
    public bool Flush(long now)
    {
        while (_unsent.TryPeek(out (long Value, FileDescriptor? Descriptor) next))
        {
            switch (_connection.TrySend(next.Value, next.Descriptor))
            {
                case SendResult.WouldBlock: return true;
                case SendResult.Closed: return false;
            }

            _unsent.Dequeue();
            next.Descriptor?.DangerousRelease();
            LastProgress = now;
        }

        return true;
    }

    /// <summary>Why the socket is readable, which it never is while all is well; null when it was a false alarm.</summary>
    public IvshmemDropReason? WhyReadable(PollEvents events)
    {
        ReceiveResult result = _connection.TryReceive(out _, out FileDescriptor? descriptor);
        descriptor?.Dispose();
        return result switch
        {
            ReceiveResult.Closed => IvshmemDropReason.Left,
            ReceiveResult.WouldBlock when (events & (PollEvents.HangUp | PollEvents.Error)) != PollEvents.None => IvshmemDropReason.Left,

            // Part of a message was there if the socket said it was readable; what it would have become does not matter.
            ReceiveResult.WouldBlock when (events & PollEvents.Readable) == PollEvents.None => null,
            _ => IvshmemDropReason.Spoke,
        };
    }

    public void Dispose()
    {
        while (_unsent.TryDequeue(out (long Value, FileDescriptor? Descriptor) next)) next.Descriptor?.DangerousRelease();
        foreach (EventFd doorbell in _doorbells) doorbell.Dispose();
        _connection.Dispose();
    }
}
