// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;

namespace Busbar.Mctp;

/// <summary>
/// The 4-byte MCTP transport header (DSP0236, 8.1): reserved and version, destination EID, source EID, flags and tag.
/// </summary>
/// <param name="Raw">The four bytes as they stand on the wire, first byte in the lowest bits.</param>
public readonly record struct MctpHeader(uint Raw)
{
    /// <summary>Bytes on the wire.</summary>
    public const int Size = 4;

    /// <summary>The only header version in use.</summary>
    public const byte CurrentVersion = 1;

    private const uint SomMask = 0x80u << 24;
    private const uint EomMask = 0x40u << 24;
    private const uint SequenceMask = 0x30u << 24;
    private const int SequenceShift = 28;
    private const uint OwnerMask = 0x08u << 24;
    private const uint TagMask = 0x07u << 24;

    /// <summary>Builds a header of the current version.</summary>
    /// <param name="destination">Destination EID.</param>
    /// <param name="source">Source EID.</param>
    /// <param name="som">First packet of its message.</param>
    /// <param name="eom">Last packet of its message.</param>
    /// <param name="sequence">Packet sequence; taken modulo 4.</param>
    /// <param name="owner">TO: the source allocated the tag.</param>
    /// <param name="tag">Message tag; taken modulo 8.</param>
    public MctpHeader(Eid destination, Eid source, bool som, bool eom, int sequence, bool owner, int tag)
        : this(CurrentVersion | ((uint)destination.Value << 8) | ((uint)source.Value << 16)
               | (som ? SomMask : 0) | (eom ? EomMask : 0) | (((uint)sequence & 3) << SequenceShift)
               | (owner ? OwnerMask : 0) | (((uint)tag & 7) << 24))
    {
    }

    /// <summary>Header version, bits 3:0 of byte 0. The reserved upper bits are ignored.</summary>
    public int Version => (int)(Raw & 0x0F);

    /// <summary>Destination EID, byte 1.</summary>
    public Eid Destination => new((byte)(Raw >> 8));

    /// <summary>Source EID, byte 2.</summary>
    public Eid Source => new((byte)(Raw >> 16));

    /// <summary>SOM, bit 7 of byte 3.</summary>
    public bool IsStart => (Raw & SomMask) != 0;

    /// <summary>EOM, bit 6 of byte 3.</summary>
    public bool IsEnd => (Raw & EomMask) != 0;

    /// <summary>True when the packet is a whole message.</summary>
    public bool IsWhole => (Raw & (SomMask | EomMask)) == (SomMask | EomMask);

    /// <summary>Packet sequence, bits 5:4 of byte 3.</summary>
    public int Sequence => (int)((Raw & SequenceMask) >> SequenceShift);

    /// <summary>TO, bit 3 of byte 3.</summary>
    public bool IsTagOwner => (Raw & OwnerMask) != 0;

    /// <summary>Message tag, bits 2:0 of byte 3.</summary>
    public int Tag => (int)((Raw & TagMask) >> 24);

    /// <summary>The same header with SOM and EOM set: that of a message in one packet.</summary>
    public MctpHeader AsWhole() => new(Raw | SomMask | EomMask);

    /// <summary>Reads a header; no value is refused here.</summary>
    /// <param name="bytes">At least 4 bytes.</param>
    public static MctpHeader Read(ReadOnlySpan<byte> bytes) => new(BinaryPrimitives.ReadUInt32LittleEndian(bytes));

    /// <summary>Writes the header.</summary>
    /// <param name="bytes">At least 4 bytes.</param>
    public void Write(Span<byte> bytes) => BinaryPrimitives.WriteUInt32LittleEndian(bytes, Raw);

    /// <summary>For people: <c>8 -> 9 SOM EOM seq 0 TO tag 1</c>.</summary>
    public override string ToString() =>
        $"{Source} -> {Destination}{(IsStart ? " SOM" : "")}{(IsEnd ? " EOM" : "")} seq {Sequence}{(IsTagOwner ? " TO" : "")} tag {Tag}";
}
