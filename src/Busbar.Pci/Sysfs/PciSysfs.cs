// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using Busbar.Linux;

namespace Busbar.Pci;

/// <summary>
/// What the kernel tells of PCI in sysfs. Each call looks anew; a device can vanish at any time. Any thread.
/// </summary>
/// <param name="root">Folder laid out like /sys.</param>
/// <param name="devices">Folder laid out like /dev.</param>
public sealed class PciSysfs(string root = "/sys", string devices = "/dev")
{
    private const ulong ResourceIo = 0x100;
    private const ulong ResourceMemory = 0x200;
    private const ulong ResourcePrefetchable = 0x2000;
    private const ulong ResourceMemory64 = 0x10_0000;
    private const ulong ResourceUnset = 0x2000_0000;
    private const ulong ResourceDisabled = 0x1000_0000;
    private const int WindowCount = 7;
    private const string NoIommuParameter = "module/vfio/parameters/enable_unsafe_noiommu_mode";

    /// <summary>That of the running system.</summary>
    public static PciSysfs System { get; } = new();

    /// <summary>Folder laid out like /sys.</summary>
    public string Root => root;

    /// <summary>Folder laid out like /dev.</summary>
    public string Devices => devices;

    /// <summary>The file that switches the mode without IOMMU.</summary>
    public string NoIommuFile => Path.Combine(root, NoIommuParameter);

    /// <summary>Whether VFIO lets devices be used without an IOMMU.</summary>
    public NoIommuMode NoIommu => AttributeFile.TryRead(NoIommuFile) switch
    {
        null => NoIommuMode.Missing,
        "Y" or "1" => NoIommuMode.On,
        _ => NoIommuMode.Off,
    };

    /// <summary>All functions in the order of their addresses. Empty when there is no PCI.</summary>
    public IReadOnlyList<PciSysfsDevice> List()
    {
        string folder = Path.Combine(root, "bus/pci/devices");
        if (!Directory.Exists(folder)) return [];
        IEnumerable<PciAddress> addresses =
            from path in Directory.EnumerateFileSystemEntries(folder)
            let name = Path.GetFileName(path)
            let address = PciAddress.TryParse(name, out PciAddress parsed) ? parsed : (PciAddress?)null
            where address is not null
            orderby address.Value.Domain, address.Value.Bus, address.Value.Device, address.Value.Function
            select address.Value;
        return [.. addresses.Select(Find).OfType<PciSysfsDevice>()];
    }

    /// <summary>One function; null when there is none at the address.</summary>
    /// <param name="address">The address.</param>
    public PciSysfsDevice? Find(PciAddress address)
    {
        string folder = Path.Combine(root, "bus/pci/devices", address.ToString());
        if (ReadNumber(folder, "vendor") is not { } vendor || ReadNumber(folder, "device") is not { } device) return null;
        string? group = LinkName(folder, "iommu_group");
        string? only = AttributeFile.TryRead(Path.Combine(folder, "driver_override"));
        return new PciSysfsDevice
        {
            Address = address,
            Folder = folder,
            VendorId = (ushort)vendor,
            DeviceId = (ushort)device,
            SubsystemVendorId = (ushort)(ReadNumber(folder, "subsystem_vendor") ?? 0),
            SubsystemId = (ushort)(ReadNumber(folder, "subsystem_device") ?? 0),
            ClassCode = (int)((ReadNumber(folder, "class") ?? 0) & 0xFF_FFFF),
            Revision = (byte)(ReadNumber(folder, "revision") ?? 0),
            Driver = LinkName(folder, "driver"),
            DriverOverride = only is null or "" or "(null)" ? null : only,
            IommuGroup = int.TryParse(group, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null,
            IsNoIommuGroup = AttributeFile.TryRead(Path.Combine(folder, "iommu_group/name")) == "vfio-noiommu",
            Resources = ParseResources(AttributeFile.TryRead(Path.Combine(folder, "resource")) ?? string.Empty),
            VfioFile = FirstEntry(folder, "vfio-dev"),
            UioFile = FirstEntry(folder, "uio"),
            CanReset = File.Exists(Path.Combine(folder, "reset")),
            ActiveNetworks = ActiveNetworks(folder),
        };
    }

    /// <summary>The functions of an IOMMU group.</summary>
    /// <param name="group">Its number.</param>
    public IReadOnlyList<PciSysfsDevice> InGroup(int group)
    {
        string folder = Path.Combine(root, "kernel/iommu_groups", group.ToString(CultureInfo.InvariantCulture), "devices");
        if (!Directory.Exists(folder)) return [];
        IEnumerable<PciSysfsDevice?> members =
            from path in Directory.EnumerateFileSystemEntries(folder).Order(StringComparer.Ordinal)
            select PciAddress.TryParse(Path.GetFileName(path), out PciAddress address) ? Find(address) : null;
        return [.. members.OfType<PciSysfsDevice>()];
    }

    /// <summary>The functions of a group that keep it from being used: those in the hands of an ordinary driver.</summary>
    /// <param name="group">Its number.</param>
    /// <remarks>Bridges' drivers and pci-stub do no DMA of their own and disturb nobody (the kernel calls that driver_managed_dma).</remarks>
    public IReadOnlyList<PciSysfsDevice> Culprits(int group) =>
        [.. InGroup(group).Where(member => member.Driver is not (null or "pcieport" or "shpchp" or "pci-stub") && !member.IsOnVfio)];

    /// <summary>Tells whether the kernel has a PCI driver.</summary>
    /// <param name="driver">Its name.</param>
    public bool HasDriver(string driver) => Directory.Exists(Path.Combine(root, "bus/pci/drivers", driver));

    /// <summary>Reads the file <c>resource</c>: a line of three numbers (first, last, flags) for each window. Lines that make no sense are left out.</summary>
    internal static IReadOnlyList<PciResource> ParseResources(string text)
    {
        var found = new List<PciResource>();
        string[] lines = text.Split('\n');
        for (int index = 0; index < Math.Min(lines.Length, WindowCount); index++)
        {
            string[] words = lines[index].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words.Length != 3 || ParseNumber(words[0]) is not { } first || ParseNumber(words[1]) is not { } last || ParseNumber(words[2]) is not { } flags)
            {
                continue;
            }

            if ((flags & (ResourceIo | ResourceMemory)) == 0 || last < first || last - first >= long.MaxValue) continue;
            found.Add(new PciResource(
                index,
                first,
                (long)(last - first) + 1,
                (flags & ResourceIo) != 0,
                (flags & ResourceMemory64) != 0,
                (flags & ResourcePrefetchable) != 0,
                (flags & (ResourceUnset | ResourceDisabled)) == 0 && first != 0));
        }

        return found;
    }

    private static ulong? ReadNumber(string folder, string name) =>
        AttributeFile.TryRead(Path.Combine(folder, name)) is { } text ? ParseNumber(text) : null;

    private static ulong? ParseNumber(string text) =>
        text.StartsWith("0x", StringComparison.Ordinal)
        && ulong.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong value) ? value : null;

    private static string? LinkName(string folder, string name) =>
        new FileInfo(Path.Combine(folder, name)).LinkTarget is { } target ? Path.GetFileName(target.TrimEnd('/')) : null;

    private static string? FirstEntry(string folder, string name)
    {
        string path = Path.Combine(folder, name);
        return Directory.Exists(path) ? Directory.EnumerateFileSystemEntries(path).Select(Path.GetFileName).Order(StringComparer.Ordinal).FirstOrDefault() : null;
    }

    private static IReadOnlyList<string> ActiveNetworks(string folder)
    {
        string path = Path.Combine(folder, "net");
        if (!Directory.Exists(path)) return [];
        return
        [
            .. from entry in Directory.EnumerateFileSystemEntries(path).Order(StringComparer.Ordinal)
               where AttributeFile.TryRead(Path.Combine(entry, "operstate")) is "up" or "unknown"
               select Path.GetFileName(entry),
        ];
    }
}
