// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;

namespace Busbar.Pci;

/// <summary>The 16 bytes in front of the data of DMA_READ and DMA_WRITE and their replies.</summary>
/// <param name="Address">First bus address.</param>
/// <param name="Count">Bytes.</param>
internal readonly record struct DmaAccessHeader(ulong Address, ulong Count)
{
    public static DmaAccessHeader Read(ReadOnlySpan<byte> bytes) =>
        new(BinaryPrimitives.ReadUInt64LittleEndian(bytes), BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]));

    public void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, Address);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[8..], Count);
    }
}
