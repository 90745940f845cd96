// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Linux;

/// <summary>
/// The head of each datagram between a program and a test harness that plays the kernel: 64 bytes in native byte order, an operation, then a socket address with its length,
/// or level and name of a socket option.
/// </summary>
internal static class HarnessPacket
{
    public const int HeadSize = 64;
    public const int AddressRoom = 56;

    public const int Receive = 0;
    public const int Send = 1;
    public const int SetOption = 2;
    public const int Bind = 3;

    private const int AddressOffset = 4;
    private const int LengthOffset = 60;
    private const int LevelOffset = 4;
    private const int NameOffset = 8;
    private const int ValueOffset = 12;

    public static int Operation(ReadOnlySpan<byte> packet) => packet.Length < HeadSize ? -1 : BitConverter.ToInt32(packet);

    /// <summary>The socket address in a head; empty when its length makes no sense.</summary>
    public static ReadOnlySpan<byte> Address(ReadOnlySpan<byte> packet)
    {
        uint length = BitConverter.ToUInt32(packet[LengthOffset..]);
        return length > AddressRoom ? default : packet.Slice(AddressOffset, (int)length);
    }

    /// <summary>Writes a head with a socket address.</summary>
    public static void WriteAddress(Span<byte> head, int operation, ReadOnlySpan<byte> address)
    {
        head[..HeadSize].Clear();
        BitConverter.TryWriteBytes(head, operation);
        address.CopyTo(head.Slice(AddressOffset, AddressRoom));
        BitConverter.TryWriteBytes(head[LengthOffset..], (uint)address.Length);
    }

    /// <summary>Writes a socket option with a number: 68 bytes. Its value stands in the head and again behind it, because harnesses differ in where they look.</summary>
    public static int WriteOption(Span<byte> packet, int level, int name, int value)
    {
        packet[..HeadSize].Clear();
        BitConverter.TryWriteBytes(packet, SetOption);
        BitConverter.TryWriteBytes(packet[LevelOffset..], level);
        BitConverter.TryWriteBytes(packet[NameOffset..], name);
        BitConverter.TryWriteBytes(packet[ValueOffset..], value);
        BitConverter.TryWriteBytes(packet[HeadSize..], value);
        return HeadSize + sizeof(int);
    }

    /// <summary>Reads a socket option.</summary>
    public static (int Level, int Name, int Value) Option(ReadOnlySpan<byte> packet) =>
        (BitConverter.ToInt32(packet[LevelOffset..]), BitConverter.ToInt32(packet[NameOffset..]), BitConverter.ToInt32(packet[ValueOffset..]));
}
