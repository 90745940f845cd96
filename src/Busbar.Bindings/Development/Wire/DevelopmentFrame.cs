// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using Busbar.Mctp;

namespace Busbar.Bindings;

/// <summary>
/// The datagrams of a development link, our own declaration (version 1). All numbers are big-endian. Each datagram begins with four bytes: 42 44 ("BD"), the version,
/// and what it is. A hello (1) goes on with the sender's session, the session that it has heard of the other end, the largest packet that it takes, and two zero
/// bytes. A packet (2) goes on with one MCTP packet. A goodbye (3) has nothing behind it.
/// </summary>
public static class DevelopmentFrame
{
    /// <summary>The version that is spoken here.</summary>
    public const byte Version = 1;

    /// <summary>Bytes that every datagram begins with.</summary>
    public const int HeaderSize = 4;

    /// <summary>Bytes of a hello.</summary>
    public const int HelloSize = HeaderSize + 12;

    /// <summary>The largest packet that a link of ours takes, header included.</summary>
    public const int LargestPacket = 32_768;

    /// <summary>Bytes of the largest datagram.</summary>
    public const int LargestDatagram = HeaderSize + LargestPacket;

    private const ushort Magic = 0x4244;
    private const byte HelloKind = 1;
    private const byte PacketKind = 2;
    private const byte GoodbyeKind = 3;

    /// <summary>Says what a datagram is, and what is wrong with it.</summary>
    /// <param name="datagram">As it arrived.</param>
    /// <param name="hello">What a hello says; otherwise empty.</param>
    public static DevelopmentDatagram Read(ReadOnlySpan<byte> datagram, out DevelopmentHello hello)
    {
        hello = default;
        if (datagram.Length < HeaderSize) return DevelopmentDatagram.TooShort;
        if (BinaryPrimitives.ReadUInt16BigEndian(datagram) != Magic) return DevelopmentDatagram.Foreign;
        if (datagram[2] != Version) return DevelopmentDatagram.OtherVersion;
        ReadOnlySpan<byte> body = datagram[HeaderSize..];
        switch (datagram[3])
        {
            case HelloKind when datagram.Length < HelloSize:
                return DevelopmentDatagram.TooShort;
            case HelloKind:
                hello = new DevelopmentHello(
                    BinaryPrimitives.ReadUInt32BigEndian(body), BinaryPrimitives.ReadUInt32BigEndian(body[4..]), BinaryPrimitives.ReadUInt16BigEndian(body[8..]));
                return hello.Session != 0 && hello.LargestPacket >= MctpLink.MinimumMtu ? DevelopmentDatagram.Hello : DevelopmentDatagram.BadHello;
            case PacketKind:
                return body.Length < MctpHeader.Size ? DevelopmentDatagram.TooShort : body.Length > LargestPacket ? DevelopmentDatagram.TooLong : DevelopmentDatagram.Packet;
            case GoodbyeKind:
                return DevelopmentDatagram.Goodbye;
            default:
                return DevelopmentDatagram.UnknownKind;
        }
    }

    /// <summary>The packet of a datagram that is one.</summary>
    /// <param name="datagram">One that <see cref="Read"/> found to be a packet.</param>
    public static ReadOnlySpan<byte> PacketOf(ReadOnlySpan<byte> datagram) => datagram[HeaderSize..];

    /// <summary>Writes a hello.</summary>
    /// <param name="hello">What it says.</param>
    /// <param name="datagram">At least <see cref="HelloSize"/> bytes.</param>
    /// <returns>Bytes written.</returns>
    public static int WriteHello(in DevelopmentHello hello, Span<byte> datagram)
    {
        WriteHeader(HelloKind, datagram);
        Span<byte> body = datagram[HeaderSize..HelloSize];
        BinaryPrimitives.WriteUInt32BigEndian(body, hello.Session);
        BinaryPrimitives.WriteUInt32BigEndian(body[4..], hello.Heard);
        BinaryPrimitives.WriteUInt16BigEndian(body[8..], (ushort)hello.LargestPacket);
        body[10..].Clear();
        return HelloSize;
    }

    /// <summary>Writes a packet.</summary>
    /// <param name="header">Its header.</param>
    /// <param name="first">What follows it.</param>
    /// <param name="second">The rest; may be empty.</param>
    /// <param name="datagram">As many bytes as are needed.</param>
    /// <returns>Bytes written.</returns>
    public static int WritePacket(MctpHeader header, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, Span<byte> datagram)
    {
        WriteHeader(PacketKind, datagram);
        header.Write(datagram[HeaderSize..]);
        first.CopyTo(datagram[(HeaderSize + MctpHeader.Size)..]);
        second.CopyTo(datagram[(HeaderSize + MctpHeader.Size + first.Length)..]);
        return HeaderSize + MctpHeader.Size + first.Length + second.Length;
    }

    /// <summary>Writes a goodbye.</summary>
    /// <param name="datagram">At least <see cref="HeaderSize"/> bytes.</param>
    /// <returns>Bytes written.</returns>
    public static int WriteGoodbye(Span<byte> datagram)
    {
        WriteHeader(GoodbyeKind, datagram);
        return HeaderSize;
    }

    private static void WriteHeader(byte kind, Span<byte> datagram)
    {
        BinaryPrimitives.WriteUInt16BigEndian(datagram, Magic);
        datagram[2] = Version;
        datagram[3] = kind;
    }
}
