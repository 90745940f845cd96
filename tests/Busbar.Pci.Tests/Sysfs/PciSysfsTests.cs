// SPDX-License-Identifier: Apache-2.0
using Xunit;

namespace Busbar.Pci.Tests;

/// <summary>What sysfs says of functions, and refusals that name culprit and remedy.</summary>
public sealed class PciSysfsTests : IDisposable
{
    private const uint Ivshmem = 0x1AF4_1110;
    private const uint Edu = 0x1234_11E8;

    private readonly FakeSysfs _fake = new();

    public void Dispose() => _fake.Dispose();

    [Fact]
    public void List_OfFunctions_IsInOrderAndComplete()
    {
        _fake.Add("0000:01:00.0", Edu).Add("0000:00:1f.3", Ivshmem, 0x050000, "vfio-pci", 7).Add("0000:00:02.0", Edu, driver: "e1000e");
        Directory.CreateDirectory(_fake.Folder("nonsense"));

        IReadOnlyList<PciSysfsDevice> found = _fake.Sysfs.List();

        Assert.Equal(["0000:00:02.0", "0000:00:1f.3", "0000:01:00.0"], found.Select(device => device.Address.ToString()));
        Assert.Equal(("1af4:1110", 0x050000, "vfio-pci", 7, true), (found[1].Ids, found[1].ClassCode, found[1].Driver, found[1].IommuGroup, found[1].IsOnVfio));
        Assert.Equal(("e1000e", null, false), (found[0].Driver, found[0].IommuGroup, found[0].IsOnVfio));
        Assert.Null(found[1].DriverOverride);
    }

    [Fact]
    public void List_WithoutPci_IsEmpty() => Assert.Empty(new PciSysfs(_fake.Root).List());

    [Fact]
    public void Find_OfAFolderWithGarbage_IsNothing()
    {
        Directory.CreateDirectory(_fake.Folder("0000:00:05.0"));
        File.WriteAllText(Path.Combine(_fake.Folder("0000:00:05.0"), "vendor"), "seven");

        Assert.Null(_fake.Sysfs.Find(new PciAddress(0, 0, 5, 0)));
    }

    [Fact]
    public void Resources_OfEachKind_AreRead()
    {
        const string Text = """
            0x00000000feb00000 0x00000000feb000ff 0x0000000000040200
            0x0000000000000000 0x0000000000000000 0x0000000000000000
            0x0000000800000000 0x00000008000fffff 0x000000000014220c
            0x0000000000000000 0x0000000000000000 0x0000000000000000
            0x000000000000c040 0x000000000000c05f 0x0000000000040101
            0x0000000000000000 0x0000000000000fff 0x0000000020040200
            rubbish
            0x0000000000000000 0x0000000000000fff 0x0000000000040200
            """;

        IReadOnlyList<PciResource> found = PciSysfs.ParseResources(Text);

        Assert.Equal(
            [
                new PciResource(0, 0xFEB0_0000, 256, false, false, false, true),
                new PciResource(2, 0x8_0000_0000, 1 << 20, false, true, true, true),
                new PciResource(4, 0xC040, 32, true, false, false, true),
                new PciResource(5, 0, 4096, false, false, false, false),
            ],
            found);
    }

    [Theory]
    [InlineData("0x0 0xffffffffffffffff 0x200")]
    [InlineData("0x2 0x1 0x200")]
    [InlineData("1 2 3")]
    [InlineData("0x1 0x2")]
    public void Resources_ThatCannotBe_AreLeftOut(string line) => Assert.Empty(PciSysfs.ParseResources(line));

    [Theory]
    [InlineData("Y", NoIommuMode.On)]
    [InlineData("N", NoIommuMode.Off)]
    public void NoIommu_BySwitch_IsKnown(string value, NoIommuMode mode)
    {
        Assert.Equal(NoIommuMode.Missing, _fake.Sysfs.NoIommu);
        _fake.NoIommu(value);
        Assert.Equal(mode, _fake.Sysfs.NoIommu);
    }

    [Fact]
    public void Config_OfAFunction_IsReadAndWritten()
    {
        _fake.Add("0000:00:04.0", Edu, config: ConfigBuilder.NetworkCard().Bytes);
        using SysfsConfigSpace config = SysfsConfigSpace.Open(_fake.Sysfs.Find(new PciAddress(0, 0, 4, 0))!, readOnly: false);

        config.Write16(0x04, 0x0007);

        Assert.Equal((4096, 0x1AF4, 0x1041_1AF4U, 0x0010_0007U), (config.Length, config.Read16(0), config.Read32(0), config.Read32(4)));
        Assert.Throws<ArgumentOutOfRangeException>(() => config.Read32(4094));
        Assert.Throws<ArgumentOutOfRangeException>(() => config.Read16(1));
        Assert.Throws<ArgumentOutOfRangeException>(() => config.Read8(-1));
    }

    [Fact]
    public void Config_OfTooFewBytes_IsRefused()
    {
        _fake.Add("0000:00:04.0", Edu, config: new byte[12]);

        PciDeviceException refusal = Assert.Throws<PciDeviceException>(() => SysfsConfigSpace.Open(_fake.Sysfs.Find(new PciAddress(0, 0, 4, 0))!, readOnly: true));

        Assert.Contains("12 readable bytes", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_OfADriverlessFunction_GivesBarsWithoutInterrupts()
    {
        _fake.Add("0000:00:04.0", Edu, config: new ConfigBuilder().With32(0, Edu).Bytes, resource: "0x00000000feb00040 0x00000000feb0013f 0x0000000000040200");
        byte[] window = new byte[4096];
        window[0x44] = 0xAB;
        File.WriteAllBytes(Path.Combine(_fake.Folder("0000:00:04.0"), "resource0"), window);
        using IPciDevice device = Open();

        Memory.SharedRegion region = device.MapBar(0, Memory.RegionAccess.Mmio);

        Assert.Equal(("sysfs", false, false), (device.Backend, device.CanDma, device.CanReset));
        Assert.Equal((256, 0xAB), (region.Length, region.Read8(4)));
        Assert.Equal(2, device.Config.Read16(4) & 2);
        Assert.All(Enum.GetValues<PciInterruptKind>(), kind => Assert.Equal(0, device.GetInterruptCount(kind)));
        Assert.Equal(PciDeviceFault.NotSupported, Assert.Throws<PciDeviceException>(() => device.AllocateDma(1)).Fault);
        Assert.Equal(PciDeviceFault.Unsuitable, Assert.Throws<PciDeviceException>(() => device.MapBar(1, Memory.RegionAccess.Mmio)).Fault);
        Assert.Equal(PciDeviceFault.Unsuitable, Assert.Throws<PciDeviceException>(() => device.MapBar(0, Memory.RegionAccess.Mmio, 0, 257)).Fault);
        Assert.Equal(PciDeviceFault.Unsuitable, Assert.Throws<PciDeviceException>(() => device.EnableInterrupts(PciInterruptKind.Msix, 1)).Fault);
        device.Dispose();
        Assert.Throws<ObjectDisposedException>(() => region.Read8(4));
    }

    [Theory]
    [InlineData(true, 0)]
    [InlineData(false, 1)]
    public void Open_OfAFunctionThatTheKernelDoesNotSwitchOn_SaysSo(bool canEnable, int notes)
    {
        _fake.Add("0000:00:04.0", Edu);
        string enable = Path.Combine(_fake.Folder("0000:00:04.0"), "enable");
        if (canEnable) File.WriteAllText(enable, "0\n");
        using IPciDevice device = Open();

        Assert.Equal(notes, device.Notes.Count);
        Assert.All(device.Notes, note => Assert.Contains(enable, note, StringComparison.Ordinal));
    }

    [Fact]
    public void Open_OfAFunctionInUse_IsRefused()
    {
        _fake.Add("0000:00:04.0", Edu);
        using IPciDevice first = Open();

        Assert.Equal(PciDeviceFault.Busy, Assert.Throws<PciDeviceException>(Open).Fault);
    }

    [Fact]
    public void Open_WithoutAFunction_SaysHowToFindOne()
    {
        PciDeviceException refusal = Assert.Throws<PciDeviceException>(Open);

        Assert.Equal(PciDeviceFault.NotFound, refusal.Fault);
        Assert.Contains("busbar pci list", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("e1000e", PciBackend.Automatic, "busbar pci bind 0000:00:04.0")]
    [InlineData(null, PciBackend.Vfio, "busbar pci bind 0000:00:04.0")]
    [InlineData(null, PciBackend.Iommufd, "busbar pci bind 0000:00:04.0")]
    [InlineData("vfio-pci", PciBackend.Sysfs, "busbar pci unbind 0000:00:04.0")]
    public void Open_UnderTheWrongDriver_SaysWhatToDo(string? driver, PciBackend backend, string remedy)
    {
        _fake.Add("0000:00:04.0", Edu, driver: driver);

        PciDeviceException refusal = Assert.Throws<PciDeviceException>(() => PciDevices.Open(new PciAddress(0, 0, 4, 0), backend, _fake.Sysfs));

        Assert.Equal(PciDeviceFault.WrongDriver, refusal.Fault);
        Assert.Contains(remedy, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_WithoutVfioFiles_SaysWhatIsMissing()
    {
        _fake.Add("0000:00:04.0", Edu, driver: "vfio-pci", group: 3);

        PciDeviceException refusal = Assert.Throws<PciDeviceException>(Open);

        Assert.Equal(PciDeviceFault.NotSupported, refusal.Fault);
        Assert.Contains("vfio/3", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_OfAFileThatIsNoVfioGroup_IsRefused()
    {
        _fake.Add("0000:00:04.0", Edu, driver: "vfio-pci", group: 3);
        File.WriteAllText(Path.Combine(_fake.Sysfs.Devices, "vfio/3"), "not a device");

        Assert.Equal(PciDeviceFault.NotSupported, Assert.Throws<PciDeviceException>(Open).Fault);
    }

    [Fact]
    public void Open_WhenNeitherWayWorks_NamesBothReasons()
    {
        _fake.Add("0000:00:04.0", Edu, driver: "vfio-pci", group: 3);
        Directory.CreateDirectory(Path.Combine(_fake.Folder("0000:00:04.0"), "vfio-dev", "vfio7"));
        Directory.CreateDirectory(Path.Combine(_fake.Sysfs.Devices, "vfio/devices"));
        File.WriteAllText(Path.Combine(_fake.Sysfs.Devices, "vfio/devices/vfio7"), "not a device");
        File.WriteAllText(Path.Combine(_fake.Sysfs.Devices, "iommu"), "not a device");

        PciDeviceException refusal = Assert.Throws<PciDeviceException>(Open);

        Assert.Contains("vfio/3", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("iommufd refused", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("IOMMU_IOAS_ALLOC", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Culprits_OfAGroup_AreThoseInOrdinaryHands()
    {
        _fake.Add("0000:00:04.0", Edu, driver: "vfio-pci", group: 3).Add("0000:00:04.1", Edu, driver: "e1000e", group: 3)
            .Add("0000:00:04.2", Edu, driver: "pcieport", group: 3).Add("0000:00:04.3", Edu, group: 3).Add("0000:00:05.0", Edu, driver: "e1000e", group: 4);

        Assert.Equal(["0000:00:04.1"], _fake.Sysfs.Culprits(3).Select(device => device.Address.ToString()));
    }

    private IPciDevice Open() => PciDevices.Open(new PciAddress(0, 0, 4, 0), PciBackend.Automatic, _fake.Sysfs);
}
