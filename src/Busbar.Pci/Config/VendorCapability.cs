// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics.CodeAnalysis;

namespace Busbar.Pci;

/// <summary>A capability whose content its vendor defines (PCI Local Bus 3.0, 6.7, identifier 0x09).</summary>
/// <param name="Offset">Its first byte in configuration space.</param>
/// <param name="Length">Bytes with the three that come first, as it claims; what it holds ends at its extent at the latest.</param>
/// <param name="Content">The bytes behind the length.</param>
public sealed record VendorCapability(int Offset, int Length, ReadOnlyMemory<byte> Content)
{
    private const int HeaderSize = 3;

    /// <summary>Decodes a capability with identifier 0x09.</summary>
    /// <param name="image">The image.</param>
    /// <param name="entry">Where it is.</param>
    /// <param name="capability">What stands there.</param>
    /// <returns>False for another capability, or one whose length is impossible where it stands.</returns>
    public static bool TryRead(PciConfigImage image, PciCapability entry, [NotNullWhen(true)] out VendorCapability? capability)
    {
        capability = null;
        if (entry.IsExtended || entry.Id != (int)PciCapabilityId.Vendor || entry.Extent < HeaderSize) return false;
        int length = image.Read8(entry.Offset + 2);
        if (length < HeaderSize || length > entry.Extent) return false;
        capability = new VendorCapability(entry.Offset, length, image.Slice(entry.Offset + HeaderSize, length - HeaderSize).ToArray());
        return true;
    }
}
