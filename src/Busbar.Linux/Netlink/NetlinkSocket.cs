// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Linux;

/// <summary>A NETLINK_ROUTE socket: whole datagrams out and in, with the kernel as the only other end.</summary>
public sealed unsafe class NetlinkSocket : INetlinkChannel
{
    // struct sockaddr_nl: u16 family, u16 pad, u32 port, u32 groups.
    private const int AddressSize = 12;

    /// <summary>Opens and binds a socket.</summary>
    /// <exception cref="LinuxException">The kernel refuses.</exception>
    public NetlinkSocket()
    {
        Descriptor = new FileDescriptor(LinuxException.Check(
            NativeSocket.Socket(NativeNetwork.AF_NETLINK, NativeNetwork.SOCK_RAW | NativeSocket.SOCK_CLOEXEC | NativeSocket.SOCK_NONBLOCK, NativeNetwork.NETLINK_ROUTE),
            "socket",
            "Opening an rtnetlink socket failed"));
        try
        {
            // Both are comforts of younger kernels: the reason of a refusal in words, and no copy of the request in it.
            SetFlag(NativeNetwork.NETLINK_EXT_ACK);
            SetFlag(NativeNetwork.NETLINK_CAP_ACK);
            Span<byte> address = stackalloc byte[AddressSize];
            address.Clear();
            BitConverter.TryWriteBytes(address, (ushort)NativeNetwork.AF_NETLINK);

            // SAFETY: the address lives on this stack.
            fixed (byte* bytes = address)
                LinuxException.Check(NativeNetwork.Bind(Descriptor, bytes, AddressSize), "bind", "Binding an rtnetlink socket failed");
        }
        catch
        {
            Descriptor.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public FileDescriptor Descriptor { get; }

    /// <inheritdoc/>
    public void Join(uint group) => LinuxException.Check(
        NativeNetwork.SetOption(Descriptor, NativeNetwork.SOL_NETLINK, NativeNetwork.NETLINK_ADD_MEMBERSHIP, &group, sizeof(uint)),
        "setsockopt",
        $"Joining rtnetlink group {group} failed");

    /// <inheritdoc/>
    public void Send(ReadOnlySpan<byte> message)
    {
        Span<byte> address = stackalloc byte[AddressSize];
        address.Clear();
        BitConverter.TryWriteBytes(address, (ushort)NativeNetwork.AF_NETLINK);

        // SAFETY: both are pinned or on this stack for the call.
        fixed (byte* data = message)
        fixed (byte* bytes = address)
        {
            nint sent;
            do sent = NativeNetwork.SendTo(Descriptor, data, (nuint)message.Length, 0, bytes, AddressSize);
            while (sent < 0 && NativeError.WasInterrupted);
            if (sent != message.Length) throw LinuxException.Last("sendto", "Sending an rtnetlink request failed");
        }
    }

    /// <inheritdoc/>
    public Errno TryReceive(Span<byte> buffer, int timeoutMs, out int length)
    {
        length = 0;
        if (!Wait(timeoutMs)) return Errno.EAGAIN;
        Span<byte> address = stackalloc byte[AddressSize];
        uint filled = AddressSize;
        nint count;

        // SAFETY: both buffers are pinned or on this stack, with the sizes that are there.
        fixed (byte* data = buffer)
        fixed (byte* bytes = address)
        {
            const int Flags = NativeSocket.MSG_DONTWAIT | NativeNetwork.MSG_TRUNC;
            do count = NativeNetwork.ReceiveFrom(Descriptor, data, (nuint)buffer.Length, Flags, bytes, &filled);
            while (count < 0 && NativeError.WasInterrupted);
        }

        if (count < 0) return NativeError.Last;

        // Port 0 is the kernel; other processes may write to our port as well, and nobody asked them.
        if (filled < AddressSize || BitConverter.ToUInt32(address[4..]) != 0) return Errno.EBADMSG;
        if (count > buffer.Length) return Errno.EMSGSIZE;
        length = (int)count;
        return Errno.None;
    }

    /// <inheritdoc/>
    public void Dispose() => Descriptor.Dispose();

    private void SetFlag(int option)
    {
        int one = 1;
        _ = NativeNetwork.SetOption(Descriptor, NativeNetwork.SOL_NETLINK, option, &one, sizeof(int));
    }

    private bool Wait(int timeoutMs)
    {
        // SAFETY: one structure on this stack; the object is not disposed while it is used, as its owner promises.
        var entry = new PollFd { Descriptor = Descriptor.Number, Events = NativeEvent.POLLIN };
        return NativeEvent.Poll(&entry, 1, timeoutMs) > 0;
    }
}
