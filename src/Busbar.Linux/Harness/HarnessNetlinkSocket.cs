// SPDX-License-Identifier: Apache-2.0
using System.Runtime.CompilerServices;

namespace Busbar.Linux;

/// <summary>A netlink socket that a harness plays.</summary>
internal sealed class HarnessNetlinkSocket : INetlinkChannel
{
    // struct sockaddr_nl of the kernel: family, pad, port 0, groups 0.
    private const int AddressSize = 12;
    private const int LongestRequest = 960;

    private readonly PacketEnd _end;
    private byte[] _packet = new byte[16 * 1024];

    public HarnessNetlinkSocket(PacketEnd end)
    {
        _end = end;
        Option(NativeNetwork.NETLINK_EXT_ACK, 1);
        Option(NativeNetwork.NETLINK_GET_STRICT_CHK, 1);
    }

    public FileDescriptor Descriptor => _end.Descriptor;

    public void Join(uint group) => Option(NativeNetwork.NETLINK_ADD_MEMBERSHIP, (int)group);

    [SkipLocalsInit]
    public void Send(ReadOnlySpan<byte> message)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(message.Length, LongestRequest);
        Span<byte> address = stackalloc byte[AddressSize];
        address.Clear();
        BitConverter.TryWriteBytes(address, (ushort)NativeNetwork.AF_NETLINK);
        Span<byte> packet = stackalloc byte[HarnessPacket.HeadSize + LongestRequest];
        HarnessPacket.WriteAddress(packet, HarnessPacket.Send, address);
        message.CopyTo(packet[HarnessPacket.HeadSize..]);
        Errno result = _end.Send(packet[..(HarnessPacket.HeadSize + message.Length)]);
        if (result != Errno.None) throw new LinuxException(result, "sendmsg", "Sending an rtnetlink request to the test harness failed");
    }

    public Errno TryReceive(Span<byte> buffer, int timeoutMs, out int length)
    {
        length = 0;
        if (!_end.WaitReadable(timeoutMs)) return Errno.EAGAIN;

        // A dump comes in one piece, however long it is.
        Errno peeked = _end.TryReceive(_packet, out int count, peek: true);
        if (peeked != Errno.None) return peeked;
        if (count > _packet.Length) Array.Resize(ref _packet, Math.Min(count, buffer.Length + HarnessPacket.HeadSize));
        Errno result = _end.TryReceive(_packet, out count);
        if (result != Errno.None) return result;
        if (count > _packet.Length || count - HarnessPacket.HeadSize > buffer.Length) return Errno.EMSGSIZE;
        if (HarnessPacket.Operation(_packet.AsSpan(0, count)) != HarnessPacket.Receive) return Errno.EBADMSG;
        length = count - HarnessPacket.HeadSize;
        _packet.AsSpan(HarnessPacket.HeadSize, length).CopyTo(buffer);
        return Errno.None;
    }

    public void Dispose() => _end.Dispose();

    private void Option(int name, int value)
    {
        Span<byte> packet = stackalloc byte[HarnessPacket.HeadSize + sizeof(int)];
        int length = HarnessPacket.WriteOption(packet, NativeNetwork.SOL_NETLINK, name, value);
        _end.Send(packet[..length]);
    }
}
