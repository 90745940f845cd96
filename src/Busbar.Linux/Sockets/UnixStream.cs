// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Linux;

/// <summary>
/// One end of an AF_UNIX stream that carries bytes, and file descriptors beside them (SCM_RIGHTS). It knows no messages: descriptors arrive with
/// the call that returns the first byte they were sent with. Never blocks.
/// </summary>
/// <remarks>
/// <para>
/// Of one receive, all bytes that came before those of the descriptors' sender call may be older: Linux ends a receive behind the call that brought
/// descriptors, so they belong to the last thing that begins in it.
/// </para>
/// <para>One thread receives and one sends at a time. Neither allocates, except the objects for received descriptors.</para>
/// </remarks>
public sealed class UnixStream : IDisposable
{
    internal UnixStream(FileDescriptor descriptor) => Descriptor = descriptor;

    /// <summary>The socket, for polling.</summary>
    public FileDescriptor Descriptor { get; }

    /// <summary>Connects to a listening socket. While there is none, or its queue is full, it tries again until time is up.</summary>
    /// <param name="path">The socket file, at most 107 bytes.</param>
    /// <param name="timeoutMs">Milliseconds to keep trying; 0 tries once.</param>
    /// <param name="cancel">Ends the attempts early.</param>
    /// <exception cref="LinuxException">
    /// Nobody listens (ENOENT, ECONNREFUSED), the server does not answer (EAGAIN), or it is not allowed.
    /// </exception>
    public static UnixStream Connect(string path, int timeoutMs, CancellationToken cancel = default) =>
        new(UnixConnection.ConnectSocket(path, timeoutMs, cancel));

    /// <summary>Two connected ends.</summary>
    /// <exception cref="LinuxException">No descriptor is free.</exception>
    public static (UnixStream First, UnixStream Second) CreatePair()
    {
        (FileDescriptor first, FileDescriptor second) = UnixConnection.CreateSocketPair();
        return (new UnixStream(first), new UnixStream(second));
    }

    /// <summary>Sends as many of the bytes as fit without waiting.</summary>
    /// <param name="bytes">At least one.</param>
    /// <param name="descriptors">At most 253; they travel with the first byte, so they are gone when one byte is. The receiver gets its own copies.</param>
    /// <param name="sent">Bytes that the kernel took, when the answer is <see cref="SendResult.Sent"/>; maybe not all.</param>
    public SendResult TrySend(ReadOnlySpan<byte> bytes, ReadOnlySpan<FileDescriptor> descriptors, out int sent)
    {
        sent = 0;
        ArgumentOutOfRangeException.ThrowIfZero(bytes.Length, nameof(bytes));
        if (Descriptor.IsClosed) return SendResult.Closed;
        nint count;
        Errno error;
        try
        {
            count = DescriptorPassing.Send(Descriptor, bytes, descriptors, out error);
        }
        catch (ObjectDisposedException)
        {
            return SendResult.Closed;
        }

        if (count > 0)
        {
            sent = (int)count;
            return SendResult.Sent;
        }

        return error is Errno.EAGAIN or Errno.ENOBUFS or Errno.ENOMEM or Errno.ETOOMANYREFS ? SendResult.WouldBlock : SendResult.Closed;
    }

    /// <summary>Takes what has arrived.</summary>
    /// <param name="buffer">Where to, at least one byte.</param>
    /// <param name="descriptors">Descriptors that came along are added, owned by the caller.</param>
    /// <param name="count">Bytes received, when the answer is not <see cref="ReceiveResult.WouldBlock"/> or <see cref="ReceiveResult.Closed"/>.</param>
    /// <returns>
    /// <see cref="ReceiveResult.BadDescriptors"/> when this process had no descriptor free for one that came; the bytes are good all the same.
    /// Never <see cref="ReceiveResult.Truncated"/>.
    /// </returns>
    public ReceiveResult TryReceive(Span<byte> buffer, List<FileDescriptor> descriptors, out int count)
    {
        count = 0;
        ArgumentOutOfRangeException.ThrowIfZero(buffer.Length, nameof(buffer));
        if (Descriptor.IsClosed) return ReceiveResult.Closed;
        nint received;
        bool lost;
        try
        {
            received = DescriptorPassing.Receive(Descriptor, buffer, descriptors, out lost);
        }
        catch (ObjectDisposedException)
        {
            return ReceiveResult.Closed;
        }

        if (received < 0) return NativeError.Last == Errno.EAGAIN ? ReceiveResult.WouldBlock : ReceiveResult.Closed;
        if (received == 0) return ReceiveResult.Closed;
        count = (int)received;
        return lost ? ReceiveResult.BadDescriptors : ReceiveResult.Received;
    }

    /// <summary>Waits until something can be received or sent, the other end is gone, or time is up.</summary>
    /// <param name="interest">What to wait for.</param>
    /// <param name="timeoutMs">Milliseconds; 0 only looks, negative waits without limit.</param>
    /// <returns>False when time was up.</returns>
    public bool Wait(PollEvents interest, int timeoutMs) => UnixConnection.Wait(Descriptor, interest, timeoutMs);

    /// <summary>Says that nothing more will be sent; the other end reads the end of the stream behind what was sent. Receiving goes on.</summary>
    public void FinishSending()
    {
        if (!Descriptor.IsClosed) _ = NativeSocket.Shutdown(Descriptor, NativeSocket.SHUT_WR);
    }

    /// <summary>Takes nothing more from the peer, whose next send fails with EPIPE; what it sent before can still be received. shutdown(2), SHUT_RD.</summary>
    public void StopReceiving()
    {
        if (!Descriptor.IsClosed) _ = NativeSocket.Shutdown(Descriptor, NativeSocket.SHUT_RD);
    }

    /// <summary>Ends the connection and closes the socket. The other end notices at once, even while a <see cref="Poller"/> still holds the socket.</summary>
    public void Dispose()
    {
        if (!Descriptor.IsClosed) _ = NativeSocket.Shutdown(Descriptor, NativeSocket.SHUT_RDWR);
        Descriptor.Dispose();
    }
}
