// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics.CodeAnalysis;

namespace Busbar.Pci;

/// <summary>The serial number of a device, an EUI-64 (PCI Express Base, 7.9.3).</summary>
/// <param name="Offset">Its first byte in configuration space.</param>
/// <param name="Value">The number; its most significant bytes are the manufacturer's.</param>
public sealed record DeviceSerialNumber(int Offset, ulong Value)
{
    private const int Size = 12;

    /// <summary>Decodes an extended capability with identifier 0x03.</summary>
    /// <param name="image">The image.</param>
    /// <param name="entry">Where it is.</param>
    /// <param name="capability">What stands there.</param>
    /// <returns>False for another capability, or one that does not fit where it stands.</returns>
    public static bool TryRead(PciConfigImage image, PciCapability entry, [NotNullWhen(true)] out DeviceSerialNumber? capability)
    {
        capability = null;
        if (!entry.IsExtended || entry.Id != (int)PciExtendedCapabilityId.DeviceSerialNumber || entry.Extent < Size) return false;
        capability = new DeviceSerialNumber(entry.Offset, ((ulong)image.Read32(entry.Offset + 8) << 32) | image.Read32(entry.Offset + 4));
        return true;
    }

    /// <summary>The number as people write it: eight bytes with dashes, most significant first.</summary>
    public override string ToString() => BitConverter.ToString(BitConverter.GetBytes(Value).Reverse().ToArray()).ToLowerInvariant();
}
