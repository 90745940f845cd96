// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.Bindings;

/// <summary>
/// One packet as one KCS transfer (DSP0254): network function and LUN b0, defining body 01, byte count, the packet, PEC over the packet alone (as EDK2 computes it).
/// </summary>
public static class KcsFrame
{
    /// <summary>Bytes around a packet.</summary>
    public const int Overhead = 4;

    /// <summary>The longest packet.</summary>
    public const int LargestPacket = 68;

    private const byte RequestFunction = 0xB0;
    private const byte ResponseFunction = 0xB4;
    private const byte DefiningBody = 0x01;
    private const int PacketOffset = 3;

    /// <summary>Writes a frame.</summary>
    /// <param name="packet">Header first, 4 to 68 bytes.</param>
    /// <param name="frame">At least the packet and <see cref="Overhead"/>.</param>
    /// <returns>Bytes written.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The packet is too short or too long.</exception>
    public static int Write(ReadOnlySpan<byte> packet, Span<byte> frame)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(packet.Length, MctpHeader.Size, nameof(packet));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(packet.Length, LargestPacket, nameof(packet));
        frame[0] = RequestFunction;
        frame[1] = DefiningBody;
        frame[2] = (byte)packet.Length;
        packet.CopyTo(frame[PacketOffset..]);
        frame[PacketOffset + packet.Length] = PacketErrorCode.Of(packet);
        return Overhead + packet.Length;
    }

    /// <summary>Reads a frame. The response bit of the network function does not matter, because implementations differ.</summary>
    /// <param name="bytes">From the network function to the PEC.</param>
    /// <param name="packet">The packet, header first, in the same memory.</param>
    /// <returns>What is wrong with it.</returns>
    public static FrameFault TryParse(ReadOnlySpan<byte> bytes, out ReadOnlySpan<byte> packet)
    {
        packet = default;
        if (bytes.Length < Overhead + MctpHeader.Size) return FrameFault.TooShort;
        if (bytes[0] is not (RequestFunction or ResponseFunction)) return FrameFault.BadType;
        if (bytes[1] != DefiningBody) return FrameFault.BadIdentifier;
        int length = bytes[2];
        if (length is < MctpHeader.Size or > LargestPacket) return FrameFault.BadLength;
        if (Overhead + length != bytes.Length) return Overhead + length > bytes.Length ? FrameFault.Truncated : FrameFault.TrailingBytes;
        ReadOnlySpan<byte> found = bytes.Slice(PacketOffset, length);
        if (PacketErrorCode.Of(found) != bytes[^1]) return FrameFault.BadCheck;
        packet = found;
        return FrameFault.None;
    }
}
