// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Busbar.Linux;

namespace Busbar.Pci;

/// <summary>
/// A peer on an ivshmem server (ours or QEMU's): the shared memory, our own doorbells, and those of every other peer, processes and
/// guests alike.
/// </summary>
/// <remarks>
/// One thread at a time, or under its owner's lock. An <see cref="EventFd"/> handed out here is disposed when its peer leaves; ringing it
/// then does nothing and says so. After the server is gone memory and doorbells go on working, but nobody tells who comes and goes.
/// </remarks>
public sealed class IvshmemClient : IDisposable
{
    // More than a socket's buffer holds, so that one call sees everything that was said before it; bounded nevertheless.
    private const int MessagesPerTurn = 4096;

    // Descriptors are dear, and a server that lies must not take all that the process has.
    private const int MostDoorbells = 16384;

    // The protocol has no "that was all": a server without interrupts sends no own doorbells, and this long a silence says so; a shorter
    // one says that no further vector follows.
    private const int FirstVectorWaitMs = 1000;
    private const int NextVectorWaitMs = 10;

    private readonly string _path;
    private readonly UnixConnection _connection;
    private readonly Dictionary<int, List<EventFd>> _peers = [];
    private readonly List<EventFd> _ownVectors = [];
    private int _doorbellCount;

    private IvshmemClient(string path, UnixConnection connection)
    {
        _path = path;
        _connection = connection;
    }

    /// <summary>The id that the server gave us, 0 to 65535.</summary>
    public int OwnId { get; private set; }

    /// <summary>The shared memory; its size is positive and a multiple of the page size. Map it with <see cref="MappedMemory.Map"/>.</summary>
    public MappedMemory Memory { get; private set; } = null!;

    /// <summary>Doorbells on which we are rung, by vector; empty when the server has no interrupts, so that we must poll. May still grow.</summary>
    public IReadOnlyList<EventFd> OwnVectors => _ownVectors;

    /// <summary>Ids of the other peers.</summary>
    public IReadOnlyCollection<int> Peers => _peers.Keys;

    /// <summary>Changes whenever <see cref="Peers"/>, a peer's doorbells or <see cref="OwnVectors"/> change: holders of a doorbell look again then.</summary>
    public int Version { get; private set; }

    /// <summary>The socket: readable when <see cref="ProcessMessages"/> has something to do. Once <see cref="ServerGone"/> it is readable for ever.</summary>
    public FileDescriptor SocketFd => _connection.Descriptor;

    /// <summary>True when nothing more will come from the server: it ended, or it broke the protocol (see <see cref="Fault"/>).</summary>
    public bool ServerGone { get; private set; }

    /// <summary>How the server broke the protocol; <see cref="IvshmemFault.None"/> when it did not.</summary>
    public IvshmemFault Fault { get; private set; }

    /// <summary>Notices about peers that were never announced; servers without interrupts send such.</summary>
    public long UnknownDepartures { get; private set; }

    /// <summary>Connects and takes part: returns when id, memory, the peers that are there and our own doorbells have come.</summary>
    /// <param name="socketPath">The server's socket; a server that is not there yet is waited for.</param>
    /// <param name="timeoutMs">Milliseconds for everything together.</param>
    /// <param name="trustsMemory">
    /// True to take memory that the server or its other clients can take away under this process's hands, who are then trusted not to: QEMU's ivshmem-server has no other. False takes memory
    /// only that can never shrink (F_SEAL_SHRINK) and has ordinary pages: a hole in those is filled with zeros, while a hole in huge pages ends whoever touches it when the pool is empty.
    /// </param>
    /// <param name="cancel">Gives up early.</param>
    /// <exception cref="LinuxException">Nobody listens there, or not in time.</exception>
    /// <exception cref="IvshmemProtocolException">The server does not do its part, or not in time.</exception>
    public static IvshmemClient Connect(string socketPath, int timeoutMs = 5000, bool trustsMemory = false, CancellationToken cancel = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(timeoutMs);
        long start = Stopwatch.GetTimestamp();
        var client = new IvshmemClient(socketPath, UnixConnection.Connect(socketPath, timeoutMs, cancel));
        try
        {
            client.ShakeHands(new HandshakeLimit(start, timeoutMs, cancel), trustsMemory);
            return client;
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    /// <summary>Tells whether a peer is connected, as far as <see cref="ProcessMessages"/> has read.</summary>
    /// <param name="peer">Its id.</param>
    public bool IsConnected(int peer) => peer == OwnId || _peers.ContainsKey(peer);

    /// <summary>Tells whether a peer is connected, after reading everything the server has said: what <see cref="RendezvousPage"/> wants to know.</summary>
    /// <param name="peer">Its id.</param>
    public bool IsStillConnected(int peer)
    {
        ProcessMessages();
        return IsConnected(peer);
    }

    /// <summary>Finds the doorbell of a peer. Allocates nothing.</summary>
    /// <param name="peer">Its id; any number.</param>
    /// <param name="vector">Its vector; any number.</param>
    /// <param name="doorbell">What to ring.</param>
    /// <returns>False when there is no such peer, or it has no such vector (yet).</returns>
    public bool TryGetDoorbell(int peer, int vector, [NotNullWhen(true)] out EventFd? doorbell)
    {
        doorbell = _peers.TryGetValue(peer, out List<EventFd>? vectors) && (uint)vector < (uint)vectors.Count ? vectors[vector] : null;
        return doorbell is not null;
    }

    /// <summary>Reads what the server has said meanwhile, without waiting.</summary>
    /// <returns>True when peers, doorbells or <see cref="ServerGone"/> changed.</returns>
    public bool ProcessMessages()
    {
        if (ServerGone) return false;
        int before = Version;
        for (int i = 0; i < MessagesPerTurn; i++)
        {
            switch (_connection.TryReceive(out long value, out FileDescriptor? descriptor))
            {
                case ReceiveResult.Received:
                    IvshmemFault fault = Apply(value, descriptor);
                    if (fault == IvshmemFault.None) continue;
                    GiveUp(fault);
                    return true;
                case ReceiveResult.WouldBlock:
                    return Version != before;
                case ReceiveResult.Closed:
                    GiveUp(IvshmemFault.None);
                    return true;
                case ReceiveResult.Truncated:
                    GiveUp(IvshmemFault.Truncated);
                    return true;
                default:
                    GiveUp(IvshmemFault.BadDescriptors);
                    return true;
            }
        }

        return Version != before;
    }

    /// <summary>Leaves: the server tells the others. Mappings stay until they are disposed.</summary>
    public void Dispose()
    {
        _connection.Dispose();
        Memory?.Dispose();
        foreach (EventFd doorbell in _ownVectors) doorbell.Dispose();
        foreach (List<EventFd> peer in _peers.Values) Silence(peer);
        _peers.Clear();
    }

    private static void Silence(List<EventFd> doorbells)
    {
        foreach (EventFd doorbell in doorbells) doorbell.Dispose();
    }

    private void ShakeHands(HandshakeLimit limit, bool trustsMemory)
    {
        long version = Expect(limit, takesDescriptor: false, "the protocol version", out _);
        if (version != IvshmemProtocol.Version) throw Broken(IvshmemFault.WrongVersion, $"it speaks protocol version {version}, not {IvshmemProtocol.Version}");
        long id = Expect(limit, takesDescriptor: false, "our peer id", out _);
        if (id is < 0 or > IvshmemProtocol.LargestPeerId) throw Broken(IvshmemFault.BadPeerId, $"it gave us the peer id {id}");
        OwnId = (int)id;
        long memory = Expect(limit, takesDescriptor: true, "the shared memory", out FileDescriptor? descriptor);
        if (memory != IvshmemProtocol.SharedMemory || descriptor is null)
        {
            descriptor?.Dispose();
            throw Broken(IvshmemFault.MissingMemory, $"its third message is {memory} {(descriptor is null ? "without" : "with")} a descriptor, not the shared memory");
        }

        try
        {
            Memory = MappedMemory.Adopt(descriptor);
        }
        catch (LinuxException unusable)
        {
            throw Broken(IvshmemFault.UnusableMemory, unusable.Message);
        }

        if (Memory.Size <= 0 || Memory.Size % Environment.SystemPageSize != 0)
        {
            throw Broken(IvshmemFault.UnusableMemory, $"its memory has {Memory.Size} bytes, which is not a positive number of whole pages");
        }

        if (!trustsMemory && WhyUnsafe() is { } why) throw Broken(IvshmemFault.UnsafeMemory, why);
        AwaitOwnVectors(limit);
    }

    private string? WhyUnsafe() => !Memory.CannotShrink ? "its memory can be truncated by whoever has it, which would end this process"
        : Memory.IsHuge ? "its memory consists of huge pages, of which whoever has it can take some away, which would end this process"
        : null;

    // Own doorbells come last: with the first of them every peer that was there before us is known, and so is the number of vectors, if
    // there is any such peer. Otherwise a short silence has to do; what comes later still is ProcessMessages' business.
    private void AwaitOwnVectors(HandshakeLimit limit)
    {
        while (!ServerGone && !HasAllVectors() && Await(limit.NoLongerThan(_ownVectors.Count == 0 ? FirstVectorWaitMs : NextVectorWaitMs)))
        {
            ProcessMessages();
            if (limit.RemainingMs == 0 && _ownVectors.Count == 0) throw Broken(IvshmemFault.TimedOut, "it talked all the time and sent no doorbell of ours");
            if (limit.RemainingMs == 0) break;
        }

        ProcessMessages();
        if (Fault != IvshmemFault.None) throw Broken(Fault, "it broke the protocol while it introduced the peers");
        if (ServerGone && _ownVectors.Count == 0) throw Broken(IvshmemFault.ServerClosed, "it closed the connection while it introduced the peers");
    }

    private bool HasAllVectors()
    {
        int expected = 0;
        foreach (List<EventFd> doorbells in _peers.Values) expected = Math.Max(expected, doorbells.Count);
        return _ownVectors.Count >= (expected == 0 ? IvshmemProtocol.MostVectors : expected);
    }

    private long Expect(HandshakeLimit limit, bool takesDescriptor, string what, out FileDescriptor? descriptor)
    {
        while (true)
        {
            switch (_connection.TryReceive(out long value, out descriptor))
            {
                case ReceiveResult.Received when descriptor is not null && !takesDescriptor:
                    descriptor.Dispose();
                    throw Broken(IvshmemFault.UnexpectedDescriptor, $"it sent a descriptor with {what}");
                case ReceiveResult.Received:
                    return value;
                case ReceiveResult.WouldBlock:
                    if (!Await(limit)) throw Broken(IvshmemFault.TimedOut, $"it did not send {what} in time");
                    break;
                case ReceiveResult.Closed:
                    throw Broken(IvshmemFault.ServerClosed, $"it closed the connection before it sent {what}; perhaps it has all the clients it wants");
                case ReceiveResult.Truncated:
                    throw Broken(IvshmemFault.Truncated, $"the stream ended inside {what}");
                default:
                    throw Broken(IvshmemFault.BadDescriptors, $"it sent several descriptors with {what}, or there was no room for one");
            }
        }
    }

    private bool Await(HandshakeLimit limit)
    {
        while (true)
        {
            limit.ThrowIfCancelled();
            int left = limit.RemainingMs;
            if (_connection.WaitReadable(Math.Min(left, 50))) return true;
            if (left == 0) return false;
        }
    }

    private IvshmemFault Apply(long value, FileDescriptor? descriptor)
    {
        if (value is < 0 or > IvshmemProtocol.LargestPeerId)
        {
            descriptor?.Dispose();
            return value == IvshmemProtocol.SharedMemory ? IvshmemFault.SecondMemory : IvshmemFault.BadPeerId;
        }

        int id = (int)value;
        return descriptor is null ? Depart(id) : Announce(id, descriptor);
    }

    private IvshmemFault Depart(int id)
    {
        if (id == OwnId) return IvshmemFault.OwnDeparture;
        if (!_peers.Remove(id, out List<EventFd>? doorbells))
        {
            UnknownDepartures++;
            return IvshmemFault.None;
        }

        _doorbellCount -= doorbells.Count;
        Silence(doorbells);
        Version++;
        return IvshmemFault.None;
    }

    private IvshmemFault Announce(int id, FileDescriptor descriptor)
    {
        List<EventFd>? doorbells = id == OwnId ? _ownVectors : _peers.GetValueOrDefault(id);
        if (doorbells?.Count >= IvshmemProtocol.MostVectors || _doorbellCount >= MostDoorbells)
        {
            descriptor.Dispose();
            return IvshmemFault.TooManyDoorbells;
        }

        EventFd doorbell;
        try
        {
            doorbell = EventFd.Wrap(descriptor);
        }
        catch (LinuxException)
        {
            return IvshmemFault.NotADoorbell;
        }

        if (doorbells is null) _peers.Add(id, doorbells = []);
        doorbells.Add(doorbell);
        _doorbellCount++;
        Version++;
        return IvshmemFault.None;
    }

    private void GiveUp(IvshmemFault fault)
    {
        Fault = fault;
        ServerGone = true;
        Version++;
    }

    private IvshmemProtocolException Broken(IvshmemFault fault, string detail) => new(fault, _path, detail);
}
