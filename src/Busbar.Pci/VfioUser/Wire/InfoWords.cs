// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;

namespace Busbar.Pci;

/// <summary>
/// Four 32-bit words: the payload of DEVICE_GET_INFO (regions and interrupt kinds), of DEVICE_GET_IRQ_INFO and of DEVICE_GET_REGION_IO_FDS (index and
/// count), and of their replies.
/// </summary>
/// <param name="ArgumentSize">Bytes that the asker has room for.</param>
/// <param name="Flags">What the structure says of itself.</param>
/// <param name="First">Number of regions, or index.</param>
/// <param name="Second">Number of interrupt kinds, or count.</param>
internal readonly record struct InfoWords(uint ArgumentSize, uint Flags, uint First, uint Second)
{
    public const int Length = 16;

    public static InfoWords Read(ReadOnlySpan<byte> bytes) => new(
        BinaryPrimitives.ReadUInt32LittleEndian(bytes),
        BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]),
        BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]),
        BinaryPrimitives.ReadUInt32LittleEndian(bytes[12..]));

    public void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, ArgumentSize);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[4..], Flags);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[8..], First);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[12..], Second);
    }
}
