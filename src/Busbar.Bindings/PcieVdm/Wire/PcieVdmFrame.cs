// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using Busbar.Mctp;

namespace Busbar.Bindings;

/// <summary>
/// One packet as a PCI Express vendor-defined message with data (DSP0238): 12 bytes of header, then the packet, whose own header is the fourth double word of the message's. The
/// data behind it is padded with zeros to double words; the tag field tells how many.
/// </summary>
public readonly ref struct PcieVdmFrame
{
    /// <summary>Bytes before the packet.</summary>
    public const int HeaderSize = 12;

    /// <summary>The longest packet: the 4096 bytes of data that a message can have, and the packet's header.</summary>
    public const int LargestPacket = 4096 + MctpHeader.Size;

    private const byte MessageWithData = 0x70;
    private const int RoutingMask = 0x07;
    private const byte VendorDefinedType1 = 0x7F;
    private const ushort DmtfVendor = 0x1AB4;
    private const byte NoSnoop = 0x10;
    private const byte DigestBit = 0x80;
    private const byte PoisonBit = 0x40;
    private const int LargestDoubleWords = 1024;
    private const int CodeMask = 0x0F;

    private PcieVdmFrame(PcieVdmRouting routing, ushort requester, ushort target, ReadOnlySpan<byte> packet)
    {
        Routing = routing;
        Requester = requester;
        Target = target;
        Packet = packet;
    }

    /// <summary>How it is routed.</summary>
    public PcieVdmRouting Routing { get; }

    /// <summary>The sender: bus in the high byte, device in bits 7 to 3, function in bits 2 to 0.</summary>
    public ushort Requester { get; }

    /// <summary>The receiver, in the same form; means something only when routed by ID.</summary>
    public ushort Target { get; }

    /// <summary>The packet, header first, without padding.</summary>
    public ReadOnlySpan<byte> Packet { get; }

    /// <summary>Writes a frame.</summary>
    /// <param name="routing">How it is routed.</param>
    /// <param name="requester">The sender's bus, device and function.</param>
    /// <param name="target">The receiver's; written as 0 unless routed by ID.</param>
    /// <param name="packet">Header first and at least one byte of data, at most <see cref="LargestPacket"/>.</param>
    /// <param name="frame">At least the header, the packet, and 3 bytes of padding.</param>
    /// <returns>Bytes written.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The packet is too short or too long.</exception>
    public static int Write(PcieVdmRouting routing, ushort requester, ushort target, ReadOnlySpan<byte> packet, Span<byte> frame)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(packet.Length, MctpHeader.Size, nameof(packet));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(packet.Length, LargestPacket, nameof(packet));
        int data = packet.Length - MctpHeader.Size;
        int doubleWords = (data + 3) / 4;
        int pad = (doubleWords * 4) - data;

        // In the ten bits of the length the largest one is written as zero.
        int length = doubleWords % LargestDoubleWords;
        frame[0] = (byte)(MessageWithData | (int)routing);
        frame[1] = 0;
        frame[2] = (byte)(NoSnoop | (length >> 8));
        frame[3] = (byte)length;
        BinaryPrimitives.WriteUInt16BigEndian(frame[4..], requester);
        frame[6] = (byte)(pad << 4);
        frame[7] = VendorDefinedType1;
        BinaryPrimitives.WriteUInt16BigEndian(frame[8..], routing == PcieVdmRouting.ById ? target : (ushort)0);
        BinaryPrimitives.WriteUInt16BigEndian(frame[10..], DmtfVendor);
        packet.CopyTo(frame[HeaderSize..]);
        frame.Slice(HeaderSize + packet.Length, pad).Clear();
        return HeaderSize + packet.Length + pad;
    }

    /// <summary>Reads a frame. Both values of the attribute bits that are in use are taken; a digest behind the data is not looked at.</summary>
    /// <param name="bytes">From the first header byte to the last byte of data or digest.</param>
    /// <param name="frame">Its parts, in the same memory.</param>
    /// <returns>What is wrong with it.</returns>
    public static FrameFault TryParse(ReadOnlySpan<byte> bytes, out PcieVdmFrame frame)
    {
        frame = default;
        if (bytes.Length < HeaderSize + MctpHeader.Size + 4) return FrameFault.TooShort;
        var routing = (PcieVdmRouting)(bytes[0] & RoutingMask);
        if ((bytes[0] & ~RoutingMask) != MessageWithData || bytes[7] != VendorDefinedType1) return FrameFault.BadType;
        if (routing is not (PcieVdmRouting.ToRootComplex or PcieVdmRouting.ById or PcieVdmRouting.BroadcastFromRootComplex)) return FrameFault.BadType;
        if (BinaryPrimitives.ReadUInt16BigEndian(bytes[10..]) != DmtfVendor || (bytes[6] & CodeMask) != 0) return FrameFault.BadIdentifier;
        if ((bytes[2] & PoisonBit) != 0) return FrameFault.Poisoned;
        int doubleWords = ((bytes[2] & 3) << 8) | bytes[3];
        if (doubleWords == 0) doubleWords = LargestDoubleWords;
        int end = HeaderSize + MctpHeader.Size + (doubleWords * 4);
        int whole = end + ((bytes[2] & DigestBit) != 0 ? 4 : 0);
        if (whole != bytes.Length) return whole > bytes.Length ? FrameFault.Truncated : FrameFault.TrailingBytes;
        if ((bytes[6] & 0xC0) != 0) return FrameFault.ReservedBits;
        int pad = bytes[6] >> 4;
        frame = new PcieVdmFrame(
            routing, BinaryPrimitives.ReadUInt16BigEndian(bytes[4..]), BinaryPrimitives.ReadUInt16BigEndian(bytes[8..]), bytes[HeaderSize..(end - pad)]);
        return FrameFault.None;
    }
}
