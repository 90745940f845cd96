// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Pci.Tests;

/// <summary>A folder laid out like /sys, for what can be known without a kernel that reacts.</summary>
internal sealed class FakeSysfs : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public FakeSysfs()
    {
        Sysfs = new PciSysfs(Path.Combine(Root, "sys"), Path.Combine(Root, "dev"));
        Directory.CreateDirectory(Path.Combine(Sysfs.Root, "bus/pci/devices"));
        File.WriteAllText(Path.Combine(Sysfs.Root, "bus/pci/drivers_probe"), string.Empty);
        Directory.CreateDirectory(Path.Combine(Sysfs.Devices, "vfio"));
    }

    public string Root => _folder.File(string.Empty);

    public PciSysfs Sysfs { get; }

    public string Memory => Path.Combine(Root, "memory");

    public string Folder(string address) => Path.Combine(Sysfs.Root, "bus/pci/devices", address);

    public string Driver(string name)
    {
        string folder = Path.Combine(Sysfs.Root, "bus/pci/drivers", name);
        Directory.CreateDirectory(folder);
        return folder;
    }

    public void NoIommu(string value) => Write(Path.Combine("sys/module/vfio/parameters"), "enable_unsafe_noiommu_mode", value);

    public FakeSysfs Add(string address, uint ids, int classCode = 0, string? driver = null, int? group = null, byte[]? config = null, string? resource = null)
    {
        string folder = Folder(address);
        Directory.CreateDirectory(folder);
        void Text(string name, string text) => File.WriteAllText(Path.Combine(folder, name), text + "\n");
        Text("vendor", $"0x{ids >> 16:x4}");
        Text("device", $"0x{ids & 0xFFFF:x4}");
        Text("class", $"0x{classCode:x6}");
        Text("revision", "0x01");
        Text("driver_override", "(null)");
        if (resource is not null) Text("resource", resource);
        File.WriteAllBytes(Path.Combine(folder, "config"), config ?? new ConfigBuilder().Bytes);
        if (driver is not null)
        {
            File.WriteAllText(Path.Combine(Driver(driver), "unbind"), string.Empty);
            File.CreateSymbolicLink(Path.Combine(folder, "driver"), Driver(driver));
        }

        if (group is { } number)
        {
            string members = Path.Combine(Sysfs.Root, "kernel/iommu_groups", number.ToString(), "devices");
            Directory.CreateDirectory(members);
            File.CreateSymbolicLink(Path.Combine(members, address), folder);
            File.CreateSymbolicLink(Path.Combine(folder, "iommu_group"), Path.GetDirectoryName(members)!);
        }

        return this;
    }

    public void Dispose() => _folder.Dispose();

    private void Write(string folder, string name, string text)
    {
        Directory.CreateDirectory(Path.Combine(Root, folder));
        File.WriteAllText(Path.Combine(Root, folder, name), text + "\n");
    }
}
