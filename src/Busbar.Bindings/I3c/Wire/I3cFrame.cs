// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.Bindings;

/// <summary>
/// One packet as one private transfer on I3C (DSP0233): the packet and a PEC that covers the address byte, too, although that is no part of the data. A target asks for being
/// read by an in-band interrupt whose mandatory data byte is ae.
/// </summary>
public static class I3cFrame
{
    /// <summary>The device characteristics register of an MCTP device.</summary>
    public const byte DeviceClass = 0xCC;

    /// <summary>The mandatory data byte of the interrupt that announces a packet.</summary>
    public const byte InterruptData = 0xAE;

    /// <summary>Bytes beside a packet: the PEC.</summary>
    public const int Overhead = 1;

    /// <summary>The longest packet: transfers count their bytes in 16 bits.</summary>
    public const int LargestPacket = ushort.MaxValue - Overhead;

    private const int LargestAddress = 0x7F;

    /// <summary>Writes a frame.</summary>
    /// <param name="packet">Header first, at most <see cref="LargestPacket"/>.</param>
    /// <param name="address">The target's dynamic address, 7 bits.</param>
    /// <param name="isRead">True for the target's answer to a private read, false for the controller's private write.</param>
    /// <param name="frame">At least the packet and the PEC.</param>
    /// <returns>Bytes written.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The address or the packet is out of its range.</exception>
    public static int Write(ReadOnlySpan<byte> packet, byte address, bool isRead, Span<byte> frame)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(address, LargestAddress);
        ArgumentOutOfRangeException.ThrowIfLessThan(packet.Length, MctpHeader.Size, nameof(packet));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(packet.Length, LargestPacket, nameof(packet));
        packet.CopyTo(frame);
        frame[packet.Length] = Check(packet, address, isRead);
        return packet.Length + Overhead;
    }

    /// <summary>Reads a frame.</summary>
    /// <param name="data">The data of the transfer.</param>
    /// <param name="address">The target's dynamic address, 7 bits.</param>
    /// <param name="isRead">Whether the transfer was a private read.</param>
    /// <param name="packet">The packet, header first, in the same memory.</param>
    /// <returns>What is wrong with it.</returns>
    public static FrameFault TryParse(ReadOnlySpan<byte> data, byte address, bool isRead, out ReadOnlySpan<byte> packet)
    {
        packet = default;
        if (data.Length < MctpHeader.Size + Overhead) return FrameFault.TooShort;
        if (address > LargestAddress) return FrameFault.BadAddress;
        if (data.Length - Overhead > LargestPacket) return FrameFault.BadLength;
        ReadOnlySpan<byte> found = data[..^Overhead];
        if (Check(found, address, isRead) != data[^1]) return FrameFault.BadCheck;
        packet = found;
        return FrameFault.None;
    }

    /// <summary>The PEC of the interrupt that announces a packet, for those who send one.</summary>
    /// <param name="address">The target's dynamic address, 7 bits.</param>
    public static byte InterruptCheck(byte address) => Check([InterruptData], address, isRead: true);

    private static byte Check(ReadOnlySpan<byte> data, byte address, bool isRead) =>
        PacketErrorCode.Of(data, PacketErrorCode.Of((byte)((address << 1) | (isRead ? 1 : 0))));
}
