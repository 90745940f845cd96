// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics.CodeAnalysis;

namespace Busbar.Pci;

/// <summary>Message-signalled interrupts (PCI Local Bus 3.0, 6.8.1).</summary>
/// <param name="Offset">Its first byte in configuration space.</param>
/// <param name="IsEnabled">True when the function interrupts this way.</param>
/// <param name="VectorsOffered">How many vectors the function could use, 1 to 32; 0 for a reserved encoding.</param>
/// <param name="VectorsGranted">How many the driver lets it use; 0 for a reserved encoding.</param>
/// <param name="Is64Bit">True when the message address has 64 bits.</param>
/// <param name="HasMasks">True when each vector has a mask and a pending bit.</param>
/// <param name="Address">Where the message goes.</param>
/// <param name="Data">The message of vector 0.</param>
/// <param name="Mask">One bit for each masked vector; 0 without masks.</param>
/// <param name="Pending">One bit for each vector that waits; 0 without masks.</param>
public sealed record MsiCapability(
    int Offset, bool IsEnabled, int VectorsOffered, int VectorsGranted, bool Is64Bit, bool HasMasks, ulong Address, ushort Data, uint Mask, uint Pending)
{
    private const int LargestVectorExponent = 5;

    /// <summary>Bytes of the structure: 10, 14, 20 or 24.</summary>
    public int Length => LengthOf(Is64Bit, HasMasks);

    /// <summary>Decodes a capability with identifier 0x05.</summary>
    /// <param name="image">The image.</param>
    /// <param name="entry">Where it is.</param>
    /// <param name="capability">What stands there.</param>
    /// <returns>False for another capability, or one that does not fit where it stands.</returns>
    public static bool TryRead(PciConfigImage image, PciCapability entry, [NotNullWhen(true)] out MsiCapability? capability)
    {
        capability = null;
        if (entry.IsExtended || entry.Id != (int)PciCapabilityId.Msi || entry.Extent < 4) return false;
        int at = entry.Offset;
        ushort control = image.Read16(at + 2);
        bool is64 = (control & 0x80) != 0;
        bool hasMasks = (control & 0x100) != 0;
        if (entry.Extent < LengthOf(is64, hasMasks)) return false;
        ulong upper = is64 ? image.Read32(at + 8) : 0;
        int data = is64 ? 0xC : 8;
        capability = new MsiCapability(
            at,
            (control & 1) != 0,
            Vectors((control >> 1) & 7),
            Vectors((control >> 4) & 7),
            is64,
            hasMasks,
            (upper << 32) | image.Read32(at + 4),
            image.Read16(at + data),
            hasMasks ? image.Read32(at + data + 4) : 0,
            hasMasks ? image.Read32(at + data + 8) : 0);
        return true;
    }

    private static int Vectors(int exponent) => exponent <= LargestVectorExponent ? 1 << exponent : 0;

    private static int LengthOf(bool is64, bool hasMasks) => 10 + (is64 ? 4 : 0) + (hasMasks ? 10 : 0);
}
