// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;

namespace Busbar.Bindings;

/// <summary>What stands in an area of an LPC window: the packet's length, big-endian; the packet; from version 3 on its CRC-32, big-endian.</summary>
public static class AstlpcBuffer
{
    /// <summary>Puts a packet in place.</summary>
    /// <param name="packet">Header first.</param>
    /// <param name="version">The version negotiated.</param>
    /// <param name="area">At least the packet and what it needs beside it.</param>
    /// <returns>Bytes written.</returns>
    public static int Write(ReadOnlySpan<byte> packet, int version, Span<byte> area)
    {
        BinaryPrimitives.WriteUInt32BigEndian(area, (uint)packet.Length);
        packet.CopyTo(area[AstlpcLayout.LengthSize..]);
        if (version >= 3) BinaryPrimitives.WriteUInt32BigEndian(area[(AstlpcLayout.LengthSize + packet.Length)..], Crc32.Of(packet));
        return AstlpcLayout.OverheadOf(version) + packet.Length;
    }

    /// <summary>Finds the packet in a private copy of an area.</summary>
    /// <param name="area">The copy.</param>
    /// <param name="version">The version negotiated.</param>
    /// <param name="packet">The packet, header first.</param>
    /// <returns>What is wrong; null when nothing is.</returns>
    public static AstlpcFault? TryParse(ReadOnlySpan<byte> area, int version, out ReadOnlySpan<byte> packet)
    {
        packet = default;
        int overhead = AstlpcLayout.OverheadOf(version);
        if (area.Length < overhead) return AstlpcFault.BadLength;
        uint length = BinaryPrimitives.ReadUInt32BigEndian(area);
        if (length < Mctp.MctpHeader.Size || length > (uint)(area.Length - overhead)) return AstlpcFault.BadLength;
        ReadOnlySpan<byte> found = area.Slice(AstlpcLayout.LengthSize, (int)length);
        if (version >= 3 && BinaryPrimitives.ReadUInt32BigEndian(area[(AstlpcLayout.LengthSize + (int)length)..]) != Crc32.Of(found)) return AstlpcFault.BadCheck;
        packet = found;
        return null;
    }
}
