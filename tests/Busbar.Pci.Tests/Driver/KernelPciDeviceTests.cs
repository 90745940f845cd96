// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using Busbar.Linux;
using Busbar.Memory;
using Xunit;

namespace Busbar.Pci.Tests;

/// <summary>What the kernel's ways to a device do with a function that was reset, or is gone.</summary>
public sealed class KernelPciDeviceTests : IDisposable
{
    private const uint Edu = 0x1234_11E8;
    private const int Master = 4;
    private const int Memory = 2;

    private readonly FakeSysfs _fake = new();

    public void Dispose() => _fake.Dispose();

    [Fact]
    public void Restore_BehindAReset_PutsBitsBackAndAsksForMessages()
    {
        byte[] config = ConfigBuilder.NetworkCard().With16(4, 0).Bytes;
        using var device = new ScriptedKernelDevice(config);
        using SharedRegion window = device.MapBar(0, RegionAccess.Mmio);
        device.SetBusMaster(true);
        Assert.False(device.TryRestore());

        config[4] = 0;

        Assert.True(device.TryRestore());
        Assert.Equal(Memory | Master, config[4]);
        Assert.Equal([false, true], device.Restored);
    }

    [Fact]
    public void Recover_AfterAnError_ResetsAndPutsBackWhatTheResetTook()
    {
        byte[] config = ConfigBuilder.NetworkCard().With16(4, 0).Bytes;
        using var device = new ScriptedKernelDevice(config);
        using SharedRegion window = device.MapBar(0, RegionAccess.Mmio);
        device.SetBusMaster(true);
        Assert.True(device.TryRecover());

        device.IsFailed = true;
        Assert.False(device.TryRecover(), "it cannot be reset");
        device.OnReset = () => throw new LinuxException(Errno.EAGAIN, "VFIO_DEVICE_RESET", "the kernel recovers it");
        Assert.False(device.TryRecover(), "not now");
        Assert.Equal(Memory | Master, config[4]);

        // The kernel has reset the bus: what the function's own reset keeps must be right again by then.
        int atReset = 0;
        config[4] = 0;
        device.OnReset = () => (atReset, config[4]) = (config[4], 0);

        Assert.True(device.TryRecover());
        Assert.Equal(Memory | Master, atReset);
        Assert.False(device.HasFailed);
        Assert.Equal(Memory | Master, config[4]);
    }

    [Fact]
    public void Function_ThatAnswersOnlyWhatTheKernelKnows_IsGone()
    {
        byte[] config = ConfigBuilder.NetworkCard().Bytes;
        using var device = new ScriptedKernelDevice(config);
        device.SetBusMaster(true);

        // VFIO goes on telling the identifiers.
        config.AsSpan(4).Fill(byte.MaxValue);
        byte[] gone = [.. config];

        Assert.False(device.TryRestore());
        Assert.Equal(PciDeviceFault.NotFound, Assert.Throws<PciDeviceException>(() => device.MapBar(0, RegionAccess.Mmio)).Fault);
        Assert.Equal(PciDeviceFault.NotFound, Assert.Throws<PciDeviceException>(() => device.SetBusMaster(false)).Fault);
        device.Dispose();
        Assert.Equal(gone, config);
    }

    [Theory]
    [InlineData(Errno.EPERM, "VFIO_DEVICE_BIND_IOMMUFD", 3, PciDeviceFault.GroupNotViable, "0000:00:05.1 is bound to 'e1000e'")]
    [InlineData(Errno.EPERM, "VFIO_DEVICE_BIND_IOMMUFD", 4, PciDeviceFault.NotPermitted, "allow_unsafe_interrupts")]
    [InlineData(Errno.EACCES, "open", 3, PciDeviceFault.NotPermitted, "run as root")]
    [InlineData(Errno.EBUSY, "open", 4, PciDeviceFault.Busy, "in use by another process")]
    [InlineData(Errno.EINVAL, "VFIO_DEVICE_BIND_IOMMUFD", 4, PciDeviceFault.NotSupported, "use its group")]
    [InlineData(Errno.EPERM, "VFIO_SET_IOMMU", 4, PciDeviceFault.NotPermitted, "allow_unsafe_interrupts")]
    [InlineData(Errno.EPERM, "VFIO_SET_IOMMU", 5, PciDeviceFault.NotPermitted, "CAP_SYS_RAWIO")]
    [InlineData(Errno.EPERM, "open", 5, PciDeviceFault.NotPermitted, "CAP_SYS_RAWIO")]
    [InlineData(Errno.EACCES, "open", 5, PciDeviceFault.NotPermitted, "change its owner")]
    [InlineData(Errno.ENOENT, "open", 4, PciDeviceFault.NotSupported, "load the module vfio-pci")]
    public void Refusal_OfTheKernel_NamesCulpritAndRemedy(Errno errno, string call, int group, PciDeviceFault fault, string remedy)
    {
        string address = $"0000:00:0{group + 2}.0";
        _fake.Add(address, Edu, driver: "vfio-pci", group: group).Add("0000:00:05.1", Edu, driver: "e1000e", group: 3);
        if (group == 5) File.WriteAllText(Path.Combine(_fake.Sysfs.Root, "kernel/iommu_groups/5/name"), "vfio-noiommu\n");
        Assert.True(PciAddress.TryParse(address, out PciAddress parsed));

        PciDeviceException refusal = PciDevices.Explain(new LinuxException(errno, call, "failed"), _fake.Sysfs.Find(parsed)!, "/dev/vfio/x", _fake.Sysfs, "iommufd");

        Assert.Equal(fault, refusal.Fault);
        Assert.Contains(remedy, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Uio_ThatHasCountedBefore_ReportsOnlyWhatComes()
    {
        byte[] config = ConfigBuilder.NetworkCard().Bytes;
        _fake.Add("0000:00:04.0", Edu, driver: "uio_pci_generic", config: config);
        Directory.CreateDirectory(Path.Combine(_fake.Folder("0000:00:04.0"), "uio/uio7"));
        string pipe = Path.Combine(_fake.Sysfs.Devices, "uio7");
        using (Process make = Process.Start("mkfifo", pipe)) Assert.True(make.WaitForExit(10_000) && make.ExitCode == 0);
        using FileStream kernel = new(pipe, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
        using IPciDevice device = PciDevices.Open(new PciAddress(0, 0, 4, 0), PciBackend.Sysfs, _fake.Sysfs);
        PciInterrupt interrupt = Assert.Single(device.EnableInterrupts(PciInterruptKind.Intx, 1));
        Assert.Equal(0, interrupt.Drain());

        kernel.Write(BitConverter.GetBytes(58));
        Assert.Equal(1, interrupt.Drain());
        kernel.Write(BitConverter.GetBytes(61));
        Assert.Equal((3, 4), (interrupt.Drain(), interrupt.Count));
    }

    [Fact]
    public void Window_BeyondMapping_IsReachedByReadsAndWrites()
    {
        string path = Path.Combine(_fake.Root, "device");
        File.WriteAllBytes(path, [.. Enumerable.Range(0, 64).Select(i => (byte)i)]);
        using DeviceFile file = DeviceFile.Open(path);
        using var device = new VfioDevice(file.Descriptor.Duplicate(), "file");
        var window = new VfioWindow(device, new VfioRegion(1, 32, 16, IsReadable: true, IsWritable: true, []), start: 8);

        Assert.Equal((0x18ul, 0x1918ul, 0x1B1A1918ul, 0x1F1E1D1C1B1A1918ul), (window.Read(0, 1), window.Read(0, 2), window.Read(0, 4), window.Read(0, 8)));
        window.Write(4, 2, 0xABCD);
        Assert.Equal(0x1F1EABCDul, window.Read(4, 4));
        Assert.Equal([0xCD, 0xAB], File.ReadAllBytes(path)[28..30]);

        // Behind the region's end, and behind the device's life: as where nobody answers.
        Assert.Equal((0xFFul, uint.MaxValue), (window.Read(24, 1), (uint)window.Read(24, 4)));
        window.Write(24, 4, 0);
        device.Dispose();
        Assert.Equal(ulong.MaxValue, window.Read(0, 8));
        window.Write(0, 8, 0);
        Assert.Equal(64, File.ReadAllBytes(path).Length);
    }

    [Fact]
    public void Sysfs_OfAFunctionThatSleeps_SaysSo()
    {
        _fake.Add("0000:00:04.0", Edu, config: ConfigBuilder.NetworkCard().With(0x7C, 0x0B).Bytes);
        File.WriteAllText(Path.Combine(_fake.Folder("0000:00:04.0"), "enable"), "0");

        using IPciDevice device = PciDevices.Open(new PciAddress(0, 0, 4, 0), PciBackend.Sysfs, _fake.Sysfs);

        Assert.Contains("D3hot", Assert.Single(device.Notes), StringComparison.Ordinal);
    }
}
