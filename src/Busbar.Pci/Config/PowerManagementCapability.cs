// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics.CodeAnalysis;

namespace Busbar.Pci;

/// <summary>Power management (PCI Bus Power Management Interface 1.2, 3.2).</summary>
/// <param name="Offset">Its first byte in configuration space.</param>
/// <param name="Version">Version of the structure, 0 to 7.</param>
/// <param name="State">Power state in force: 0 for D0, which alone lets registers be used, to 3 for D3hot.</param>
/// <param name="KeepsState">True when going from D3hot to D0 resets nothing.</param>
public sealed record PowerManagementCapability(int Offset, int Version, int State, bool KeepsState)
{
    private const int Size = 6;

    /// <summary>The power state in words: D0 to D2, D3hot.</summary>
    public string StateName => State == 3 ? "D3hot" : $"D{State}";

    /// <summary>Decodes a capability with identifier 0x01.</summary>
    /// <param name="image">The image.</param>
    /// <param name="entry">Where it is.</param>
    /// <param name="capability">What stands there.</param>
    /// <returns>False for another capability, or one that does not fit where it stands.</returns>
    public static bool TryRead(PciConfigImage image, PciCapability entry, [NotNullWhen(true)] out PowerManagementCapability? capability)
    {
        capability = null;
        if (entry.IsExtended || entry.Id != (int)PciCapabilityId.PowerManagement || entry.Extent < Size) return false;
        ushort control = image.Read16(entry.Offset + 4);
        capability = new PowerManagementCapability(entry.Offset, image.Read16(entry.Offset + 2) & 7, control & 3, (control & 8) != 0);
        return true;
    }
}
