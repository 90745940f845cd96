// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Linux;

/// <summary>
/// Writes one netlink message (linux/netlink.h): a 16-byte header, a fixed body, then attributes of type and length, each aligned to 4 bytes; all
/// numbers in native byte order.
/// </summary>
internal ref struct NetlinkWriter
{
    public const int HeaderSize = 16;

    /// <summary>Bytes of an attribute's own header.</summary>
    public const int AttributeHeader = 4;

    /// <summary>Marks an attribute that holds attributes (NLA_F_NESTED).</summary>
    public const ushort Nested = 0x8000;

    private readonly Span<byte> _buffer;
    private int _length;

    public NetlinkWriter(Span<byte> buffer, ushort type, ushort flags, uint sequence)
    {
        _buffer = buffer;
        _buffer[..HeaderSize].Clear();
        BitConverter.TryWriteBytes(_buffer[4..], type);
        BitConverter.TryWriteBytes(_buffer[6..], flags);
        BitConverter.TryWriteBytes(_buffer[8..], sequence);
        _length = HeaderSize;
    }

    /// <summary>Makes room for the fixed body that follows the header, zeroed.</summary>
    public Span<byte> Body(int size) => Reserve(size);

    public void Add(ushort type, byte value) => Add(type, [value]);

    public void Add(ushort type, uint value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        BitConverter.TryWriteBytes(bytes, value);
        Add(type, bytes);
    }

    public void Add(ushort type, scoped ReadOnlySpan<byte> value)
    {
        int start = Open(type);
        value.CopyTo(Reserve(value.Length));
        BitConverter.TryWriteBytes(_buffer[start..], (ushort)(AttributeHeader + value.Length));
    }

    /// <summary>Starts an attribute that holds attributes.</summary>
    /// <returns>What <see cref="Close"/> wants.</returns>
    public int Open(ushort type)
    {
        int start = _length;
        BitConverter.TryWriteBytes(Reserve(AttributeHeader)[2..], type);
        return start;
    }

    public readonly void Close(int start) => BitConverter.TryWriteBytes(_buffer[start..], (ushort)(_length - start));

    /// <summary>Completes the message.</summary>
    public readonly ReadOnlySpan<byte> Finish()
    {
        BitConverter.TryWriteBytes(_buffer, (uint)_length);
        return _buffer[.._length];
    }

    private Span<byte> Reserve(int size)
    {
        Span<byte> room = _buffer.Slice(_length, (size + 3) & ~3);
        room.Clear();
        _length += room.Length;
        return room;
    }
}
