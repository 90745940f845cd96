// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Linux;

/// <summary>
/// Bytes in both directions over a non-blocking descriptor: a terminal or a connected stream socket. Neither call waits, throws or allocates. Once the other end is
/// gone the stream stays closed.
/// </summary>
public sealed unsafe class ByteStream : IDisposable
{
    private readonly bool _isSocket;

    internal ByteStream(FileDescriptor descriptor, bool isSocket = false)
    {
        Descriptor = descriptor;
        _isSocket = isSocket;
    }

    /// <summary>The descriptor, for polling.</summary>
    public FileDescriptor Descriptor { get; }

    /// <summary>False from the moment a call found the other end gone.</summary>
    public bool IsOpen { get; private set; } = true;

    /// <summary>True when the other end has hung up, even while bytes of it are still to be read.</summary>
    public bool IsHungUp => !IsOpen || Descriptor.IsClosed || UnixConnection.Wait(Descriptor, PollEvents.None, timeoutMs: 0);

    /// <summary>Takes over the socket of a connection, which must not be used or disposed any more.</summary>
    /// <param name="connection">A connected stream.</param>
    public static ByteStream TakeOver(UnixStream connection) => new(connection.Descriptor, isSocket: true);

    /// <summary>Connects to a listening UNIX stream socket, if one is there now.</summary>
    /// <param name="path">The socket file, at most 107 bytes.</param>
    /// <param name="reason">Why the answer is null: ENOENT or ECONNREFUSED when nobody listens, EAGAIN when too many wait, EACCES when it is not allowed.</param>
    /// <exception cref="LinuxException">The path is no path for a socket (ENAMETOOLONG), or no descriptor is free.</exception>
    public static ByteStream? TryConnect(string path, out Errno reason)
    {
        reason = UnixConnection.TryConnect(path, out FileDescriptor? socket);
        return socket is null ? null : new ByteStream(socket, isSocket: true);
    }

    /// <summary>Two joined ends.</summary>
    /// <exception cref="LinuxException">No descriptor is free.</exception>
    public static (ByteStream First, ByteStream Second) CreatePair()
    {
        (FileDescriptor first, FileDescriptor second) = UnixConnection.CreateSocketPair();
        return (new ByteStream(first, isSocket: true), new ByteStream(second, isSocket: true));
    }

    /// <summary>Takes what has arrived.</summary>
    /// <param name="buffer">Where to, at least one byte.</param>
    /// <returns>Bytes taken; 0 when there are none now or for ever (<see cref="IsOpen"/>).</returns>
    public int TryRead(Span<byte> buffer)
    {
        if (!IsOpen || Descriptor.IsClosed || buffer.IsEmpty) return 0;
        nint count;

        // SAFETY: the buffer is pinned for the call, with its true length.
        fixed (byte* data = buffer)
        {
            do count = NativeStream.Read(Descriptor, data, (nuint)buffer.Length);
            while (count < 0 && NativeError.WasInterrupted);
        }

        if (count > 0) return (int)count;
        if (count == 0 || NativeError.Last != Errno.EAGAIN) IsOpen = false;
        return 0;
    }

    /// <summary>Hands over as many bytes as the kernel takes now.</summary>
    /// <param name="bytes">At least one.</param>
    /// <returns>Bytes taken; 0 when there is no room or the other end is gone (<see cref="IsOpen"/>).</returns>
    public int TryWrite(ReadOnlySpan<byte> bytes)
    {
        if (!IsOpen || Descriptor.IsClosed || bytes.IsEmpty) return 0;
        nint count;

        // SAFETY: the bytes are pinned for the call, with their true length.
        fixed (byte* data = bytes)
        {
            do
            {
                count = _isSocket
                    ? NativeNetwork.SendTo(Descriptor, data, (nuint)bytes.Length, NativeSocket.MSG_NOSIGNAL, null, 0)
                    : NativeStream.Write(Descriptor, data, (nuint)bytes.Length);
            }
            while (count < 0 && NativeError.WasInterrupted);
        }

        if (count >= 0) return (int)count;
        if (NativeError.Last is not (Errno.EAGAIN or Errno.ENOBUFS or Errno.ENOMEM)) IsOpen = false;
        return 0;
    }

    /// <summary>Closes the descriptor; the other end notices at once, even while a <see cref="Poller"/> still holds it.</summary>
    public void Dispose()
    {
        IsOpen = false;
        if (_isSocket && !Descriptor.IsClosed) _ = NativeSocket.Shutdown(Descriptor, NativeSocket.SHUT_RDWR);
        Descriptor.Dispose();
    }
}
