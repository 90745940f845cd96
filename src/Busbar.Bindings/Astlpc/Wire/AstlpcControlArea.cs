// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using Busbar.Memory;

namespace Busbar.Bindings;

/// <summary>A snapshot of the control area at the beginning of an LPC window. All its fields are big-endian there.</summary>
/// <param name="Magic">"MCTP" when the management controller is there.</param>
/// <param name="BmcLow">The lowest version that the management controller speaks.</param>
/// <param name="BmcCurrent">The highest.</param>
/// <param name="HostLow">The lowest version that the host speaks.</param>
/// <param name="HostCurrent">The highest.</param>
/// <param name="Negotiated">What the management controller chose; 0 for none.</param>
/// <param name="Layout">Where the areas are.</param>
public readonly record struct AstlpcControlArea(
    uint Magic, ushort BmcLow, ushort BmcCurrent, ushort HostLow, ushort HostCurrent, ushort Negotiated, AstlpcLayout Layout)
{
    /// <summary>Bytes of the area.</summary>
    public const int Size = 32;

    /// <summary>The magic number: "MCTP".</summary>
    public const uint ExpectedMagic = 0x4D435450;

    /// <summary>The lowest version that is spoken here.</summary>
    public const ushort LowestVersion = 1;

    /// <summary>The highest version that is spoken here.</summary>
    public const ushort HighestVersion = 3;

    private const int BmcOffset = 4;
    private const int HostOffset = 8;
    private const int NegotiatedOffset = 12;
    private const int LayoutOffset = 16;

    /// <summary>Takes a snapshot, to be judged instead of the memory.</summary>
    /// <param name="window">The window.</param>
    public static AstlpcControlArea Read(SharedRegion window)
    {
        Span<byte> bytes = stackalloc byte[Size];
        window.CopyTo(0, bytes);
        return Parse(bytes);
    }

    /// <summary>Reads the fields.</summary>
    /// <param name="bytes">At least 32 bytes.</param>
    public static AstlpcControlArea Parse(ReadOnlySpan<byte> bytes) => new(
        BinaryPrimitives.ReadUInt32BigEndian(bytes),
        BinaryPrimitives.ReadUInt16BigEndian(bytes[BmcOffset..]),
        BinaryPrimitives.ReadUInt16BigEndian(bytes[(BmcOffset + 2)..]),
        BinaryPrimitives.ReadUInt16BigEndian(bytes[HostOffset..]),
        BinaryPrimitives.ReadUInt16BigEndian(bytes[(HostOffset + 2)..]),
        BinaryPrimitives.ReadUInt16BigEndian(bytes[NegotiatedOffset..]),
        new AstlpcLayout(
            BinaryPrimitives.ReadUInt32BigEndian(bytes[LayoutOffset..]),
            BinaryPrimitives.ReadUInt32BigEndian(bytes[(LayoutOffset + 4)..]),
            BinaryPrimitives.ReadUInt32BigEndian(bytes[(LayoutOffset + 8)..]),
            BinaryPrimitives.ReadUInt32BigEndian(bytes[(LayoutOffset + 12)..])));

    /// <summary>The highest version in both ranges; 0 when there is none.</summary>
    public ushort CommonVersion
    {
        get
        {
            ushort highest = Math.Min(BmcCurrent, HostCurrent);
            return BmcLow <= BmcCurrent && HostLow <= HostCurrent && highest >= Math.Max(BmcLow, HostLow) ? highest : (ushort)0;
        }
    }

    /// <summary>Writes everything: how a management controller begins.</summary>
    /// <param name="window">The window.</param>
    public void Write(SharedRegion window)
    {
        Span<byte> bytes = stackalloc byte[Size];
        bytes.Clear();
        BinaryPrimitives.WriteUInt32BigEndian(bytes, Magic);
        BinaryPrimitives.WriteUInt16BigEndian(bytes[BmcOffset..], BmcLow);
        BinaryPrimitives.WriteUInt16BigEndian(bytes[(BmcOffset + 2)..], BmcCurrent);
        BinaryPrimitives.WriteUInt16BigEndian(bytes[HostOffset..], HostLow);
        BinaryPrimitives.WriteUInt16BigEndian(bytes[(HostOffset + 2)..], HostCurrent);
        BinaryPrimitives.WriteUInt16BigEndian(bytes[NegotiatedOffset..], Negotiated);
        WriteLayout(bytes[LayoutOffset..]);
        window.CopyFrom(0, bytes);
    }

    /// <summary>Writes what a host may write: its versions, and the sizes that it wishes.</summary>
    /// <param name="window">The window.</param>
    public void WriteHostPart(SharedRegion window)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, HostLow);
        BinaryPrimitives.WriteUInt16BigEndian(bytes[2..], HostCurrent);
        window.CopyFrom(HostOffset, bytes[..4]);
        WriteLayout(bytes);
        window.CopyFrom(LayoutOffset + 4, bytes.Slice(4, 4));
        window.CopyFrom(LayoutOffset + 12, bytes.Slice(12, 4));
    }

    /// <summary>Writes the outcome of a negotiation: the layout, then the version.</summary>
    /// <param name="window">The window.</param>
    public void WriteOutcome(SharedRegion window)
    {
        Span<byte> bytes = stackalloc byte[16];
        WriteLayout(bytes);
        window.CopyFrom(LayoutOffset, bytes);
        BinaryPrimitives.WriteUInt16BigEndian(bytes, Negotiated);
        window.CopyFrom(NegotiatedOffset, bytes[..2]);
    }

    private void WriteLayout(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt32BigEndian(bytes, Layout.RxOffset);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[4..], Layout.RxSize);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[8..], Layout.TxOffset);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[12..], Layout.TxSize);
    }
}
