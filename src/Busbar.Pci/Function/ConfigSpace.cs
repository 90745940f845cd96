// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;

namespace Busbar.Pci;

/// <summary>Configuration space as bytes with masks; what a byte means is the function's business. Not synchronised; foreign offsets never throw.</summary>
internal sealed class ConfigSpace(int length)
{
    private readonly byte[] _value = new byte[length];
    private readonly byte[] _reset = new byte[length];
    private readonly byte[] _writable = new byte[length];
    private readonly byte[] _writeOneToClear = new byte[length];

    public int Length => _value.Length;

    public void Define(int offset, ReadOnlySpan<byte> value, ReadOnlySpan<byte> writable, ReadOnlySpan<byte> writeOneToClear)
    {
        value.CopyTo(_value.AsSpan(offset));
        value.CopyTo(_reset.AsSpan(offset));
        writable.CopyTo(_writable.AsSpan(offset));
        writeOneToClear.CopyTo(_writeOneToClear.AsSpan(offset));
    }

    public void Define16(int offset, int value, int writable = 0, int writeOneToClear = 0)
    {
        Span<byte> bytes = stackalloc byte[6];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, (ushort)value);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[2..], (ushort)writable);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[4..], (ushort)writeOneToClear);
        Define(offset, bytes[..2], bytes[2..4], bytes[4..]);
    }

    public void Define32(int offset, uint value, uint writable = 0)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[4..], writable);
        Define(offset, bytes[..4], bytes[4..], default);
    }

    public void Reset() => _reset.CopyTo(_value, 0);

    public ushort Get16(int offset) => BinaryPrimitives.ReadUInt16LittleEndian(_value.AsSpan(offset));

    public uint Get32(int offset) => BinaryPrimitives.ReadUInt32LittleEndian(_value.AsSpan(offset));

    public void Set16(int offset, ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(_value.AsSpan(offset), value);

    public void Set32(int offset, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(_value.AsSpan(offset), value);

    public void Read(int offset, Span<byte> data)
    {
        data.Fill(0xFF);
        if (offset < 0 || offset >= Length) return;
        int count = Math.Min(data.Length, Length - offset);
        _value.AsSpan(offset, count).CopyTo(data);
    }

    public void Write(int offset, ReadOnlySpan<byte> data)
    {
        if (offset < 0) return;
        for (int i = 0; i < data.Length && i < Length - offset; i++)
        {
            int at = offset + i;
            int kept = _value[at] & ~_writable[at];
            _value[at] = (byte)((kept | (data[i] & _writable[at])) & ~(data[i] & _writeOneToClear[at]));
        }
    }
}
