// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;

namespace Busbar.Fuzz;

/// <summary>Reads an input as a little program. Behind its end everything is zero.</summary>
internal ref struct InputReader(ReadOnlySpan<byte> input)
{
    private ReadOnlySpan<byte> _rest = input;

    public readonly bool IsEmpty => _rest.IsEmpty;

    public readonly ReadOnlySpan<byte> Rest => _rest;

    public byte Byte() => Padded(1)[0];

    public ushort UInt16() => BinaryPrimitives.ReadUInt16LittleEndian(Padded(2));

    public uint UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Padded(4));

    public long Int64() => BinaryPrimitives.ReadInt64LittleEndian(Padded(8));

    /// <summary>At most so many bytes; fewer at the end.</summary>
    public ReadOnlySpan<byte> Take(int count)
    {
        ReadOnlySpan<byte> taken = _rest[..Math.Min(count, _rest.Length)];
        _rest = _rest[taken.Length..];
        return taken;
    }

    private ReadOnlySpan<byte> Padded(int count)
    {
        ReadOnlySpan<byte> taken = Take(count);
        if (taken.Length == count) return taken;
        byte[] padded = new byte[count];
        taken.CopyTo(padded);
        return padded;
    }
}
