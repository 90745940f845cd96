// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;

namespace Busbar.Fuzz;

/// <summary>Messages of a vfio-user client that make sense but for what an input puts into them.</summary>
internal static class GuestMessages
{
    public const byte Version = 1;
    public const byte DmaMap = 2;
    public const byte DmaUnmap = 3;
    public const byte SetIrqs = 8;
    public const byte RegionRead = 9;
    public const byte RegionWrite = 10;
    public const byte Reset = 13;
    public const byte WriteMulti = 15;
    public const int HeaderLength = 16;
    public const byte ConfigRegion = 7;
    public const uint NoReply = 0x10;

    private const int PageShift = 12;
    private const int MostEntries = 8;

    private static readonly uint[] s_irqFlags = [0x24, 0x21, 0x22, 0x09, 0x0A, 0x11, 0x12, 0x14];
    private static readonly ulong[] s_sizes = [1, 0x800, 0x1000, 0x1001, 0x4000, GuestMemory.Length, 0xFFFF_FFFF_0110_0000, ulong.MaxValue];

    /// <summary>A whole message.</summary>
    public static byte[] Of(byte command, ReadOnlySpan<byte> payload, uint flags = 0)
    {
        byte[] message = new byte[HeaderLength + payload.Length];
        BinaryPrimitives.WriteUInt16LittleEndian(message.AsSpan(2), command);
        BinaryPrimitives.WriteInt32LittleEndian(message.AsSpan(4), message.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(message.AsSpan(8), flags);
        payload.CopyTo(message.AsSpan(HeaderLength));
        return message;
    }

    /// <summary>The payload of an access without its data.</summary>
    public static byte[] Access(ulong offset, uint region, uint count)
    {
        byte[] payload = new byte[HeaderLength];
        BinaryPrimitives.WriteUInt64LittleEndian(payload, offset);
        BinaryPrimitives.WriteUInt32LittleEndian(payload.AsSpan(8), region);
        BinaryPrimitives.WriteUInt32LittleEndian(payload.AsSpan(12), count);
        return payload;
    }

    /// <summary>Interrupts: action and data, kind, first and number of vectors from three bytes; what BOOL needs is there.</summary>
    public static byte[] Irqs(ref InputReader reader)
    {
        byte what = reader.Byte();
        uint flags = s_irqFlags[what & 7];
        byte range = reader.Byte();
        uint count = (uint)(range >> 4);
        byte[] payload = new byte[20 + ((flags & 2) != 0 ? (int)count : 0)];
        payload.AsSpan(20).Fill(reader.Byte());
        uint[] words = [20, flags, (uint)(what >> 3) % 6, (uint)(range & 15), count];
        for (int i = 0; i < words.Length; i++) BinaryPrimitives.WriteUInt32LittleEndian(payload.AsSpan(4 * i), words[i]);
        return payload;
    }

    /// <summary>A range of memory: its address and its place in the object in pages or a bit beside, its size, its rights.</summary>
    public static byte[] Map(ref InputReader reader)
    {
        byte[] payload = new byte[32];
        byte address = reader.Byte(), offset = reader.Byte(), how = reader.Byte();
        BinaryPrimitives.WriteUInt32LittleEndian(payload, 32);
        BinaryPrimitives.WriteUInt32LittleEndian(payload.AsSpan(4), (uint)(how >> 6));
        BinaryPrimitives.WriteUInt64LittleEndian(payload.AsSpan(8), ((ulong)(offset & 31) << PageShift) + (ulong)(offset >> 5));
        BinaryPrimitives.WriteUInt64LittleEndian(payload.AsSpan(16), AddressOf(address, how));
        BinaryPrimitives.WriteUInt64LittleEndian(payload.AsSpan(24), s_sizes[how & 7]);
        return payload;
    }

    /// <summary>Ranges to take back; every other time all of them.</summary>
    public static byte[] Unmap(ref InputReader reader)
    {
        byte[] payload = new byte[24];
        byte address = reader.Byte(), how = reader.Byte();
        bool isAll = (how & 0x80) != 0;
        BinaryPrimitives.WriteUInt32LittleEndian(payload, 24);
        BinaryPrimitives.WriteUInt32LittleEndian(payload.AsSpan(4), isAll ? 2u : 0);
        if (isAll) return payload;
        BinaryPrimitives.WriteUInt64LittleEndian(payload.AsSpan(8), AddressOf(address, how));
        BinaryPrimitives.WriteUInt64LittleEndian(payload.AsSpan(16), s_sizes[how & 7]);
        return payload;
    }

    /// <summary>Several writes of up to 8 bytes; now and then the number is a lie.</summary>
    public static byte[] Multi(ref InputReader reader)
    {
        byte how = reader.Byte();
        int count = how % (MostEntries + 1);
        byte[] payload = new byte[8 + (24 * count)];
        BinaryPrimitives.WriteUInt64LittleEndian(payload, (ulong)(how < 0xF0 ? count : how));
        for (int i = 0; i < count; i++)
        {
            Span<byte> entry = payload.AsSpan(8 + (24 * i));
            byte place = reader.Byte();
            Access(reader.UInt16(), (uint)(place & 7), (uint)(place >> 4)).CopyTo(entry);
            reader.Take(8).CopyTo(entry[HeaderLength..]);
        }

        return payload;
    }

    // Pages from 0, or up to the last one of all addresses.
    private static ulong AddressOf(byte page, byte how) => (how & 0x20) == 0 ? (ulong)page << PageShift : ulong.MaxValue - ((ulong)page << PageShift) + 1;
}
