// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;

namespace Busbar.Endpoints;

/// <summary>
/// Bytes of the bench protocol as mctp-bench speaks it; everything behind the prefix is little endian.
/// <code>
/// data     prefix(3) magic16=beca sequence32 filler, byte i of the message holds i mod 256
/// command  prefix(3) magic16=22dd version8=1 command8 instance32 body
///          command 1, ask for a run:  flags32 size16 count64
///          command 0, the answer:     status8
/// </code>
/// </summary>
internal static class BenchFormat
{
    /// <summary>Bytes of the shortest data message.</summary>
    public const int DataHeader = 9;

    /// <summary>Bytes of a command without its body.</summary>
    public const int CommandHeader = 11;

    /// <summary>Bytes of a whole ask.</summary>
    public const int Ask = CommandHeader + 14;

    /// <summary>Bytes of a whole answer.</summary>
    public const int Answer = CommandHeader + 1;

    /// <summary>The first sequence number, so that every run of some length passes the wrap.</summary>
    public const uint FirstSequence = 0xFFFF_FFFA;

    public const byte CommandAnswer = 0;
    public const byte CommandAsk = 1;
    public const byte Version = 1;

    private const int Magic = 3;
    private const int Sequence = 5;
    private const int VersionAt = 5;
    private const int CommandAt = 6;
    private const int Instance = 7;
    private const int FlagsAt = 11;
    private const int SizeAt = 15;
    private const int CountAt = 17;
    private const int StatusAt = 11;
    private const ushort DataMagic = 0xBECA;
    private const ushort CommandMagic = 0x22DD;

    public static bool IsData(ReadOnlySpan<byte> body) => HasMagic(body, DataHeader, DataMagic);

    public static bool IsCommand(ReadOnlySpan<byte> body) => HasMagic(body, CommandHeader, CommandMagic);

    public static uint SequenceOf(ReadOnlySpan<byte> data) => BinaryPrimitives.ReadUInt32LittleEndian(data[Sequence..]);

    public static byte VersionOf(ReadOnlySpan<byte> command) => command[VersionAt];

    public static byte CommandOf(ReadOnlySpan<byte> command) => command[CommandAt];

    public static uint InstanceOf(ReadOnlySpan<byte> command) => BinaryPrimitives.ReadUInt32LittleEndian(command[Instance..]);

    public static bool TryReadAsk(ReadOnlySpan<byte> command, out uint flags, out int size, out ulong count)
    {
        (flags, size, count) = (0, 0, 0);
        if (command.Length != Ask) return false;
        flags = BinaryPrimitives.ReadUInt32LittleEndian(command[FlagsAt..]);
        size = BinaryPrimitives.ReadUInt16LittleEndian(command[SizeAt..]);
        count = BinaryPrimitives.ReadUInt64LittleEndian(command[CountAt..]);
        return true;
    }

    public static bool TryReadAnswer(ReadOnlySpan<byte> command, out BenchStatus status)
    {
        bool good = command.Length == Answer;
        status = good ? (BenchStatus)command[StatusAt] : BenchStatus.Other;
        return good;
    }

    public static void EmitAsk(Span<byte> destination, uint instance, int size, ulong count)
    {
        EmitCommand(destination, CommandAsk, instance);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[FlagsAt..], 0);
        BinaryPrimitives.WriteUInt16LittleEndian(destination[SizeAt..], (ushort)size);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[CountAt..], count);
    }

    public static void EmitAnswer(Span<byte> destination, uint instance, BenchStatus status)
    {
        EmitCommand(destination, CommandAnswer, instance);
        destination[StatusAt] = (byte)status;
    }

    /// <summary>Writes everything of a data message but its sequence number, which <see cref="EmitSequence"/> then changes from message to message.</summary>
    public static void EmitData(Span<byte> destination)
    {
        for (int i = DataHeader; i < destination.Length; i++) destination[i] = (byte)i;
        VendorPrefix.Bench.CopyTo(destination);
        BinaryPrimitives.WriteUInt16LittleEndian(destination[Magic..], DataMagic);
        EmitSequence(destination, FirstSequence);
    }

    public static void EmitSequence(Span<byte> data, uint sequence) => BinaryPrimitives.WriteUInt32LittleEndian(data[Sequence..], sequence);

    public static bool HasFiller(ReadOnlySpan<byte> data)
    {
        for (int i = DataHeader; i < data.Length; i++)
        {
            if (data[i] != (byte)i) return false;
        }

        return true;
    }

    private static void EmitCommand(Span<byte> destination, byte command, uint instance)
    {
        VendorPrefix.Bench.CopyTo(destination);
        BinaryPrimitives.WriteUInt16LittleEndian(destination[Magic..], CommandMagic);
        destination[VersionAt] = Version;
        destination[CommandAt] = command;
        BinaryPrimitives.WriteUInt32LittleEndian(destination[Instance..], instance);
    }

    private static bool HasMagic(ReadOnlySpan<byte> body, int minimum, ushort magic) =>
        body.Length >= minimum && BinaryPrimitives.ReadUInt16LittleEndian(body[Magic..]) == magic;
}
