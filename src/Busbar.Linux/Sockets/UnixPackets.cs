// SPDX-License-Identifier: Apache-2.0
using System.Runtime.CompilerServices;

namespace Busbar.Linux;

/// <summary>One end of an AF_UNIX connection that keeps packets apart (SOCK_SEQPACKET). Never blocks, except in <see cref="Wait"/> and <see cref="Connect"/>.</summary>
/// <remarks>
/// A packet of no bytes cannot be told from the end of the connection, and is taken for it. Descriptors that the other end passes along are closed unseen. One thread receives and one
/// sends at a time; neither allocates.
/// </remarks>
public sealed unsafe class UnixPackets : IDisposable
{
    internal UnixPackets(FileDescriptor descriptor) => Descriptor = descriptor;

    /// <summary>The socket, for polling.</summary>
    public FileDescriptor Descriptor { get; }

    /// <summary>Connects to a listening socket; while its queue is full or it is not there, tries again until time is up.</summary>
    /// <param name="address">The socket file, at most 107 bytes; or with <c>@</c> in front a name in the abstract space, at most 107 bytes without it.</param>
    /// <param name="timeoutMs">Milliseconds to keep trying; 0 tries once.</param>
    /// <param name="cancel">Ends the attempts early.</param>
    /// <exception cref="LinuxException">Nobody listens (ENOENT, ECONNREFUSED), the server does not answer (EAGAIN), or it is not allowed.</exception>
    public static UnixPackets Connect(string address, int timeoutMs, CancellationToken cancel = default) =>
        new(UnixConnection.ConnectSocket(address, timeoutMs, cancel, NativeSocket.SOCK_SEQPACKET));

    /// <summary>Connects to a listening socket, if one is there now.</summary>
    /// <param name="path">The socket file, at most 107 bytes.</param>
    /// <param name="reason">Why the answer is null: ENOENT or ECONNREFUSED when nobody listens, EAGAIN when too many wait, EPROTOTYPE when the socket is of another kind.</param>
    /// <exception cref="LinuxException">The path is no path for a socket (ENAMETOOLONG), or no descriptor is free.</exception>
    public static UnixPackets? TryConnect(string path, out Errno reason)
    {
        reason = UnixConnection.TryConnect(path, out FileDescriptor? socket, NativeSocket.SOCK_SEQPACKET);
        return socket is null ? null : new UnixPackets(socket);
    }

    /// <summary>Two connected ends.</summary>
    /// <exception cref="LinuxException">No descriptor is free.</exception>
    public static (UnixPackets First, UnixPackets Second) CreatePair()
    {
        (FileDescriptor first, FileDescriptor second) = UnixConnection.CreateSocketPair(NativeSocket.SOCK_SEQPACKET);
        return (new UnixPackets(first), new UnixPackets(second));
    }

    /// <summary>Sends one packet without waiting: whole or not at all.</summary>
    /// <param name="first">The packet, or its first part.</param>
    /// <param name="second">The rest; may be empty.</param>
    [SkipLocalsInit]
    public SendResult TrySend(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second = default)
    {
        if (Descriptor.IsClosed) return SendResult.Closed;
        try
        {
            // SAFETY: everything the header points to is pinned or on this stack until the call returns.
            fixed (byte* head = first, tail = second)
            {
                IoVector* vectors = stackalloc IoVector[2];
                vectors[0] = new IoVector { Base = head, Length = (nuint)first.Length };
                vectors[1] = new IoVector { Base = tail, Length = (nuint)second.Length };
                var message = new MessageHeader { Vectors = vectors, VectorCount = 2 };
                nint sent;
                do sent = NativeSocket.Send(Descriptor, &message, NativeSocket.MSG_NOSIGNAL | NativeSocket.MSG_DONTWAIT);
                while (sent < 0 && NativeError.WasInterrupted);
                if (sent >= 0) return SendResult.Sent;
                return NativeError.Last is Errno.EAGAIN or Errno.ENOBUFS or Errno.ENOMEM ? SendResult.WouldBlock : SendResult.Closed;
            }
        }
        catch (ObjectDisposedException)
        {
            return SendResult.Closed;
        }
    }

    /// <summary>Takes one packet if there is one.</summary>
    /// <param name="buffer">Where to, at least one byte.</param>
    /// <param name="count">Bytes received.</param>
    /// <returns><see cref="ReceiveResult.Truncated"/> when the packet was longer than the buffer: its rest is lost.</returns>
    public ReceiveResult TryReceive(Span<byte> buffer, out int count)
    {
        count = 0;
        ArgumentOutOfRangeException.ThrowIfZero(buffer.Length, nameof(buffer));
        if (Descriptor.IsClosed) return ReceiveResult.Closed;
        try
        {
            nint received = DescriptorPassing.ReceiveAlone(Descriptor, buffer, out bool isCut);
            if (received < 0) return NativeError.Last == Errno.EAGAIN ? ReceiveResult.WouldBlock : ReceiveResult.Closed;
            if (received == 0) return ReceiveResult.Closed;
            count = (int)received;
            return isCut ? ReceiveResult.Truncated : ReceiveResult.Received;
        }
        catch (ObjectDisposedException)
        {
            return ReceiveResult.Closed;
        }
    }

    /// <summary>Waits until something can be received or sent, the other end is gone, or time is up.</summary>
    /// <param name="interest">What to wait for.</param>
    /// <param name="timeoutMs">Milliseconds; 0 only looks, negative waits without limit.</param>
    /// <returns>False when time was up.</returns>
    public bool Wait(PollEvents interest, int timeoutMs)
    {
        try
        {
            return UnixConnection.Wait(Descriptor, interest, timeoutMs);
        }
        catch (ObjectDisposedException)
        {
            return true;
        }
    }

    /// <summary>Ends the connection: whoever waits in it or at the other end notices at once. The descriptor stays open until <see cref="Dispose"/>.</summary>
    public void Shutdown()
    {
        try
        {
            if (!Descriptor.IsClosed) _ = NativeSocket.Shutdown(Descriptor, NativeSocket.SHUT_RDWR);
        }
        catch (ObjectDisposedException)
        {
            // Somebody else was faster.
        }
    }

    /// <summary>Ends the connection and closes the socket.</summary>
    public void Dispose()
    {
        Shutdown();
        if (!Descriptor.IsClosed) DescriptorPassing.DropUnread(Descriptor, isPackets: true);
        Descriptor.Dispose();
    }
}
