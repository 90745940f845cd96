// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using Busbar.Mctp;

namespace Busbar.Bindings;

/// <summary>
/// One packet in the shared memory of an ACPI platform communication channel (DSP0292), little-endian: signature 0x50434300 and the channel's index, flags, length of the packet
/// and the command, the command "MCTP", the packet.
/// </summary>
public readonly ref struct PccFrame
{
    /// <summary>Bytes before the packet.</summary>
    public const int HeaderSize = 16;

    private const uint Signature = 0x5043_4300;
    private const uint SignatureMask = 0xFFFF_FF00;
    private const uint NotifyFlag = 1;
    private const int CommandSize = 4;
    private const int LengthOffset = 8;
    private const int CommandOffset = 12;

    private PccFrame(byte channel, bool notifies, ReadOnlySpan<byte> packet)
    {
        Channel = channel;
        Notifies = notifies;
        Packet = packet;
    }

    /// <summary>The index of the channel.</summary>
    public byte Channel { get; }

    /// <summary>True when the sender wants an interrupt on completion.</summary>
    public bool Notifies { get; }

    /// <summary>The packet, header first.</summary>
    public ReadOnlySpan<byte> Packet { get; }

    // The letters as they stand in memory.
    private static ReadOnlySpan<byte> Command => "MCTP"u8;

    /// <summary>Writes a frame.</summary>
    /// <param name="channel">The index of the channel.</param>
    /// <param name="notifies">Whether to ask for an interrupt on completion.</param>
    /// <param name="packet">Header first.</param>
    /// <param name="frame">At least the packet and <see cref="HeaderSize"/>.</param>
    /// <returns>Bytes written.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The packet is shorter than its header.</exception>
    public static int Write(byte channel, bool notifies, ReadOnlySpan<byte> packet, Span<byte> frame)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(packet.Length, MctpHeader.Size, nameof(packet));
        BinaryPrimitives.WriteUInt32LittleEndian(frame, Signature | channel);
        BinaryPrimitives.WriteUInt32LittleEndian(frame[4..], notifies ? NotifyFlag : 0);
        BinaryPrimitives.WriteUInt32LittleEndian(frame[LengthOffset..], (uint)(packet.Length + CommandSize));
        Command.CopyTo(frame[CommandOffset..]);
        packet.CopyTo(frame[HeaderSize..]);
        return HeaderSize + packet.Length;
    }

    /// <summary>Reads a frame. What stands behind it in the memory does not matter.</summary>
    /// <param name="memory">The shared memory, or a copy of its beginning.</param>
    /// <param name="frame">Its parts, in the same memory.</param>
    /// <returns>What is wrong with it.</returns>
    public static FrameFault TryParse(ReadOnlySpan<byte> memory, out PccFrame frame)
    {
        frame = default;
        if (memory.Length < HeaderSize + MctpHeader.Size) return FrameFault.TooShort;
        uint signature = BinaryPrimitives.ReadUInt32LittleEndian(memory);
        if ((signature & SignatureMask) != Signature || !memory.Slice(CommandOffset, CommandSize).SequenceEqual(Command)) return FrameFault.BadIdentifier;
        uint flags = BinaryPrimitives.ReadUInt32LittleEndian(memory[4..]);
        if ((flags & ~NotifyFlag) != 0) return FrameFault.ReservedBits;
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(memory[LengthOffset..]);
        if (length < CommandSize + MctpHeader.Size) return FrameFault.BadLength;
        if (length > memory.Length - CommandOffset) return FrameFault.Truncated;
        frame = new PccFrame((byte)signature, flags != 0, memory.Slice(HeaderSize, (int)length - CommandSize));
        return FrameFault.None;
    }
}
