// SPDX-License-Identifier: Apache-2.0
using System.Runtime.CompilerServices;

namespace Busbar.Linux;

/// <summary>One end of an AF_UNIX SOCK_SEQPACKET pair: whole packets, optionally with descriptors. Never blocks, except where a time limit is given.</summary>
internal sealed unsafe class PacketEnd : IDisposable
{
    public PacketEnd(FileDescriptor descriptor)
    {
        Descriptor = descriptor;
        descriptor.SetNonBlocking();
    }

    public FileDescriptor Descriptor { get; }

    public static (PacketEnd First, PacketEnd Second) CreatePair()
    {
        int* pair = stackalloc int[2];
        const int Type = NativeSocket.SOCK_SEQPACKET | NativeSocket.SOCK_CLOEXEC | NativeSocket.SOCK_NONBLOCK;

        // SAFETY: the call fills two ints.
        LinuxException.Check(NativeSocket.SocketPair(NativeSocket.AF_UNIX, Type, 0, pair), "socketpair", "Making a pair of packet sockets failed");
        return (new PacketEnd(new FileDescriptor(pair[0])), new PacketEnd(new FileDescriptor(pair[1])));
    }

    /// <summary>Sends one packet.</summary>
    /// <returns>EAGAIN without room; EPIPE or ECONNRESET when the other end is gone.</returns>
    public Errno Send(ReadOnlySpan<byte> packet, FileDescriptor? descriptor = null)
    {
        if (Descriptor.IsClosed) return Errno.EBADF;
        return DescriptorPassing.Send(Descriptor, packet, descriptor is null ? [] : new ReadOnlySpan<FileDescriptor>(in descriptor), out Errno error) < 0 ? error : Errno.None;
    }

    /// <summary>Takes one packet.</summary>
    /// <param name="buffer">Gets it; a longer one is cut.</param>
    /// <param name="length">Its real length.</param>
    /// <param name="peek">True leaves it in the queue.</param>
    /// <returns>EAGAIN when none is there; EPIPE when the other end is gone.</returns>
    [SkipLocalsInit]
    public Errno TryReceive(Span<byte> buffer, out int length, bool peek = false)
    {
        length = 0;
        if (Descriptor.IsClosed) return Errno.EBADF;
        nint count;

        // SAFETY: the buffer is pinned for the call, with the size that is there; no address is asked for.
        fixed (byte* data = buffer)
        {
            int flags = NativeSocket.MSG_DONTWAIT | NativeNetwork.MSG_TRUNC | (peek ? NativeNetwork.MSG_PEEK : 0);
            do count = NativeNetwork.ReceiveFrom(Descriptor, data, (nuint)buffer.Length, flags, null, null);
            while (count < 0 && NativeError.WasInterrupted);
        }

        if (count < 0) return NativeError.Last;
        length = (int)Math.Min(count, int.MaxValue);
        return count == 0 ? Errno.EPIPE : Errno.None;
    }

    /// <summary>Takes one packet with the descriptors that came along; the caller owns them.</summary>
    public Errno TryReceive(Span<byte> buffer, List<FileDescriptor> descriptors, out int length)
    {
        length = 0;
        if (Descriptor.IsClosed) return Errno.EBADF;
        nint count = DescriptorPassing.Receive(Descriptor, buffer, descriptors, out _);
        if (count < 0) return NativeError.Last;
        length = (int)count;
        return count == 0 ? Errno.EPIPE : Errno.None;
    }

    public bool WaitReadable(int timeoutMs) => UnixConnection.Wait(Descriptor, PollEvents.Readable, timeoutMs);

    /// <summary>A copy that a started program inherits under the same number; the caller closes it once the program runs.</summary>
    public FileDescriptor Inheritable() =>
        new(LinuxException.Check(NativeFile.Control(Descriptor, NativeFile.F_DUPFD, 3), "fcntl", "Duplicating a descriptor failed"));

    public void Dispose() => Descriptor.Dispose();
}
