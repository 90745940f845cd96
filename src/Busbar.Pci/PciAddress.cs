// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Busbar.Pci;

/// <summary>Where a PCI function sits: domain, bus, device and function number, as Linux writes it: <c>0000:00:04.0</c>.</summary>
/// <param name="Domain">Domain (segment), 0 to 0xFFFFFFFF; virtual domains have more than 16 bits.</param>
/// <param name="Bus">Bus number.</param>
/// <param name="Device">Device number, 0 to 31.</param>
/// <param name="Function">Function number, 0 to 7.</param>
public readonly record struct PciAddress(uint Domain, byte Bus, byte Device, byte Function)
{
    private const int LargestDevice = 31;
    private const int LargestFunction = 7;

    /// <summary>Reads an address with or without its domain: <c>0000:00:04.0</c> or <c>00:04.0</c>. Hexadecimal, as everywhere in PCI.</summary>
    /// <param name="text">The text.</param>
    /// <param name="address">The address.</param>
    public static bool TryParse([NotNullWhen(true)] string? text, out PciAddress address)
    {
        address = default;
        if (text is null) return false;
        string[] parts = text.Split(':');
        string[] last = parts[^1].Split('.');
        if (parts.Length is not (2 or 3) || last.Length != 2) return false;
        uint domain = 0;
        if (parts.Length == 3 && !TryParseHex(parts[0], 4, 8, uint.MaxValue, out domain)) return false;
        if (!TryParseHex(parts[^2], 2, 2, byte.MaxValue, out uint bus)) return false;
        if (!TryParseHex(last[0], 2, 2, LargestDevice, out uint device)) return false;
        if (!TryParseHex(last[1], 1, 1, LargestFunction, out uint function)) return false;
        address = new PciAddress(domain, (byte)bus, (byte)device, (byte)function);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Domain:x4}:{Bus:x2}:{Device:x2}.{Function:x}");

    private static bool TryParseHex(string text, int shortest, int longest, uint largest, out uint value)
    {
        value = 0;
        return text.Length >= shortest && text.Length <= longest
            && uint.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value) && value <= largest;
    }
}
