// SPDX-License-Identifier: Apache-2.0
using Xunit;

namespace Busbar.Pci.Tests;

/// <summary>Binding where it is refused; where it works, a guest's kernel is needed.</summary>
public sealed class PciBinderTests : IDisposable
{
    private const uint Edu = 0x1234_11E8;

    private readonly FakeSysfs _fake = new();
    private readonly PciAddress _address = new(0, 0, 4, 0);

    public void Dispose() => _fake.Dispose();

    [Fact]
    public void Bind_WithoutTheDriver_SaysHowToLoadIt()
    {
        _fake.Add("0000:00:04.0", Edu, group: 1);

        PciDeviceException refusal = Refuse();

        Assert.Equal(PciDeviceFault.NotSupported, refusal.Fault);
        Assert.Contains("modprobe vfio-pci", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "no mode without one")]
    [InlineData("N", "--no-iommu")]
    public void Bind_WithoutAnIommu_SaysWhatToDo(string? mode, string remedy)
    {
        _fake.Driver("vfio-pci");
        _fake.Add("0000:00:04.0", Edu);
        if (mode is not null) _fake.NoIommu(mode);

        PciDeviceException refusal = Refuse();

        Assert.Equal(PciDeviceFault.NoIommu, refusal.Fault);
        Assert.Contains(remedy, refusal.Message, StringComparison.Ordinal);
        Assert.Contains("intel_iommu=on", refusal.Message, StringComparison.Ordinal);
        Assert.NotEqual(NoIommuMode.On, _fake.Sysfs.NoIommu);
    }

    [Fact]
    public void Bind_ThatTheDriverDoesNotTake_LeavesNoOverride()
    {
        _fake.Driver("vfio-pci");
        _fake.Add("0000:00:04.0", Edu, group: 1);

        Assert.Equal(PciDeviceFault.Failed, Refuse().Fault);
        Assert.StartsWith("\n", File.ReadAllText(Path.Combine(_fake.Folder("0000:00:04.0"), "driver_override")), StringComparison.Ordinal);
        Assert.False(Directory.Exists(_fake.Memory));
    }

    [Fact]
    public void Bind_OfAnActiveNetworkOrADisk_WantsForce()
    {
        _fake.Driver("vfio-pci");
        _fake.Add("0000:00:04.0", Edu, 0x020000, "e1000e", 1).Add("0000:00:05.0", Edu, 0x010802, "nvme", 2);
        Directory.CreateDirectory(Path.Combine(_fake.Folder("0000:00:04.0"), "net/eth7"));
        File.WriteAllText(Path.Combine(_fake.Folder("0000:00:04.0"), "net/eth7/operstate"), "up\n");

        Assert.Contains("eth7", Refuse().Message, StringComparison.Ordinal);
        Assert.Equal(PciDeviceFault.Busy, Assert.Throws<PciDeviceException>(() => Binder().Bind(new PciAddress(0, 0, 5, 0))).Fault);
        Assert.Equal(string.Empty, File.ReadAllText(Path.Combine(_fake.Driver("e1000e"), "unbind")));
    }

    [Fact]
    public void Bind_OfWhatIsBound_ChangesNothingAndNamesTheCulprit()
    {
        _fake.Add("0000:00:04.0", Edu, driver: "vfio-pci", group: 3).Add("0000:00:04.1", Edu, driver: "e1000e", group: 3);

        PciBindResult result = Binder().Bind(_address);

        Assert.Equal(("vfio-pci", "vfio-pci"), (result.Former, result.Driver));
        Assert.Contains("0000:00:04.1", Assert.Single(result.Notes), StringComparison.Ordinal);
        Assert.Equal(string.Empty, File.ReadAllText(Path.Combine(_fake.Driver("vfio-pci"), "unbind")));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("uio_pci_generic")]
    public void Bind_OfWhatAProcessHasThroughSysfs_IsRefused(string? driver)
    {
        _fake.Driver("vfio-pci");
        _fake.Add("0000:00:04.0", Edu, driver: driver, group: 1);
        using (IPciDevice user = PciDevices.Open(_address, PciBackend.Sysfs, _fake.Sysfs))
        {
            Assert.Equal(PciDeviceFault.Busy, Refuse().Fault);
            if (driver is not null) Assert.Equal(PciDeviceFault.Busy, Assert.Throws<PciDeviceException>(() => Binder().Unbind(_address)).Fault);
        }

        // Nobody has it any more: now only the driver refuses, which here is a folder.
        Assert.Equal(PciDeviceFault.Failed, Refuse().Fault);
    }

    [Fact]
    public void Unbind_FromAnOrdinaryDriver_IsRefused()
    {
        _fake.Add("0000:00:04.0", Edu, driver: "e1000e");

        Assert.Equal(PciDeviceFault.WrongDriver, Assert.Throws<PciDeviceException>(() => Binder().Unbind(_address)).Fault);
        Assert.Equal(string.Empty, File.ReadAllText(Path.Combine(_fake.Driver("e1000e"), "unbind")));
    }

    [Theory]
    [InlineData("e1000e", true)]
    [InlineData("../../../etc", false)]
    [InlineData("", false)]
    public void Unbind_WithAFormerDriverNoted_AsksThatOneOnly(string noted, bool isAsked)
    {
        string bind = Path.Combine(_fake.Driver("e1000e"), "bind");
        File.WriteAllText(bind, string.Empty);
        _fake.Add("0000:00:04.0", Edu, driver: "vfio-pci", group: 3);
        Directory.CreateDirectory(_fake.Memory);
        File.WriteAllText(Path.Combine(_fake.Memory, "0000:00:04.0"), noted + "\n");

        Binder().Unbind(_address);

        Assert.Equal("0000:00:04.0", File.ReadAllText(Path.Combine(_fake.Driver("vfio-pci"), "unbind")));
        Assert.Equal(isAsked ? "0000:00:04.0" : string.Empty, File.ReadAllText(bind));
        Assert.Equal(isAsked ? string.Empty : "0000:00:04.0", File.ReadAllText(Path.Combine(_fake.Sysfs.Root, "bus/pci/drivers_probe")));
        Assert.False(File.Exists(Path.Combine(_fake.Memory, "0000:00:04.0")));
    }

    private PciBinder Binder() => new(_fake.Sysfs, _fake.Memory);

    private PciDeviceException Refuse() => Assert.Throws<PciDeviceException>(() => Binder().Bind(_address));
}
