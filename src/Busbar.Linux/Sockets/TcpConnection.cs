// SPDX-License-Identifier: Apache-2.0
using System.Net;

namespace Busbar.Linux;

/// <summary>Makes TCP connections without waiting for them. Small pieces are sent at once (TCP_NODELAY).</summary>
public static unsafe class TcpConnection
{
    /// <summary>Begins to connect.</summary>
    /// <param name="server">Where to.</param>
    /// <param name="stream">The connection, or what will be one; null when it failed.</param>
    /// <returns><see cref="Errno.None"/> connected; <see cref="Errno.EINPROGRESS"/> ask <see cref="Check"/> later; otherwise why there is none.</returns>
    public static Errno Begin(IPEndPoint server, out ByteStream? stream)
    {
        stream = null;
        int number = NativeSocket.Socket(InternetAddress.FamilyOf(server), NativeSocket.SOCK_STREAM | NativeSocket.SOCK_CLOEXEC | NativeSocket.SOCK_NONBLOCK, 0);
        if (number < 0) return NativeError.Last;
        var descriptor = new FileDescriptor(number);
        SetNoDelay(descriptor);
        Span<byte> address = stackalloc byte[InternetAddress.LargestSize];
        int size = InternetAddress.Write(server, address);
        int status;

        // SAFETY: the address is on this stack, and its size is that of its family.
        fixed (byte* bytes = address) status = NativeNetwork.Connect(descriptor, bytes, (uint)size);
        Errno state = status == 0 ? Errno.None : NativeError.Last;

        // An interrupted connect goes on by itself.
        if (state == Errno.EINTR) state = Errno.EINPROGRESS;
        if (state is Errno.None or Errno.EINPROGRESS) stream = new ByteStream(descriptor, isSocket: true);
        else descriptor.Dispose();
        return state;
    }

    /// <summary>How a connection that was begun stands.</summary>
    /// <param name="stream">From <see cref="Begin"/>.</param>
    /// <returns>As there; the caller disposes a stream that failed.</returns>
    public static Errno Check(ByteStream stream)
    {
        if (stream.Descriptor.IsClosed) return Errno.EBADF;
        if (!UnixConnection.Wait(stream.Descriptor, PollEvents.Writable, timeoutMs: 0)) return Errno.EINPROGRESS;
        int error = 0;
        uint length = sizeof(int);

        // SAFETY: the kernel writes one int onto this stack.
        int status = NativeInternet.GetOption(stream.Descriptor, NativeSocket.SOL_SOCKET, NativeInternet.SO_ERROR, &error, &length);
        return status < 0 ? NativeError.Last : (Errno)error;
    }

    internal static void SetNoDelay(FileDescriptor descriptor)
    {
        int on = 1;

        // SAFETY: the kernel reads one int from this stack. A socket that does not know the option is slower, and that is all.
        _ = NativeNetwork.SetOption(descriptor, NativeInternet.IPPROTO_TCP, NativeInternet.TCP_NODELAY, &on, sizeof(int));
    }
}
