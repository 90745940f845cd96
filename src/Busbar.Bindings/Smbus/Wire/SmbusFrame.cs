// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.Bindings;

/// <summary>
/// One packet on SMBus or I2C (DSP0237): a block write from the sender, as controller, to the receiver, as target. Destination address with write bit, command code 0f,
/// byte count, source address with bit 0 set, the packet, PEC over everything before it. The byte count has the source byte in it and the PEC not.
/// </summary>
public readonly ref struct SmbusFrame
{
    /// <summary>The command code that names MCTP.</summary>
    public const byte CommandCode = 0x0F;

    /// <summary>Bytes around a packet: addresses, command code, byte count, PEC.</summary>
    public const int Overhead = 5;

    /// <summary>The longest packet that the byte count can name.</summary>
    public const int LargestPacket = 254;

    private const int PacketOffset = 4;
    private const int LargestAddress = 0x7F;

    private SmbusFrame(byte destination, byte source, ReadOnlySpan<byte> packet)
    {
        Destination = destination;
        Source = source;
        Packet = packet;
    }

    /// <summary>The receiver's 7-bit address.</summary>
    public byte Destination { get; }

    /// <summary>The sender's 7-bit address, to which answers go.</summary>
    public byte Source { get; }

    /// <summary>The packet, header first.</summary>
    public ReadOnlySpan<byte> Packet { get; }

    /// <summary>Writes a frame.</summary>
    /// <param name="destination">The receiver's 7-bit address.</param>
    /// <param name="source">Our own 7-bit address.</param>
    /// <param name="packet">Header first, 4 to 254 bytes.</param>
    /// <param name="frame">At least the packet and <see cref="Overhead"/>.</param>
    /// <returns>Bytes written.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An address or the packet is out of its range.</exception>
    public static int Write(byte destination, byte source, ReadOnlySpan<byte> packet, Span<byte> frame)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(destination, LargestAddress);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(source, LargestAddress);
        ArgumentOutOfRangeException.ThrowIfLessThan(packet.Length, MctpHeader.Size, nameof(packet));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(packet.Length, LargestPacket, nameof(packet));
        frame[0] = (byte)(destination << 1);
        frame[1] = CommandCode;
        frame[2] = (byte)(packet.Length + 1);
        frame[3] = (byte)((source << 1) | 1);
        packet.CopyTo(frame[PacketOffset..]);
        int end = PacketOffset + packet.Length;
        frame[end] = PacketErrorCode.Of(frame[..end]);
        return end + 1;
    }

    /// <summary>Reads a frame.</summary>
    /// <param name="bytes">From the destination address to the PEC.</param>
    /// <param name="frame">Its parts, in the same memory.</param>
    /// <returns>What is wrong with it.</returns>
    public static FrameFault TryParse(ReadOnlySpan<byte> bytes, out SmbusFrame frame)
    {
        frame = default;
        if (bytes.Length < PacketOffset + MctpHeader.Size + 1) return FrameFault.TooShort;
        if (bytes[1] != CommandCode) return FrameFault.BadIdentifier;
        if ((bytes[0] & 1) != 0 || (bytes[3] & 1) == 0) return FrameFault.BadAddress;
        int length = bytes[2] - 1;
        if (length < MctpHeader.Size) return FrameFault.BadLength;
        int end = PacketOffset + length;
        if (end + 1 != bytes.Length) return end + 1 > bytes.Length ? FrameFault.Truncated : FrameFault.TrailingBytes;
        if (PacketErrorCode.Of(bytes[..end]) != bytes[end]) return FrameFault.BadCheck;
        frame = new SmbusFrame((byte)(bytes[0] >> 1), (byte)(bytes[3] >> 1), bytes[PacketOffset..end]);
        return FrameFault.None;
    }
}
