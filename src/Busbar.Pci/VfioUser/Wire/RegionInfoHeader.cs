// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;

namespace Busbar.Pci;

/// <summary>Payload of DEVICE_GET_REGION_INFO and the fixed part of its reply, 32 bytes (struct vfio_region_info).</summary>
/// <param name="ArgumentSize">Bytes that the asker has room for; in the reply, bytes that the whole answer takes.</param>
/// <param name="Flags">Readable 1, writable 2, mappable 4, capabilities follow 8.</param>
/// <param name="Index">The region.</param>
/// <param name="CapabilityOffset">Where the first capability begins, from the payload's start; 0 for none.</param>
/// <param name="Size">Bytes of the region.</param>
/// <param name="Offset">Where the region begins in the descriptor's file.</param>
internal readonly record struct RegionInfoHeader(uint ArgumentSize, uint Flags, uint Index, uint CapabilityOffset, ulong Size, ulong Offset)
{
    public static RegionInfoHeader Read(ReadOnlySpan<byte> bytes) => new(
        BinaryPrimitives.ReadUInt32LittleEndian(bytes),
        BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]),
        BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]),
        BinaryPrimitives.ReadUInt32LittleEndian(bytes[12..]),
        BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]),
        BinaryPrimitives.ReadUInt64LittleEndian(bytes[24..]));

    public void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, ArgumentSize);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[4..], Flags);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[8..], Index);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[12..], CapabilityOffset);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[16..], Size);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[24..], Offset);
    }
}
