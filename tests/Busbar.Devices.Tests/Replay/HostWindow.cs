// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using Busbar.Pci;

namespace Busbar.Devices.Tests;

/// <summary>A BAR as a host driver reaches it: each access arrives at the function with the width that the driver used.</summary>
internal sealed class HostWindow(IPciFunction function, int bar)
{
    public int Length => (int)function.Bars[bar]!.Length;

    public byte[] Read(int at, int count)
    {
        byte[] bytes = new byte[count];
        function.ReadBar(bar, at, bytes);
        return bytes;
    }

    public byte Read8(int at) => Read(at, 1)[0];

    public uint Read32(int at) => BinaryPrimitives.ReadUInt32LittleEndian(Read(at, 4));

    public ulong Read64(int at) => BinaryPrimitives.ReadUInt64LittleEndian(Read(at, 8));

    public void Write(int at, ReadOnlySpan<byte> bytes) => function.WriteBar(bar, at, bytes);

    public void Write8(int at, byte value) => Write(at, [value]);

    public void Write32(int at, uint value)
    {
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        Write(at, bytes);
    }

    public void Write64(int at, ulong value)
    {
        byte[] bytes = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        Write(at, bytes);
    }
}
