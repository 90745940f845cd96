// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using Busbar.Mctp;

namespace Busbar.Bindings;

/// <summary>
/// A packet in a USB bulk transfer (DSP0283): the DMTF's identifier 1a b4, the length with these four bytes (version 1.0: one byte behind a zero; 1.1: 13 bits behind three
/// reserved ones), the packet. Frames follow each other without padding.
/// </summary>
public static class UsbFrame
{
    /// <summary>Bytes before a packet.</summary>
    public const int HeaderSize = 4;

    /// <summary>Bytes of a transfer on a high-speed bus.</summary>
    public const int TransferSize = 512;

    /// <summary>The DMTF's identifier, as it stands in the first two bytes.</summary>
    public const ushort Identifier = 0x1AB4;

    private const int LengthMask = 0x1FFF;

    /// <summary>The longest packet that a version can name.</summary>
    /// <param name="version">The version.</param>
    public static int LargestPacket(UsbVersion version) => (version == UsbVersion.V10 ? byte.MaxValue : LengthMask) - HeaderSize;

    /// <summary>Writes a frame.</summary>
    /// <param name="packet">Header first.</param>
    /// <param name="version">Which version.</param>
    /// <param name="frame">At least the packet and <see cref="HeaderSize"/>.</param>
    /// <returns>Bytes written.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The packet is shorter than a header, or longer than the version can name.</exception>
    public static int Write(ReadOnlySpan<byte> packet, UsbVersion version, Span<byte> frame)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(packet.Length, MctpHeader.Size, nameof(packet));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(packet.Length, LargestPacket(version), nameof(packet));
        int length = HeaderSize + packet.Length;
        BinaryPrimitives.WriteUInt16BigEndian(frame, Identifier);
        BinaryPrimitives.WriteUInt16BigEndian(frame[2..], (ushort)length);
        packet.CopyTo(frame[HeaderSize..]);
        return length;
    }

    /// <summary>Reads the four bytes before a packet.</summary>
    /// <param name="header">At least <see cref="HeaderSize"/> bytes.</param>
    /// <param name="version">Which version.</param>
    /// <param name="length">Bytes of the frame, header included.</param>
    /// <returns>What is wrong with them. In version 1.1 the three reserved bits do not matter.</returns>
    public static FrameFault TryParseHeader(ReadOnlySpan<byte> header, UsbVersion version, out int length)
    {
        length = 0;
        if (header.Length < HeaderSize) return FrameFault.TooShort;
        if (BinaryPrimitives.ReadUInt16BigEndian(header) != Identifier) return FrameFault.BadIdentifier;
        int number = BinaryPrimitives.ReadUInt16BigEndian(header[2..]);
        if (version == UsbVersion.V10 && number > byte.MaxValue) return FrameFault.ReservedBits;
        number &= LengthMask;
        if (number < HeaderSize + MctpHeader.Size) return FrameFault.BadLength;
        length = number;
        return FrameFault.None;
    }
}
