// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using System.Numerics;

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
    private readonly int _mask;
    private uint _written;
    private uint _published;
    private uint _read;

    public PacketRing(int capacity)
    {
        _bytes = new byte[BitOperations.RoundUpToPowerOf2((uint)capacity)];
        _mask = _bytes.Length - 1;
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

    public bool Write(MctpHeader header, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        int length = first.Length + second.Length;
        int size = RecordHeader + ((length + Alignment - 1) & -Alignment);
        byte[] bytes = _bytes;
        if (size > bytes.Length - (int)(_written - _read)) return false;
        int at = (int)_written & _mask;
        _written += (uint)size;
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(at, RecordHeader), ((ulong)header.Raw << 32) | (uint)length);
        at += RecordHeader;
        if (at + length <= bytes.Length)
        {
            first.CopyTo(bytes.AsSpan(at));
            second.CopyTo(bytes.AsSpan(at + first.Length));
            return true;
        }

        Put(at, first);
        Put(at + first.Length, second);
        return true;
    }

    public void Publish() => _published = _written;

    /// <summary>Looks at the oldest published packet.</summary>
    public bool TryPeek(out MctpHeader header, out ReadOnlySpan<byte> first, out ReadOnlySpan<byte> second)
    {
        header = default;
        first = default;
        second = default;
        if (_read == _published) return false;
        byte[] bytes = _bytes;
        int at = (int)_read & _mask;
        ulong word = BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(at, RecordHeader));
        header = new MctpHeader((uint)(word >> 32));
        int length = (int)(uint)word;
        at += RecordHeader;
        if (at + length <= bytes.Length)
        {
            first = bytes.AsSpan(at, length);
            return true;
        }

        // A record header never wraps, but the payload behind it may begin at the ring's start.
        int whole = Math.Max(bytes.Length - at, 0);
        first = bytes.AsSpan(at & _mask, whole == 0 ? length : whole);
        second = whole == 0 ? default : bytes.AsSpan(0, length - whole);
        return true;
    }

    /// <summary>Takes the packet that was looked at.</summary>
    public void Advance()
    {
        int length = BinaryPrimitives.ReadInt32LittleEndian(_bytes.AsSpan((int)_read & _mask));
        _read += (uint)(RecordHeader + ((length + Alignment - 1) & -Alignment));
    }

    public void Clear()
    {
        _published = _written;
        _read = _written;
    }

    private void Put(int at, ReadOnlySpan<byte> piece)
    {
        at &= _mask;
        int whole = Math.Min(piece.Length, _bytes.Length - at);
        piece[..whole].CopyTo(_bytes.AsSpan(at));
        piece[whole..].CopyTo(_bytes);
    }
}
