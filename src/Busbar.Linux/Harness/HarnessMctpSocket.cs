// SPDX-License-Identifier: Apache-2.0
using System.Runtime.CompilerServices;

namespace Busbar.Linux;

/// <summary>An MCTP socket that a harness plays. What goes wrong in a send, the harness does not tell.</summary>
internal sealed class HarnessMctpSocket : IMctpDatagrams
{
    // A head and the longest control message many times over; the harness's own buffers hold 1024 bytes.
    private const int LongestPacket = 4096;
    private const int TagOffset = 10;
    private const byte TagOwner = 0x08;
    private const byte TagValueMask = 0x07;

    private readonly PacketEnd _end;
    private bool _isBound;

    public HarnessMctpSocket(PacketEnd end)
    {
        _end = end;
        Span<byte> option = stackalloc byte[HarnessPacket.HeadSize + sizeof(int)];
        int length = HarnessPacket.WriteOption(option, NativeNetwork.SOL_MCTP, NativeNetwork.MCTP_OPT_ADDR_EXT, 1);
        _end.Send(option[..length]);
    }

    public FileDescriptor Descriptor => _end.Descriptor;

    public Errno Bind(ReadOnlySpan<byte> address)
    {
        if (address.Length > HarnessPacket.AddressRoom) return Errno.EINVAL;
        Span<byte> head = stackalloc byte[HarnessPacket.HeadSize];
        HarnessPacket.WriteAddress(head, HarnessPacket.Bind, address);
        Errno result = _end.Send(head);
        _isBound |= result == Errno.None;
        return result;
    }

    public Errno Send(ReadOnlySpan<byte> address, ReadOnlySpan<byte> payload)
    {
        if (address.Length > HarnessPacket.AddressRoom) return Errno.EINVAL;
        if (payload.Length > LongestPacket - HarnessPacket.HeadSize) return Errno.EMSGSIZE;
        Span<byte> packet = stackalloc byte[HarnessPacket.HeadSize + payload.Length];
        HarnessPacket.WriteAddress(packet, HarnessPacket.Send, address);
        payload.CopyTo(packet[HarnessPacket.HeadSize..]);
        return _end.Send(packet);
    }

    [SkipLocalsInit]
    public Errno TryReceive(Span<byte> buffer, Span<byte> address, out int addressLength, out int length, bool peek = false)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(address.Length, MctpKernelSocket.ExtendedAddressSize, nameof(address));
        addressLength = 0;
        length = 0;
        Span<byte> packet = stackalloc byte[LongestPacket];
        Errno result = _end.TryReceive(packet, out int count, peek);
        if (result != Errno.None) return result;
        if (count > LongestPacket || HarnessPacket.Operation(packet[..count]) != HarnessPacket.Receive) return Errno.EBADMSG;
        ReadOnlySpan<byte> from = HarnessPacket.Address(packet);
        if (from.Length is not (MctpKernelSocket.AddressSize or MctpKernelSocket.ExtendedAddressSize)) return Errno.EBADMSG;
        from.CopyTo(address);

        // Harnesses are known to mark owned tags with a bit of their own. To a socket with a bind they send requests, to one without a bind answers.
        address[TagOffset] = (byte)((address[TagOffset] & TagValueMask) | (_isBound ? TagOwner : 0));
        addressLength = from.Length;
        length = count - HarnessPacket.HeadSize;
        packet[HarnessPacket.HeadSize..][..Math.Min(length, buffer.Length)].CopyTo(buffer);
        return Errno.None;
    }

    public Errno AllocateTag(uint network, byte peer, out byte tag)
    {
        tag = 0;
        return Errno.EOPNOTSUPP;
    }

    public void Dispose() => _end.Dispose();
}
