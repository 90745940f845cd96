// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;

namespace Busbar.Mmbi;

/// <summary>
/// One of the ways in which the field encodes the packet header. All share the fields (PAD in bits 1:0, LEN in dwords in bits 23:2, type in
/// byte 3); they differ in the byte order of the lower 24 bits and in what LEN counts.
/// </summary>
public sealed class MmbiHeaderFormat
{
    private const uint LengthMask = 0x00FF_FFFC;
    private const uint PadMask = 0x3;
    private const int TypeShift = 24;
    private const uint TypeMask = 0xF;

    private MmbiHeaderFormat(string name)
    {
        Name = name;
    }

    /// <summary>Little endian, LEN counts the whole packet (AST2700 PCIe drivers of 2024).</summary>
    public static MmbiHeaderFormat LittleEndianWhole { get; } =
        new("little endian, length with header") { CountsHeader = true };

    /// <summary>Little endian, LEN counts payload and padding (eSPI drivers).</summary>
    public static MmbiHeaderFormat LittleEndianPayload { get; } = new("little endian, length without header");

    /// <summary>
    /// As <see cref="LittleEndianPayload"/>, but with LEN rounded down although PAD is set: what ast2700-intel-espi-mmbi really sends. Only
    /// for receiving.
    /// </summary>
    public static MmbiHeaderFormat LittleEndianRoundedDown { get; } =
        new("little endian, length without header, rounded down") { IsRoundedDown = true };

    /// <summary>The lower three bytes big endian, LEN counts payload and padding (version 1.1 drivers).</summary>
    public static MmbiHeaderFormat BigEndianPayload { get; } =
        new("big endian, length without header") { IsBigEndian = true };

    /// <summary>Every format, in the order in which detection prefers them when nothing else decides.</summary>
    public static IReadOnlyList<MmbiHeaderFormat> All { get; } =
        [BigEndianPayload, LittleEndianWhole, LittleEndianPayload, LittleEndianRoundedDown];

    /// <summary>For people.</summary>
    public string Name { get; }

    /// <summary>True when bytes 0 to 2 hold LEN and PAD with the most significant byte first.</summary>
    public bool IsBigEndian { get; private init; }

    /// <summary>True when LEN includes the dword of the header.</summary>
    public bool CountsHeader { get; private init; }

    /// <summary>True when LEN misses the dword that PAD belongs to.</summary>
    public bool IsRoundedDown { get; private init; }

    /// <summary>The format to answer in: the clean one behind <see cref="LittleEndianRoundedDown"/>, otherwise this one.</summary>
    public MmbiHeaderFormat ForSending => IsRoundedDown ? LittleEndianPayload : this;

    /// <summary>Builds the header dword.</summary>
    /// <param name="payloadLength">Payload bytes, 1 to <see cref="MmbiPacketHeader.MaximumPayload"/>.</param>
    /// <param name="type">What the packet carries, 0 to 15.</param>
    /// <returns>The dword as a little-endian load of the four wire bytes gives it.</returns>
    public uint Encode(int payloadLength, MmbiPacketType type)
    {
        uint padded = ((uint)payloadLength + 3) & ~3u;
        uint pad = padded - (uint)payloadLength;
        uint length = CountsHeader ? padded + MmbiPacketHeader.Size : padded;
        if (IsRoundedDown && pad != 0) length -= 4;
        uint field = length | pad;
        if (IsBigEndian) field = BinaryPrimitives.ReverseEndianness(field) >> 8;
        return field | (((uint)type & TypeMask) << TypeShift);
    }

    /// <summary>Takes a header dword apart. The reserved bits 31:28 are ignored, as the drivers do.</summary>
    /// <param name="raw">The dword as a little-endian load of the four wire bytes gives it; a private snapshot.</param>
    /// <param name="header">The fields; undefined when the result is false.</param>
    /// <returns>False when the lengths contradict each other: an empty payload, or a packet shorter than its header.</returns>
    public bool TryDecode(uint raw, out MmbiPacketHeader header)
    {
        uint field = IsBigEndian ? BinaryPrimitives.ReverseEndianness(raw << 8) : raw;
        int pad = (int)(field & PadMask);
        int occupied = (int)(field & LengthMask);
        if (!CountsHeader) occupied += MmbiPacketHeader.Size;
        if (IsRoundedDown && pad != 0) occupied += 4;
        header = new MmbiPacketHeader((MmbiPacketType)((raw >> TypeShift) & TypeMask), occupied - MmbiPacketHeader.Size - pad, occupied);
        return header.PayloadLength > 0;
    }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
