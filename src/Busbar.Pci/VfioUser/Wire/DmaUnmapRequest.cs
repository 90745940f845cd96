// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;

namespace Busbar.Pci;

/// <summary>Payload of DMA_UNMAP and of its reply, 24 bytes.</summary>
/// <param name="ArgumentSize">Bytes of this payload, as the sender claims.</param>
/// <param name="Flags">Dirty bitmap 1, everything 2.</param>
/// <param name="Address">First bus address.</param>
/// <param name="Size">Bytes; address and size together may be exactly 2^64.</param>
internal readonly record struct DmaUnmapRequest(uint ArgumentSize, uint Flags, ulong Address, ulong Size)
{
    public static DmaUnmapRequest Read(ReadOnlySpan<byte> bytes) => new(
        BinaryPrimitives.ReadUInt32LittleEndian(bytes),
        BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]),
        BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]),
        BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]));

    public void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, ArgumentSize);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[4..], Flags);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[8..], Address);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[16..], Size);
    }
}
