// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics.CodeAnalysis;

namespace Busbar.Pci;

/// <summary>An extended capability that the function's vendor defines (VSEC; PCI Express Base, 7.9.5).</summary>
/// <param name="Offset">Its first byte in configuration space.</param>
/// <param name="Id">Which of the vendor's.</param>
/// <param name="Revision">Its revision, 0 to 15.</param>
/// <param name="Length">Bytes with both headers.</param>
/// <param name="Content">The bytes behind the headers.</param>
public sealed record VendorSpecificCapability(int Offset, int Id, int Revision, int Length, ReadOnlyMemory<byte> Content)
{
    private const int HeaderSize = 8;

    /// <summary>Decodes an extended capability with identifier 0x0B.</summary>
    /// <param name="image">The image.</param>
    /// <param name="entry">Where it is.</param>
    /// <param name="capability">What stands there.</param>
    /// <returns>False for another capability, or one whose length is impossible where it stands.</returns>
    public static bool TryRead(PciConfigImage image, PciCapability entry, [NotNullWhen(true)] out VendorSpecificCapability? capability)
    {
        capability = null;
        if (!entry.IsExtended || entry.Id != (int)PciExtendedCapabilityId.VendorSpecific || entry.Extent < HeaderSize) return false;
        uint header = image.Read32(entry.Offset + 4);
        int length = (int)(header >> 20);
        if (length < HeaderSize || length > entry.Extent) return false;
        byte[] content = image.Slice(entry.Offset + HeaderSize, length - HeaderSize).ToArray();
        capability = new VendorSpecificCapability(entry.Offset, (int)(header & 0xFFFF), (int)(header >> 16) & 0xF, length, content);
        return true;
    }
}
