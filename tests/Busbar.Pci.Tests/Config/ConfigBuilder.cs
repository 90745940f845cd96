// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;

namespace Busbar.Pci.Tests;

/// <summary>Bytes of a configuration space, written one by one.</summary>
internal sealed class ConfigBuilder(int length = 256)
{
    private readonly byte[] _bytes = new byte[length];

    public byte[] Bytes => _bytes;

    public PciConfigImage Image => new(_bytes);

    public ConfigBuilder With(int offset, params byte[] bytes)
    {
        bytes.CopyTo(_bytes, offset);
        return this;
    }

    public ConfigBuilder With32(int offset, uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(_bytes.AsSpan(offset), value);
        return this;
    }

    public ConfigBuilder With16(int offset, ushort value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(_bytes.AsSpan(offset), value);
        return this;
    }

    /// <summary>A network card as QEMU and Linux accept it: MSI-X, five vendor capabilities, PCI Express, and three extended ones.</summary>
    public static ConfigBuilder NetworkCard() => new ConfigBuilder(4096)
        .With32(0x00, 0x1041_1AF4).With32(0x04, 0x0010_0406).With32(0x08, 0x0200_0001)
        .With32(0x10, 0xFEB0_0000).With32(0x14, 0xFEB0_4000).With32(0x18, 0x8000_000C).With32(0x1C, 0x0000_0012)
        .With32(0x2C, 0x0041_1AF4).With(0x34, 0x40).With(0x3C, 11, 1)
        .With32(0x40, 0x8002_5011).With32(0x44, 0x0000_0001).With32(0x48, 0x0000_0801)
        .With(0x50, 0x09, 0x60, 16, 1, 0, 0, 0, 0, 0, 0, 0, 0, 56, 0, 0, 0)
        .With(0x60, 0x09, 0x70, 20, 2, 0, 0, 0, 0, 0, 0x30, 0, 0, 0, 0x10, 0, 0, 4, 0, 0, 0)
        .With(0x78, 0x01, 0x80, 0x03, 0x00, 0x0B, 0x00)
        .With(0x70 + 4, 0).With(0x70, 0x09, 0x78, 3)
        .With(0x80, 0x10, 0xC0).With16(0x82, 0x0002).With32(0x84, 0x1000_8021).With16(0x88, 0x5020).With16(0x8A, 0x0020)
        .With32(0x8C, 0x0000_0043).With16(0x92, 0x0042)
        .With(0xC0, 0x05, 0x00).With16(0xC2, 0x01A7).With32(0xC4, 0xFEE0_1000).With32(0xC8, 0x0000_0001).With16(0xCC, 0x4321)
        .With32(0xD0, 0x0000_0006).With32(0xD4, 0x0000_0002)
        .With32(0x100, 0x1101_0003).With32(0x104, 0x5566_7788).With32(0x108, 0x1122_3344)
        .With32(0x110, 0x1201_000B).With32(0x114, 0x00C3_1234).With32(0x118, 0xDEAD_BEEF)
        .With32(0x120, 0x1401_0023).With32(0x124, 0x0101_1E98).With16(0x128, 0x0008)
        .With32(0x140, 0x0002_7777);
}
