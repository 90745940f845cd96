// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Busbar.Mctp;

/// <summary>
/// Packets in a ring of private memory, in order, each as a record: length and header in eight bytes, then the payload, which may wrap.
/// For links inside one process, under one stack's serialisation.
/// </summary>
internal sealed class PacketRing
{
    private const int RecordHeader = 8;
    private const int Alignment = 8;

    private readonly byte[] _bytes;
    private uint _written;
    private uint _published;
    private uint _read;

    public PacketRing(int capacity)
    {
        _bytes = new byte[BitOperations.RoundUpToPowerOf2((uint)capacity)];
    }

    /// <summary>True while published packets wait.</summary>
    public bool HasPackets => _read != _published;

    public SendRoom Room(int packets, int bytes)
    {
        // The MCTP header is part of the record's own, and each record may need padding.
        long worst = bytes + ((long)packets * (RecordHeader - MctpHeader.Size + Alignment - 1));
        if (worst > _bytes.Length) return SendRoom.Never;
        return worst <= _bytes.Length - (int)(_written - _read) ? SendRoom.Now : SendRoom.Later;
    }

    public bool Write(MctpHeader header, scoped ReadOnlySpan<byte> first, scoped ReadOnlySpan<byte> second)
    {
        byte[] bytes = _bytes;
        uint written = _written;
        int length = first.Length + second.Length;
        int size = RecordHeader + ((length + Alignment - 1) & -Alignment);
        if (size > bytes.Length - (int)(written - _read)) return false;
        _written = written + (uint)size;
        Span<byte> record = bytes.AsSpan((int)written & (bytes.Length - 1));
        BinaryPrimitives.WriteUInt64LittleEndian(record, ((ulong)header.Raw << 32) | (uint)length);
        record = record[RecordHeader..];
        if (length > record.Length)
        {
            WriteAround(record, first, second);
            return true;
        }

        if (first.Length != 0)
        {
            first.CopyTo(record);
            record = record[first.Length..];
        }

        PacketCopy.Copy(second, record);
        return true;
    }

    /// <summary>Writes a message that <see cref="Room"/> admitted.</summary>
    public bool WriteMessage(MctpHeader header, byte type, ReadOnlySpan<byte> body, int unit)
    {
        int packets = body.Length < unit ? 1 : (int)((uint)(body.Length + unit) / (uint)unit);
        long most = body.Length + 1 + ((long)packets * (RecordHeader + Alignment - 1));
        byte[] bytes = _bytes;
        Span<byte> run = bytes.AsSpan((int)_written & (bytes.Length - 1));
        if (most <= run.Length && most <= bytes.Length - (int)(_written - _read))
        {
            var straight = new StraightSink(run);
            Packetiser.Write(ref straight, header, type, body, unit);
            _written += (uint)(run.Length - straight.Rest);
            return true;
        }

        var sink = new Sink(this);
        return Packetiser.Write(ref sink, header, type, body, unit);
    }

    public void Publish() => _published = _written;

    /// <summary>Looks at the oldest published packet.</summary>
    /// <param name="header">Its header.</param>
    /// <param name="first">Its payload, or the part before the ring's end.</param>
    /// <param name="second">The part that wrapped.</param>
    /// <returns>What to <see cref="Advance"/> by; 0 when there is none.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint Peek(out MctpHeader header, out ReadOnlySpan<byte> first, out ReadOnlySpan<byte> second)
    {
        second = default;
        uint read = _read;
        if (read == _published)
        {
            header = default;
            first = default;
            return 0;
        }

        byte[] bytes = _bytes;
        ReadOnlySpan<byte> record = bytes.AsSpan((int)read & (bytes.Length - 1));
        ulong word = BinaryPrimitives.ReadUInt64LittleEndian(record);
        header = new MctpHeader((uint)(word >> 32));
        int length = (int)(uint)word;
        record = record[RecordHeader..];
        if (length <= record.Length)
        {
            first = record[..length];
        }
        else if (record.Length != 0)
        {
            first = record;
            second = bytes.AsSpan(0, length - record.Length);
        }
        else
        {
            first = bytes.AsSpan(0, length);
        }

        return (uint)(RecordHeader + ((length + Alignment - 1) & -Alignment));
    }

    /// <summary>Takes the packet that was looked at.</summary>
    /// <param name="size">What <see cref="Peek"/> said.</param>
    public void Advance(uint size) => _read += size;

    public void Clear()
    {
        _published = _written;
        _read = _written;
    }

    private void WriteAround(Span<byte> end, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        int whole = Math.Min(first.Length, end.Length);
        first[..whole].CopyTo(end);
        first[whole..].CopyTo(_bytes);
        int at = first.Length - whole;
        end = end[whole..];
        whole = Math.Min(second.Length, end.Length);
        second[..whole].CopyTo(end);
        second[whole..].CopyTo(_bytes.AsSpan(at));
    }

    // Checks each packet for the ring's end.
    private readonly struct Sink(PacketRing ring) : IPacketSink
    {
        public bool Write(MctpHeader header, scoped ReadOnlySpan<byte> first, scoped ReadOnlySpan<byte> second) => ring.Write(header, first, second);
    }

    // For a message that ends before the ring does: nothing to check but the span's own bounds.
    private ref struct StraightSink(Span<byte> rest) : IPacketSink
    {
        private Span<byte> _rest = rest;

        public readonly int Rest => _rest.Length;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public bool Write(MctpHeader header, scoped ReadOnlySpan<byte> first, scoped ReadOnlySpan<byte> second)
        {
            int length = first.Length + second.Length;
            BinaryPrimitives.WriteUInt64LittleEndian(_rest, ((ulong)header.Raw << 32) | (uint)length);
            Span<byte> payload = _rest[RecordHeader..];
            _rest = payload[((length + Alignment - 1) & -Alignment)..];
            if (first.Length != 0)
            {
                first.CopyTo(payload);
                payload = payload[first.Length..];
            }

            PacketCopy.Copy(second, payload);
            return true;
        }
    }
}
