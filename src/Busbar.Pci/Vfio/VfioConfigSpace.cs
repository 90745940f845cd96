// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using Busbar.Linux;

namespace Busbar.Pci;

/// <summary>The configuration space as VFIO shows it: BARs and interrupt registers are the kernel's, the rest is the device's.</summary>
internal sealed class VfioConfigSpace(VfioDevice device, VfioRegion region, string name) : IPciConfigSpace
{
    public int Length => (int)Math.Min(region.Length, PciConfigRegisters.ExtendedLength);

    public byte Read8(int offset)
    {
        Span<byte> buffer = stackalloc byte[1];
        Read(offset, buffer);
        return buffer[0];
    }

    public ushort Read16(int offset)
    {
        Span<byte> buffer = stackalloc byte[2];
        Read(offset, buffer);
        return BinaryPrimitives.ReadUInt16LittleEndian(buffer);
    }

    public uint Read32(int offset)
    {
        Span<byte> buffer = stackalloc byte[4];
        Read(offset, buffer);
        return BinaryPrimitives.ReadUInt32LittleEndian(buffer);
    }

    public void Write8(int offset, byte value) => Write(offset, [value]);

    public void Write16(int offset, ushort value)
    {
        Span<byte> buffer = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16LittleEndian(buffer, value);
        Write(offset, buffer);
    }

    public void Write32(int offset, uint value)
    {
        Span<byte> buffer = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(buffer, value);
        Write(offset, buffer);
    }

    private void Read(int offset, Span<byte> buffer)
    {
        ConfigRange.Check(offset, buffer.Length, Length);
        if (!device.TryRead(region, offset, buffer)) throw Gone(offset, "reading");
    }

    private void Write(int offset, ReadOnlySpan<byte> buffer)
    {
        ConfigRange.Check(offset, buffer.Length, Length);
        if (!device.TryWrite(region, offset, buffer)) throw Gone(offset, "writing");
    }

    private PciDeviceException Gone(int offset, string verb) => new(PciDeviceFault.Failed, $"{verb} configuration register 0x{offset:x} of {name} failed: the device may have gone");
}
