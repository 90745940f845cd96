// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics.CodeAnalysis;

namespace Busbar.Pci;

/// <summary>Message-signalled interrupts with a table in a BAR (PCI Local Bus 3.0, 6.8.2).</summary>
/// <param name="Offset">Its first byte in configuration space.</param>
/// <param name="IsEnabled">True when the function interrupts this way.</param>
/// <param name="IsMasked">True when all vectors are masked at once.</param>
/// <param name="VectorCount">Entries of the table, 1 to 2048.</param>
/// <param name="TableBar">The BAR with the table; 6 and 7 are reserved values that a broken device may show.</param>
/// <param name="TableOffset">The table's first byte in that BAR, a multiple of 8.</param>
/// <param name="PendingBar">The BAR with the pending bits.</param>
/// <param name="PendingOffset">Their first byte in that BAR, a multiple of 8.</param>
public sealed record MsixCapability(
    int Offset, bool IsEnabled, bool IsMasked, int VectorCount, int TableBar, uint TableOffset, int PendingBar, uint PendingOffset)
{
    private const int Size = 12;
    private const int EntrySize = 16;

    /// <summary>Bytes of the table.</summary>
    public int TableLength => VectorCount * EntrySize;

    /// <summary>Decodes a capability with identifier 0x11.</summary>
    /// <param name="image">The image.</param>
    /// <param name="entry">Where it is.</param>
    /// <param name="capability">What stands there.</param>
    /// <returns>False for another capability, or one that does not fit where it stands.</returns>
    public static bool TryRead(PciConfigImage image, PciCapability entry, [NotNullWhen(true)] out MsixCapability? capability)
    {
        capability = null;
        if (entry.IsExtended || entry.Id != (int)PciCapabilityId.Msix || entry.Extent < Size) return false;
        ushort control = image.Read16(entry.Offset + 2);
        uint table = image.Read32(entry.Offset + 4);
        uint pending = image.Read32(entry.Offset + 8);
        capability = new MsixCapability(
            entry.Offset,
            (control & 0x8000) != 0,
            (control & 0x4000) != 0,
            (control & 0x7FF) + 1,
            (int)(table & 7),
            table & ~7u,
            (int)(pending & 7),
            pending & ~7u);
        return true;
    }
}
