// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;

namespace Busbar.Pci;

/// <summary>Fixed part of the payload of DEVICE_SET_IRQS, 20 bytes (struct vfio_irq_set). Bytes for BOOL follow; eventfds travel beside the message only.</summary>
/// <param name="ArgumentSize">Bytes of the payload, as the sender claims.</param>
/// <param name="Flags">One data type (1 none, 2 bool, 4 eventfd) and one action (8 mask, 0x10 unmask, 0x20 trigger).</param>
/// <param name="Index">INTx 0, MSI 1, MSI-X 2, error 3, request 4.</param>
/// <param name="Start">First vector.</param>
/// <param name="Count">Vectors.</param>
internal readonly record struct IrqSetHeader(uint ArgumentSize, uint Flags, uint Index, uint Start, uint Count)
{
    public static IrqSetHeader Read(ReadOnlySpan<byte> bytes) => new(
        BinaryPrimitives.ReadUInt32LittleEndian(bytes),
        BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]),
        BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]),
        BinaryPrimitives.ReadUInt32LittleEndian(bytes[12..]),
        BinaryPrimitives.ReadUInt32LittleEndian(bytes[16..]));

    public void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, ArgumentSize);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[4..], Flags);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[8..], Index);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[12..], Start);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[16..], Count);
    }
}
