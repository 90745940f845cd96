// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;

namespace Busbar.Pci;

/// <summary>The 16 bytes in front of every vfio-user message. Host byte order, which is little endian on every machine that this runs on.</summary>
/// <param name="Id">Chosen by the sender of a command; the reply repeats it.</param>
/// <param name="Command">A reply repeats it; may be no command at all.</param>
/// <param name="Size">Bytes of the whole message, this header included; as the sender claims.</param>
/// <param name="Flags">Type in bits 3:0, further bits in <see cref="VfioUserFormat"/>.</param>
/// <param name="Error">Errno of an error reply.</param>
internal readonly record struct VfioUserHeader(ushort Id, VfioUserCommand Command, uint Size, uint Flags, uint Error)
{
    public const int Length = 16;

    public uint Type => Flags & VfioUserFormat.TypeMask;

    public bool IsNoReply => (Flags & VfioUserFormat.NoReply) != 0;

    public bool IsError => (Flags & VfioUserFormat.ErrorReply) != 0;

    public static VfioUserHeader Read(ReadOnlySpan<byte> bytes) => new(
        BinaryPrimitives.ReadUInt16LittleEndian(bytes),
        (VfioUserCommand)BinaryPrimitives.ReadUInt16LittleEndian(bytes[2..]),
        BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]),
        BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]),
        BinaryPrimitives.ReadUInt32LittleEndian(bytes[12..]));

    public void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, Id);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[2..], (ushort)Command);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[4..], Size);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[8..], Flags);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[12..], Error);
    }
}
