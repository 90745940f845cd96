// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Busbar.Pci;

namespace Busbar.Cli;

/// <summary>Words for what PCI has numbers for.</summary>
internal static class PciNames
{
    private const ushort RedHat = 0x1AF4;
    private const ushort Ivshmem = 0x1110;
    private const int MmbiClass = 0x0C0C00;

    /// <summary>Devices that Busbar has a driver for: ivshmem, and whatever has the class of MMBI.</summary>
    public static bool IsSupported(ushort vendor, ushort device, int classCode) => (vendor, device) == (RedHat, Ivshmem) || classCode == MmbiClass;

    public static string Kind(ushort vendor, ushort device, int classCode)
    {
        if ((vendor, device) == (RedHat, Ivshmem)) return "ivshmem";
        return (classCode >> 8) switch
        {
            MmbiClass >> 8 => "MMBI",
            0x0101 => "IDE controller",
            0x0106 => "SATA controller",
            0x0108 => "NVMe controller",
            0x0200 => "Ethernet controller",
            0x0300 => "VGA controller",
            0x0500 => "RAM",
            0x0502 => "CXL memory",
            0x0600 => "host bridge",
            0x0601 => "ISA bridge",
            0x0604 => "PCI bridge",
            0x0880 => "system peripheral",
            0x0C03 => "USB controller",
            0x0C05 => "SMBus controller",
            _ => ByClass(classCode >> 16),
        };
    }

    public static string Capability(PciCapability entry) => entry.IsExtended
        ? Name((PciExtendedCapabilityId)entry.Id, $"extended capability 0x{entry.Id:x4}")
        : Name((PciCapabilityId)entry.Id, $"capability 0x{entry.Id:x2}");

    private static string ByClass(int number) => number switch
    {
        0x00 => "unclassified",
        0x01 => "storage",
        0x02 => "network",
        0x03 => "display",
        0x04 => "multimedia",
        0x05 => "memory",
        0x06 => "bridge",
        0x07 => "communication",
        0x08 => "system",
        0x09 => "input",
        0x0C => "serial bus",
        0x12 => "accelerator",
        0xFF => "unassigned class",
        _ => $"class {number:x2}",
    };

    private static string Name<T>(T id, string otherwise)
        where T : struct, Enum
    {
        if (Enum.GetName(id) is not { } name) return otherwise;
        var text = new StringBuilder();
        foreach (char letter in name)
        {
            if (char.IsUpper(letter) && text.Length > 0) text.Append(' ');
            text.Append(char.ToLowerInvariant(letter));
        }

        return text.ToString();
    }
}
