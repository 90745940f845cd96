// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text;

namespace Busbar.Linux;

/// <summary>
/// A network interface of the kernel whose other end is this object (/dev/net/tun, mode TUN with packet information): what the kernel sends to the
/// interface is read here, what is written here the kernel receives. It carries MCTP packets, header first, and no others. The interface exists as long as this
/// object.
/// </summary>
/// <remarks>
/// One thread may read while another writes. Neither blocks, throws or allocates. Close every socket of this process that holds tags toward the
/// interface first: a kernel that tracks flows waits for them while the interface goes.
/// </remarks>
public sealed unsafe class TunDevice : IDisposable
{
    /// <summary>The device node.</summary>
    public const string DevicePath = "/dev/net/tun";

    /// <summary>The largest MTU that the kernel allows on such an interface, in bytes of MCTP packet.</summary>
    public const int LargestMtu = 65_535;

    // struct tun_pi: u16 flags, then the protocol in network byte order.
    private const int InformationSize = 4;

    private TunDevice(FileDescriptor descriptor, string name, int index)
    {
        Descriptor = descriptor;
        Name = name;
        Index = index;
    }

    /// <summary>The descriptor, for polling: readable while packets of the kernel wait.</summary>
    public FileDescriptor Descriptor { get; }

    /// <summary>The interface's name.</summary>
    public string Name { get; }

    /// <summary>The interface's index in this network namespace.</summary>
    public int Index { get; }

    /// <summary>Creates an interface, down and with the kernel's defaults (MTU 1500, queue 500).</summary>
    /// <param name="name">Its name; see <see cref="InterfaceName.IsValid"/>.</param>
    /// <exception cref="LinuxException">
    /// ENOENT, ENODEV or ENXIO: the kernel has no TUN. EPERM: CAP_NET_ADMIN is missing. EBUSY or EEXIST: the name is taken. EINVAL: it is no name.
    /// </exception>
    public static TunDevice Create(string name)
    {
        if (!InterfaceName.IsValid(name))
            throw new LinuxException(Errno.EINVAL, "TUNSETIFF", $"'{name}' is no name for a network interface (1 to 15 letters, no blank, slash, colon or percent sign)");
        FileDescriptor descriptor = FilePath.TryOpen(DevicePath, NativeFile.O_RDWR | NativeFile.O_NONBLOCK)
            ?? throw LinuxException.Last("open", $"Opening {DevicePath} failed");
        try
        {
            // SAFETY: the structure is on this stack and as large as the kernel's; the name fits with its zero.
            var request = new InterfaceRequest { Flags = (short)(NativeNetwork.IFF_TUN | NativeNetwork.IFF_TUN_EXCL) };
            Encoding.ASCII.GetBytes(name, new Span<byte>(request.Name, InterfaceName.Size - 1));
            LinuxException.Check(NativeNetwork.Control(descriptor, NativeNetwork.TUNSETIFF, &request), "TUNSETIFF", $"Creating the network interface '{name}' failed");
            if (!InterfaceName.TryFindIndex(name, out int index)) throw LinuxException.Last("if_nametoindex", $"The network interface '{name}' vanished while it was made");
            return new TunDevice(descriptor, name, index);
        }
        catch
        {
            descriptor.Dispose();
            throw;
        }
    }

    /// <summary>Switches the carrier: without one the interface stays configured, but the kernel sends nothing through it.</summary>
    /// <param name="on">True for a carrier.</param>
    /// <returns>False when the kernel refuses: one older than 5.0 does not know how, and an interface that is down answers so.</returns>
    public bool TrySetCarrier(bool on)
    {
        if (Descriptor.IsClosed) return false;
        int value = on ? 1 : 0;

        // SAFETY: the kernel reads one int from this stack.
        return NativeNetwork.Control(Descriptor, NativeNetwork.TUNSETCARRIER, &value) == 0;
    }

    /// <summary>Takes one packet that the kernel sent.</summary>
    /// <param name="buffer">Gets it, MCTP header first; <see cref="LargestMtu"/> bytes hold any.</param>
    /// <param name="length">Its length when the answer is <see cref="TunReadResult.Packet"/>, otherwise 0.</param>
    [SkipLocalsInit]
    public TunReadResult TryRead(Span<byte> buffer, out int length)
    {
        length = 0;
        if (Descriptor.IsClosed) return TunReadResult.Down;
        uint information = 0;
        nint count;

        // SAFETY: both pieces are pinned or on this stack, with the sizes that are there.
        fixed (byte* data = buffer)
        {
            IoVector* vectors = stackalloc IoVector[2];
            vectors[0] = new IoVector { Base = &information, Length = InformationSize };
            vectors[1] = new IoVector { Base = data, Length = (nuint)buffer.Length };
            do count = NativeNetwork.Read(Descriptor, vectors, 2);
            while (count < 0 && NativeError.WasInterrupted);
        }

        if (count < 0) return NativeError.Last == Errno.EAGAIN ? TunReadResult.Empty : TunReadResult.Down;
        if (count < InformationSize) return TunReadResult.Foreign;
        var head = new ReadOnlySpan<byte>(&information, InformationSize);
        if (BinaryPrimitives.ReadUInt16BigEndian(head[2..]) != NativeNetwork.ETH_P_MCTP) return TunReadResult.Foreign;
        if ((BitConverter.ToUInt16(head) & NativeNetwork.TUN_PKT_STRIP) != 0 || count - InformationSize > buffer.Length) return TunReadResult.TooLong;
        length = (int)count - InformationSize;
        return TunReadResult.Packet;
    }

    /// <summary>Gives the kernel one packet, put together from its pieces on the way.</summary>
    /// <param name="header">The MCTP header, 4 bytes as on the wire with the first byte in the lowest bits.</param>
    /// <param name="first">What follows; may lie in shared memory and is read once.</param>
    /// <param name="second">The rest; may be empty.</param>
    /// <returns><see cref="Errno.None"/> when it was taken; EIO while the interface is down; EAGAIN or ENOBUFS for want of memory; EBADF when closed.</returns>
    [SkipLocalsInit]
    public Errno TryWrite(uint header, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        if (Descriptor.IsClosed) return Errno.EBADF;
        byte* head = stackalloc byte[InformationSize + sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(new Span<byte>(head, InformationSize), NativeNetwork.ETH_P_MCTP);
        BinaryPrimitives.WriteUInt32LittleEndian(new Span<byte>(head + InformationSize, sizeof(uint)), header);
        nint count;

        // SAFETY: the pieces are pinned or on this stack; the kernel copies them before the call returns.
        fixed (byte* one = first)
        fixed (byte* two = second)
        {
            IoVector* vectors = stackalloc IoVector[3];
            vectors[0] = new IoVector { Base = head, Length = InformationSize + sizeof(uint) };
            vectors[1] = new IoVector { Base = one, Length = (nuint)first.Length };
            vectors[2] = new IoVector { Base = two, Length = (nuint)second.Length };
            do count = NativeNetwork.Write(Descriptor, vectors, second.IsEmpty ? 2 : 3);
            while (count < 0 && NativeError.WasInterrupted);
        }

        return count >= 0 ? Errno.None : NativeError.Last;
    }

    /// <summary>Closes the device; the interface with its addresses and direct routes goes at once.</summary>
    public void Dispose() => Descriptor.Dispose();
}
