// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;

namespace Busbar.Pci;

/// <summary>Payload of DMA_MAP, 32 bytes.</summary>
/// <param name="ArgumentSize">Bytes of this payload, as the sender claims.</param>
/// <param name="Flags">Readable 1, writable 2.</param>
/// <param name="Offset">First byte in the descriptor's file.</param>
/// <param name="Address">First bus address.</param>
/// <param name="Size">Bytes.</param>
internal readonly record struct DmaMapRequest(uint ArgumentSize, uint Flags, ulong Offset, ulong Address, ulong Size)
{
    public static DmaMapRequest Read(ReadOnlySpan<byte> bytes) => new(
        BinaryPrimitives.ReadUInt32LittleEndian(bytes),
        BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]),
        BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]),
        BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]),
        BinaryPrimitives.ReadUInt64LittleEndian(bytes[24..]));

    public void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, ArgumentSize);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[4..], Flags);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[8..], Offset);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[16..], Address);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[24..], Size);
    }
}
