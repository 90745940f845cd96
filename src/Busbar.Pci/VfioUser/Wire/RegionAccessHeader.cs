// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;

namespace Busbar.Pci;

/// <summary>The 16 bytes in front of the data of REGION_READ and REGION_WRITE and their replies.</summary>
/// <param name="Offset">First byte from the region's start.</param>
/// <param name="Region">The region.</param>
/// <param name="Count">Bytes.</param>
internal readonly record struct RegionAccessHeader(ulong Offset, uint Region, uint Count)
{
    public static RegionAccessHeader Read(ReadOnlySpan<byte> bytes) => new(
        BinaryPrimitives.ReadUInt64LittleEndian(bytes),
        BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]),
        BinaryPrimitives.ReadUInt32LittleEndian(bytes[12..]));

    public void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, Offset);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[8..], Region);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[12..], Count);
    }
}
