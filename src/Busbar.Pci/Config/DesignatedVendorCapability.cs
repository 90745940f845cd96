// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics.CodeAnalysis;

namespace Busbar.Pci;

/// <summary>An extended capability that any vendor may define for functions of others (DVSEC; PCI Express Base, 7.9.6). Known by vendor and identifier together.</summary>
/// <param name="Offset">Its first byte in configuration space.</param>
/// <param name="VendorId">Who defines it.</param>
/// <param name="Id">Which of that vendor's.</param>
/// <param name="Revision">Its revision, 0 to 15.</param>
/// <param name="Length">Bytes with all headers.</param>
/// <param name="Content">The bytes behind the headers.</param>
public sealed record DesignatedVendorCapability(int Offset, ushort VendorId, int Id, int Revision, int Length, ReadOnlyMemory<byte> Content)
{
    private const int HeaderSize = 10;

    /// <summary>Decodes an extended capability with identifier 0x23.</summary>
    /// <param name="image">The image.</param>
    /// <param name="entry">Where it is.</param>
    /// <param name="capability">What stands there.</param>
    /// <returns>False for another capability, or one whose length is impossible where it stands.</returns>
    public static bool TryRead(PciConfigImage image, PciCapability entry, [NotNullWhen(true)] out DesignatedVendorCapability? capability)
    {
        capability = null;
        if (!entry.IsExtended || entry.Id != (int)PciExtendedCapabilityId.DesignatedVendor || entry.Extent < HeaderSize) return false;
        uint header = image.Read32(entry.Offset + 4);
        int length = (int)(header >> 20);
        if (length < HeaderSize || length > entry.Extent) return false;
        byte[] content = image.Slice(entry.Offset + HeaderSize, length - HeaderSize).ToArray();
        capability = new DesignatedVendorCapability(
            entry.Offset, (ushort)header, image.Read16(entry.Offset + 8), (int)(header >> 16) & 0xF, length, content);
        return true;
    }
}
