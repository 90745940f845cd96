// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;

namespace Busbar.Linux;

/// <summary>
/// One end of an AF_UNIX stream that carries 8-byte little-endian numbers, each with at most one file descriptor (SCM_RIGHTS).
/// Never blocks, except in the calls that take a time limit.
/// </summary>
/// <remarks>
/// <para>The other end may send anything: descriptors too many are closed at once, half messages are kept until they are whole, a broken stream stays broken.</para>
/// <para>One thread at a time. Sending and receiving allocate nothing but the object for a received descriptor.</para>
/// </remarks>
public sealed unsafe class UnixConnection : IDisposable
{
    /// <summary>Bytes of one message.</summary>
    public const int MessageSize = 8;

    private readonly List<FileDescriptor> _received = [];
    private long _partial;
    private int _have;
    private FileDescriptor? _pendingDescriptor;
    private ReceiveResult _verdict = ReceiveResult.Received;

    internal UnixConnection(FileDescriptor descriptor) => Descriptor = descriptor;

    /// <summary>The socket, for polling.</summary>
    public FileDescriptor Descriptor { get; }

    /// <summary>Connects to a listening socket. While there is none, or its queue is full, it tries again until time is up.</summary>
    /// <param name="path">The socket file, at most 107 bytes.</param>
    /// <param name="timeoutMs">Milliseconds to keep trying; 0 tries once.</param>
    /// <param name="cancel">Ends the attempts early.</param>
    /// <exception cref="LinuxException">
    /// Nobody listens (ENOENT, ECONNREFUSED), the server does not answer (EAGAIN), or it is not allowed.
    /// </exception>
    public static UnixConnection Connect(string path, int timeoutMs, CancellationToken cancel = default) =>
        new(ConnectSocket(path, timeoutMs, cancel));

    /// <summary>Two connected ends, for tests and for threads that talk as processes do.</summary>
    /// <exception cref="LinuxException">No descriptor is free.</exception>
    public static (UnixConnection First, UnixConnection Second) CreatePair()
    {
        (FileDescriptor first, FileDescriptor second) = CreateSocketPair();
        return (new UnixConnection(first), new UnixConnection(second));
    }

    /// <summary>Sends one message without waiting.</summary>
    /// <param name="value">The number.</param>
    /// <param name="descriptor">A descriptor to pass along; the receiver gets its own copy.</param>
    public SendResult TrySend(long value, FileDescriptor? descriptor = null)
    {
        Debug.Assert(BitConverter.IsLittleEndian, "Numbers go out in memory order.");
        return TrySend(new ReadOnlySpan<byte>(&value, MessageSize), descriptor is null ? [] : new ReadOnlySpan<FileDescriptor>(in descriptor));
    }

    /// <summary>Takes one message if a whole one has arrived.</summary>
    /// <param name="value">The number.</param>
    /// <param name="descriptor">The descriptor that came along, owned by the caller; null when none did.</param>
    public ReceiveResult TryReceive(out long value, out FileDescriptor? descriptor)
    {
        value = 0;
        descriptor = null;
        while (_have < MessageSize)
        {
            if (_verdict != ReceiveResult.Received) return _verdict;
            ReceiveResult result = ReceiveMore();
            if (result == ReceiveResult.WouldBlock) return result;
            if (result == ReceiveResult.Received) continue;
            _verdict = result;
            _pendingDescriptor?.Dispose();
            _pendingDescriptor = null;
            return result;
        }

        value = _partial;
        descriptor = _pendingDescriptor;
        _partial = 0;
        _have = 0;
        _pendingDescriptor = null;
        return ReceiveResult.Received;
    }

    /// <summary>Waits until something can be received, the other end is gone, or time is up.</summary>
    /// <param name="timeoutMs">Milliseconds; 0 only looks, negative waits without limit.</param>
    /// <returns>False when time was up.</returns>
    public bool WaitReadable(int timeoutMs) => Wait(Descriptor, PollEvents.Readable, timeoutMs);

    /// <summary>Ends the connection and closes the socket. The other end notices at once, even while a <see cref="Poller"/> still holds the socket.</summary>
    public void Dispose()
    {
        if (!Descriptor.IsClosed)
        {
            _ = NativeSocket.Shutdown(Descriptor, NativeSocket.SHUT_RDWR);
            DescriptorPassing.DropUnread(Descriptor);
        }

        Descriptor.Dispose();
        _pendingDescriptor?.Dispose();
        _pendingDescriptor = null;
    }

    internal static FileDescriptor ConnectSocket(string path, int timeoutMs, CancellationToken cancel, int type = NativeSocket.SOCK_STREAM)
    {
        long start = Stopwatch.GetTimestamp();
        int pause = 1;
        while (true)
        {
            cancel.ThrowIfCancellationRequested();
            Errno reason = TryConnect(path, out FileDescriptor? socket, type);
            if (socket is not null) return socket;
            double left = timeoutMs - Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            if (reason is not (Errno.ENOENT or Errno.ECONNREFUSED or Errno.EAGAIN) || left <= 0)
            {
                throw new LinuxException(reason, "connect", $"Connecting to the socket '{path}' failed");
            }

            // A socket file that does not exist yet cannot be polled for; ask again at a growing distance.
            cancel.WaitHandle.WaitOne((int)Math.Min(pause, Math.Ceiling(left)));
            pause = Math.Min(pause * 2, 50);
        }
    }

    /// <summary>One attempt: the connected socket, or why there is none.</summary>
    internal static Errno TryConnect(string path, out FileDescriptor? socket, int type = NativeSocket.SOCK_STREAM)
    {
        socket = null;
        UnixAddress address = UnixAddress.For(path, out uint addressLength);
        FileDescriptor descriptor = NewSocket(type);
        int status;

        // SAFETY: the address lives on the stack during the call.
        do status = NativeSocket.Connect(descriptor, &address, addressLength);
        while (status < 0 && NativeError.WasInterrupted);
        if (status == 0)
        {
            socket = descriptor;
            return Errno.None;
        }

        Errno reason = NativeError.Last;
        descriptor.Dispose();
        return reason;
    }

    internal static (FileDescriptor First, FileDescriptor Second) CreateSocketPair(int type = NativeSocket.SOCK_STREAM)
    {
        int* pair = stackalloc int[2];

        // SAFETY: the call fills two ints.
        LinuxException.Check(NativeSocket.SocketPair(NativeSocket.AF_UNIX, type | NativeSocket.SOCK_CLOEXEC | NativeSocket.SOCK_NONBLOCK, 0, pair), "socketpair", "Making a pair of sockets failed");
        return (new FileDescriptor(pair[0]), new FileDescriptor(pair[1]));
    }

    internal static bool Wait(FileDescriptor descriptor, PollEvents interest, int timeoutMs)
    {
        bool held = false;
        try
        {
            descriptor.DangerousAddRef(ref held);
            long deadline = timeoutMs > 0 ? Environment.TickCount64 + timeoutMs : 0;
            while (true)
            {
                // SAFETY: one structure on the stack; the reference keeps the descriptor open.
                var entry = new PollFd { Descriptor = descriptor.Number, Events = Poller.ToNative(interest) };
                int found = NativeEvent.Poll(&entry, 1, timeoutMs);
                if (found >= 0) return found > 0;
                if (!NativeError.WasInterrupted) throw LinuxException.Last("poll", "Waiting for a socket failed");
                if (timeoutMs > 0) timeoutMs = (int)Math.Max(0, deadline - Environment.TickCount64);
            }
        }
        finally
        {
            if (held) descriptor.DangerousRelease();
        }
    }

    internal static FileDescriptor NewSocket(int type = NativeSocket.SOCK_STREAM) => new(LinuxException.Check(
        NativeSocket.Socket(NativeSocket.AF_UNIX, type | NativeSocket.SOCK_CLOEXEC | NativeSocket.SOCK_NONBLOCK, 0),
        "socket",
        "Making a UNIX socket failed"));

    /// <summary>Sends some bytes with some descriptors, whatever the message format says; tests play hostile peers with it.</summary>
    internal SendResult TrySend(ReadOnlySpan<byte> bytes, ReadOnlySpan<FileDescriptor> descriptors)
    {
        if (Descriptor.IsClosed) return SendResult.Closed;
        nint sent = DescriptorPassing.Send(Descriptor, bytes, descriptors, out Errno error);

        // The kernel takes so small a message whole or not at all; half a message would be the end of the stream.
        if (sent == bytes.Length) return SendResult.Sent;
        return error is Errno.EAGAIN or Errno.ENOBUFS or Errno.ENOMEM or Errno.ETOOMANYREFS
            ? SendResult.WouldBlock
            : SendResult.Closed;
    }

    private ReceiveResult ReceiveMore()
    {
        if (Descriptor.IsClosed) return ReceiveResult.Closed;
        long bytes = 0;

        // SAFETY: no more than the eight bytes of the number.
        nint count = DescriptorPassing.Receive(Descriptor, new Span<byte>(&bytes, MessageSize - _have), _received, out bool lost);
        if (count < 0) return NativeError.Last == Errno.EAGAIN ? ReceiveResult.WouldBlock : ReceiveResult.Closed;
        if (!TakeDescriptors() || lost) return ReceiveResult.BadDescriptors;
        if (count == 0) return _have == 0 ? ReceiveResult.Closed : ReceiveResult.Truncated;
        _partial |= bytes << (8 * _have);
        _have += (int)count;
        return ReceiveResult.Received;
    }

    // Keeps the one that a message may bring and closes the others; false when there were others.
    private bool TakeDescriptors()
    {
        bool fits = true;
        foreach (FileDescriptor descriptor in _received)
        {
            if (_pendingDescriptor is null)
            {
                _pendingDescriptor = descriptor;
                continue;
            }

            descriptor.Dispose();
            fits = false;
        }

        _received.Clear();
        return fits;
    }
}
