// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;

namespace Busbar.Pci;

/// <summary>
/// A configuration space behind something that moves bytes: checks each access and turns bytes into values. What moves them is below, one kind for each way to a
/// function.
/// </summary>
public abstract class ConfigSpaceBytes : IPciConfigSpace
{
    private protected ConfigSpaceBytes()
    {
    }

    /// <inheritdoc/>
    public abstract int Length { get; }

    /// <inheritdoc/>
    public byte Read8(int offset)
    {
        Span<byte> buffer = stackalloc byte[1];
        Read(offset, buffer);
        return buffer[0];
    }

    /// <inheritdoc/>
    public ushort Read16(int offset)
    {
        Span<byte> buffer = stackalloc byte[2];
        Read(offset, buffer);
        return BinaryPrimitives.ReadUInt16LittleEndian(buffer);
    }

    /// <inheritdoc/>
    public uint Read32(int offset)
    {
        Span<byte> buffer = stackalloc byte[4];
        Read(offset, buffer);
        return BinaryPrimitives.ReadUInt32LittleEndian(buffer);
    }

    /// <inheritdoc/>
    public void Write8(int offset, byte value) => Write(offset, [value]);

    /// <inheritdoc/>
    public void Write16(int offset, ushort value)
    {
        Span<byte> buffer = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16LittleEndian(buffer, value);
        Write(offset, buffer);
    }

    /// <inheritdoc/>
    public void Write32(int offset, uint value)
    {
        Span<byte> buffer = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(buffer, value);
        Write(offset, buffer);
    }

    /// <summary>Reads 1, 2 or 4 bytes with one access; the place is aligned and inside.</summary>
    private protected abstract void ReadBytes(int offset, Span<byte> buffer);

    /// <summary>Writes 1, 2 or 4 bytes with one access; the place is aligned and inside.</summary>
    private protected abstract void WriteBytes(int offset, ReadOnlySpan<byte> buffer);

    private void Read(int offset, Span<byte> buffer)
    {
        ConfigRange.Check(offset, buffer.Length, Length);
        ReadBytes(offset, buffer);
    }

    private void Write(int offset, ReadOnlySpan<byte> buffer)
    {
        ConfigRange.Check(offset, buffer.Length, Length);
        WriteBytes(offset, buffer);
    }
}
