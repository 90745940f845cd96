// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;

namespace Busbar.Pci;

/// <summary>The configuration space of a function in the same process.</summary>
internal sealed class InProcessConfig(IPciFunction function) : IPciConfigSpace
{
    public int Length => function.ConfigLength;

    public byte Read8(int offset)
    {
        Span<byte> data = stackalloc byte[1];
        function.ReadConfig(Check(offset, 1), data);
        return data[0];
    }

    public ushort Read16(int offset)
    {
        Span<byte> data = stackalloc byte[2];
        function.ReadConfig(Check(offset, 2), data);
        return BinaryPrimitives.ReadUInt16LittleEndian(data);
    }

    public uint Read32(int offset)
    {
        Span<byte> data = stackalloc byte[4];
        function.ReadConfig(Check(offset, 4), data);
        return BinaryPrimitives.ReadUInt32LittleEndian(data);
    }

    public void Write8(int offset, byte value) => function.WriteConfig(Check(offset, 1), [value]);

    public void Write16(int offset, ushort value)
    {
        Span<byte> data = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16LittleEndian(data, value);
        function.WriteConfig(Check(offset, 2), data);
    }

    public void Write32(int offset, uint value)
    {
        Span<byte> data = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(data, value);
        function.WriteConfig(Check(offset, 4), data);
    }

    private int Check(int offset, int size)
    {
        if (offset < 0 || offset > Length - size || offset % size != 0)
        {
            throw new ArgumentOutOfRangeException(nameof(offset), offset, $"An access of {size} bytes is aligned and inside {Length} bytes of configuration space.");
        }

        return offset;
    }
}
