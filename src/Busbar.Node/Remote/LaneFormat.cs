// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using Busbar.Mctp;

namespace Busbar.Node;

/// <summary>
/// The packets between a daemon and its clients on the SEQPACKET socket. The first packet of each side says hello; then the lane decides: socket lanes carry frames of
/// an 8-byte head and a body (this class), the administration lane carries JSON documents (<see cref="DocumentStream"/>). Numbers are little-endian, addresses are
/// <c>struct sockaddr_mctp_ext</c> as Linux has it, always all 52 bytes. docs/daemon.md describes the whole of it.
/// </summary>
internal static class LaneFormat
{
    public const byte Version = 1;
    public const int HelloSize = 8;
    public const int HeadSize = 8;
    public const int AddressSize = MctpEndPoint.ExtendedSize;

    /// <summary>Head, address, local EID and three zero bytes in front of an arrived message.</summary>
    public const int MessageOffset = HeadSize + AddressSize + 4;

    /// <summary>The longest body of a message or packet that fits a frame.</summary>
    public const int LongestBody = 65_536;

    /// <summary>The longest frame.</summary>
    public const int LongestFrame = MessageOffset + LongestBody;

    /// <summary>Head and four bytes: result, code, tag, zero.</summary>
    public const int ReplyOffset = HeadSize + 4;

    private static ReadOnlySpan<byte> Magic => "BUSBAR"u8;

    /// <summary>Writes the first packet of a side.</summary>
    public static void WriteHello(Span<byte> packet, byte last)
    {
        Magic.CopyTo(packet);
        packet[6] = Version;
        packet[7] = last;
    }

    /// <summary>Reads the first packet of the other side: its version and what it wants or answers.</summary>
    public static bool TryReadHello(ReadOnlySpan<byte> packet, out byte version, out byte last)
    {
        bool good = packet.Length >= HelloSize && packet[..6].SequenceEqual(Magic);
        version = good ? packet[6] : (byte)0;
        last = good ? packet[7] : (byte)0;
        return good;
    }

    public static void WriteHead(Span<byte> frame, LaneOperation operation, byte flags, uint serial)
    {
        frame[0] = (byte)operation;
        frame[1] = flags;
        frame[2] = 0;
        frame[3] = 0;
        BinaryPrimitives.WriteUInt32LittleEndian(frame[4..], serial);
    }

    /// <summary>Reads a head; false when the frame is shorter than one or its pads are not zero.</summary>
    public static bool TryReadHead(ReadOnlySpan<byte> frame, out LaneOperation operation, out byte flags, out uint serial)
    {
        operation = LaneOperation.None;
        flags = 0;
        serial = 0;
        if (frame.Length < HeadSize || frame[2] != 0 || frame[3] != 0) return false;
        operation = (LaneOperation)frame[0];
        flags = frame[1];
        serial = BinaryPrimitives.ReadUInt32LittleEndian(frame[4..]);
        return true;
    }

    public static void WriteAddress(Span<byte> destination, in MctpEndPoint endPoint)
    {
        destination[..AddressSize].Clear();
        endPoint.WriteSockaddr(destination);
    }

    public static bool TryReadAddress(ReadOnlySpan<byte> source, out MctpEndPoint endPoint)
    {
        endPoint = default;
        return source.Length >= AddressSize && MctpEndPoint.TryReadSockaddr(source[..AddressSize], out endPoint);
    }
}
