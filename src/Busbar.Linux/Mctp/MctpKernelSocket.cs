// SPDX-License-Identifier: Apache-2.0
using System.Runtime.CompilerServices;

namespace Busbar.Linux;

/// <summary>
/// A socket of the kernel's AF_MCTP (linux/mctp.h): datagrams, with addresses in the bytes of <c>struct sockaddr_mctp</c> (12) or
/// <c>sockaddr_mctp_ext</c> (52), native byte order. The message type is in the address, not in the data.
/// </summary>
/// <remarks>
/// Sending needs CAP_NET_RAW at each send, binding CAP_NET_BIND_SERVICE, both in the initial user namespace. One thread may send while another receives.
/// Calls that return an <see cref="Errno"/> neither throw nor allocate nor block.
/// </remarks>
public sealed unsafe class MctpKernelSocket : IMctpDatagrams
{
    /// <summary>Bytes of <c>struct sockaddr_mctp</c>.</summary>
    public const int AddressSize = 12;

    /// <summary>Bytes of <c>struct sockaddr_mctp_ext</c>.</summary>
    public const int ExtendedAddressSize = 52;

    private MctpKernelSocket(FileDescriptor descriptor) => Descriptor = descriptor;

    /// <summary>The descriptor, for polling.</summary>
    public FileDescriptor Descriptor { get; }

    /// <summary>True when the kernel knows AF_MCTP.</summary>
    public static bool IsSupported
    {
        get
        {
            int number = NativeSocket.Socket(NativeNetwork.AF_MCTP, NativeNetwork.SOCK_DGRAM | NativeSocket.SOCK_CLOEXEC, 0);
            if (number < 0) return NativeError.Last != Errno.EAFNOSUPPORT;
            new FileDescriptor(number).Dispose();
            return true;
        }
    }

    /// <summary>Opens a socket with extended addresses switched on, so that every receive tells the interface.</summary>
    /// <param name="receiveBytes">Wish for the receive buffer; the kernel drops messages silently when it is full.</param>
    /// <exception cref="LinuxException">EAFNOSUPPORT: the kernel was built without CONFIG_MCTP.</exception>
    public static MctpKernelSocket Open(int receiveBytes = 4 << 20)
    {
        var descriptor = new FileDescriptor(LinuxException.Check(
            NativeSocket.Socket(NativeNetwork.AF_MCTP, NativeNetwork.SOCK_DGRAM | NativeSocket.SOCK_CLOEXEC | NativeSocket.SOCK_NONBLOCK, 0),
            "socket",
            "Opening an AF_MCTP socket failed"));
        try
        {
            int one = 1;
            LinuxException.Check(
                NativeNetwork.SetOption(descriptor, NativeNetwork.SOL_MCTP, NativeNetwork.MCTP_OPT_ADDR_EXT, &one, sizeof(int)),
                "setsockopt",
                "Asking an AF_MCTP socket for extended addresses failed");

            // A wish: what the system's limits leave of it is good enough.
            _ = NativeNetwork.SetOption(descriptor, NativeSocket.SOL_SOCKET, NativeNetwork.SO_RCVBUF, &receiveBytes, sizeof(int));
            _ = NativeNetwork.SetOption(descriptor, NativeSocket.SOL_SOCKET, NativeNetwork.SO_SNDBUF, &receiveBytes, sizeof(int));
            return new MctpKernelSocket(descriptor);
        }
        catch
        {
            descriptor.Dispose();
            throw;
        }
    }

    /// <summary>Asks for requests of a type.</summary>
    /// <param name="address">Network, local EID (0xFF for any) and type; 12 bytes.</param>
    /// <returns>EACCES without CAP_NET_BIND_SERVICE; EADDRINUSE when bound already, here or (6.17 and later) elsewhere.</returns>
    public Errno Bind(ReadOnlySpan<byte> address)
    {
        if (Descriptor.IsClosed) return Errno.EBADF;

        // SAFETY: the bytes are pinned for the call.
        fixed (byte* bytes = address) return Result(NativeNetwork.Bind(Descriptor, bytes, (uint)address.Length));
    }

    /// <summary>Restricts a later bind to one peer; kernels before 6.17 answer EOPNOTSUPP.</summary>
    /// <param name="address">Network, peer EID and type; 12 bytes.</param>
    public Errno Connect(ReadOnlySpan<byte> address)
    {
        if (Descriptor.IsClosed) return Errno.EBADF;

        // SAFETY: the bytes are pinned for the call.
        fixed (byte* bytes = address) return Result(NativeNetwork.Connect(Descriptor, bytes, (uint)address.Length));
    }

    /// <summary>Sends one message.</summary>
    /// <param name="address">12 or 52 bytes; pads must be zero.</param>
    /// <param name="payload">The body without its type byte. The kernel refuses no length; receivers drop more than 64 KiB.</param>
    /// <returns>
    /// EACCES without CAP_NET_RAW, EHOSTUNREACH without a route, EBUSY without a free tag, ENOENT for a tag that was not allocated, EAGAIN or ENOBUFS when
    /// there is no room, EINVAL for an address that makes no sense.
    /// </returns>
    public Errno Send(ReadOnlySpan<byte> address, ReadOnlySpan<byte> payload)
    {
        if (Descriptor.IsClosed) return Errno.EBADF;

        // SAFETY: both are pinned for the call.
        fixed (byte* bytes = address)
        fixed (byte* data = payload)
        {
            nint count;
            do count = NativeNetwork.SendTo(Descriptor, data, (nuint)payload.Length, NativeSocket.MSG_DONTWAIT, bytes, (uint)address.Length);
            while (count < 0 && NativeError.WasInterrupted);
            return Result(count);
        }
    }

    /// <summary>Takes one message that has arrived.</summary>
    /// <param name="buffer">Gets the body; a longer one is cut.</param>
    /// <param name="address">Gets the sender's address; at least 52 bytes.</param>
    /// <param name="addressLength">How many of them the kernel filled.</param>
    /// <param name="length">The real length of the body.</param>
    /// <param name="peek">True leaves the message in the queue.</param>
    /// <returns>EAGAIN when nothing waits.</returns>
    [SkipLocalsInit]
    public Errno TryReceive(Span<byte> buffer, Span<byte> address, out int addressLength, out int length, bool peek = false)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(address.Length, ExtendedAddressSize, nameof(address));
        addressLength = 0;
        length = 0;
        if (Descriptor.IsClosed) return Errno.EBADF;
        int flags = NativeSocket.MSG_DONTWAIT | NativeNetwork.MSG_TRUNC | (peek ? NativeNetwork.MSG_PEEK : 0);
        uint filled = ExtendedAddressSize;
        nint count;

        // SAFETY: both buffers are pinned for the call, with the sizes that are there.
        fixed (byte* data = buffer)
        fixed (byte* bytes = address)
        {
            do count = NativeNetwork.ReceiveFrom(Descriptor, data, (nuint)buffer.Length, flags, bytes, &filled);
            while (count < 0 && NativeError.WasInterrupted);
        }

        if (count < 0) return NativeError.Last;
        addressLength = (int)Math.Min(filled, ExtendedAddressSize);
        length = (int)Math.Min(count, int.MaxValue);
        return Errno.None;
    }

    /// <summary>Takes a tag toward a peer ahead of sending; the kernel keeps it until <see cref="DropTag"/> or the socket closes.</summary>
    /// <param name="network">The network; 0 for the default one.</param>
    /// <param name="peer">The peer's EID; 0xFF for all.</param>
    /// <param name="tag">The tag with its owner and preallocated bits, as it goes into an address.</param>
    /// <returns>EBUSY when all eight are taken.</returns>
    public Errno AllocateTag(uint network, byte peer, out byte tag)
    {
        tag = 0;
        if (Descriptor.IsClosed) return Errno.EBADF;
        var control = new MctpTagControl { Network = network, Peer = peer };

        // SAFETY: the kernel reads and writes the twelve bytes on this stack.
        Errno result = Result(NativeNetwork.Control(Descriptor, NativeNetwork.SIOCMCTPALLOCTAG2, &control));
        tag = control.Tag;
        return result;
    }

    /// <summary>Gives back a tag; network, peer and tag must be those of its allocation.</summary>
    /// <param name="network">The network.</param>
    /// <param name="peer">The peer's EID.</param>
    /// <param name="tag">The tag as <see cref="AllocateTag"/> gave it.</param>
    public Errno DropTag(uint network, byte peer, byte tag)
    {
        if (Descriptor.IsClosed) return Errno.EBADF;
        var control = new MctpTagControl { Network = network, Peer = peer, Tag = tag };

        // SAFETY: as in AllocateTag.
        return Result(NativeNetwork.Control(Descriptor, NativeNetwork.SIOCMCTPDROPTAG2, &control));
    }

    /// <summary>Waits until a message is there.</summary>
    /// <param name="timeoutMs">Milliseconds; 0 only looks, negative waits without limit.</param>
    /// <returns>False when time was up first, or the socket is closed.</returns>
    public bool WaitReadable(int timeoutMs) => Wait(NativeEvent.POLLIN, timeoutMs);

    /// <summary>Waits until there is room to send.</summary>
    /// <param name="timeoutMs">As for <see cref="WaitReadable"/>.</param>
    public bool WaitWritable(int timeoutMs) => Wait(NativeEvent.POLLOUT, timeoutMs);

    /// <summary>Closes the socket; the kernel frees its tags and binds.</summary>
    public void Dispose() => Descriptor.Dispose();

    private static Errno Result(nint status) => status >= 0 ? Errno.None : NativeError.Last;

    private bool Wait(short events, int timeoutMs)
    {
        bool held = false;
        try
        {
            Descriptor.DangerousAddRef(ref held);
            long deadline = timeoutMs > 0 ? Environment.TickCount64 + timeoutMs : 0;
            while (true)
            {
                // SAFETY: one structure on this stack; the reference keeps the descriptor open.
                var entry = new PollFd { Descriptor = Descriptor.Number, Events = events };
                int found = NativeEvent.Poll(&entry, 1, timeoutMs);
                if (found >= 0) return found > 0;
                if (!NativeError.WasInterrupted) return false;
                if (timeoutMs > 0) timeoutMs = (int)Math.Max(0, deadline - Environment.TickCount64);
            }
        }
        catch (ObjectDisposedException)
        {
            return false;
        }
        finally
        {
            if (held) Descriptor.DangerousRelease();
        }
    }
}
