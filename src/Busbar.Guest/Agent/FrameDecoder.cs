// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;

namespace Busbar.Guest;

/// <summary>
/// Finds frames in a stream of bytes. Whatever is no frame is skipped and counted; the decoder is in step again at the next frame behind it.
/// </summary>
/// <remarks>
/// A frame is a header of 16 bytes, little endian: magic (u32), kind (u8), three zero bytes, channel (u32), payload length (u32); then the payload.
/// Not safe for several threads.
/// </remarks>
internal sealed class FrameDecoder
{
    /// <summary>Bytes in front of a payload.</summary>
    public const int HeaderSize = 16;

    /// <summary>The longest payload.</summary>
    public const int MostPayload = 32 << 10;

    private const uint Magic = 0xb5ba_61c7;

    private readonly byte[] _buffer = new byte[2 * (HeaderSize + MostPayload)];
    private int _start;
    private int _end;

    /// <summary>Bytes that were no part of a frame.</summary>
    public long SkippedBytes { get; private set; }

    /// <summary>Where the next bytes of the stream go; never empty after <see cref="TryTake"/> returned false.</summary>
    public Memory<byte> FreeSpace()
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start.._end).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }

        return _buffer.AsMemory(_end);
    }

    /// <summary>Says how many bytes were put into <see cref="FreeSpace"/>.</summary>
    public void Filled(int count) => _end += count;

    /// <summary>Takes the next complete frame.</summary>
    /// <param name="kind">What it says; one of the known values.</param>
    /// <param name="channel">The command it is about.</param>
    /// <param name="payload">Valid until the next call of any member.</param>
    /// <returns>False when more bytes are needed.</returns>
    public bool TryTake(out FrameKind kind, out uint channel, out ReadOnlySpan<byte> payload)
    {
        while (_end - _start >= HeaderSize)
        {
            ReadOnlySpan<byte> header = _buffer.AsSpan(_start, HeaderSize);
            uint length = BinaryPrimitives.ReadUInt32LittleEndian(header[12..]);
            bool isFrame = BinaryPrimitives.ReadUInt32LittleEndian(header) == Magic && Enum.IsDefined((FrameKind)header[4])
                && (header[5] | header[6] | header[7]) == 0 && length <= MostPayload;
            if (!isFrame)
            {
                _start++;
                SkippedBytes++;
                continue;
            }

            if (_end - _start < HeaderSize + (int)length) break;
            kind = (FrameKind)header[4];
            channel = BinaryPrimitives.ReadUInt32LittleEndian(header[8..]);
            payload = _buffer.AsSpan(_start + HeaderSize, (int)length);
            _start += HeaderSize + (int)length;
            return true;
        }

        kind = default;
        channel = 0;
        payload = default;
        return false;
    }

    /// <summary>Writes a frame.</summary>
    /// <param name="kind">What it says.</param>
    /// <param name="channel">The command it is about; 0 for none.</param>
    /// <param name="payload">At most <see cref="MostPayload"/> bytes.</param>
    /// <param name="destination">At least <see cref="HeaderSize"/> bytes and the payload.</param>
    /// <returns>Bytes written.</returns>
    public static int Encode(FrameKind kind, uint channel, ReadOnlySpan<byte> payload, Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(payload.Length, MostPayload);
        BinaryPrimitives.WriteUInt32LittleEndian(destination, Magic);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[4..], (byte)kind);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[8..], channel);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[12..], (uint)payload.Length);
        payload.CopyTo(destination[HeaderSize..]);
        return HeaderSize + payload.Length;
    }
}
