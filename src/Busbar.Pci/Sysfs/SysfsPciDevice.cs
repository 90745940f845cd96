// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using Busbar.Linux;
using Busbar.Memory;

namespace Busbar.Pci;

/// <summary>A function through the files of sysfs: registers and memory, no DMA, and interrupts only with uio_pci_generic and INTx; otherwise its user polls.</summary>
internal sealed class SysfsPciDevice : KernelPciDevice
{
    private const int IntxDisableUpper = (int)PciCommands.IntxDisable >> 8;

    private readonly PciSysfsDevice _device;
    private readonly SysfsConfigSpace _config;
    private readonly string? _uioPath;
    private readonly bool _enabled;
    private DeviceFile? _uio;

    private SysfsPciDevice(PciSysfs sysfs, PciSysfsDevice device, SysfsConfigSpace config)
    {
        _device = device;
        _config = config;
        _uioPath = device.UioFile is null ? null : Path.Combine(sysfs.Devices, device.UioFile);

        // Wakes the function and switches its windows on. A driver has done that already, and the kernel then says EBUSY.
        if (device.Driver is not null) return;
        string path = Path.Combine(device.Folder, "enable");
        Errno errno = AttributeFile.TryWrite(path, "1");
        _enabled = errno == Errno.None;

        // Its registers may still answer: firmware has switched most functions on.
        if (!_enabled) Note($"the kernel did not switch it on ({errno} on {path}): its windows may not answer");
        if (PowerState() is { State: > 0 } power) Note($"it is in power state {power.StateName}: its windows do not answer");
    }

    public override string Name => _device.Address.ToString();

    public override string Backend => _uioPath is null ? "sysfs" : "sysfs-uio";

    public override IPciConfigSpace Config => _config;

    public override bool CanDma => false;

    public override bool CanReset => _device.CanReset;

    public static SysfsPciDevice Open(PciSysfs sysfs, PciSysfsDevice device)
    {
        SysfsConfigSpace config = SysfsConfigSpace.Open(device, readOnly: false);
        if (config.TryLock()) return new SysfsPciDevice(sysfs, device, config);
        config.Dispose();
        throw new PciDeviceException(PciDeviceFault.Busy, $"{device.Address} is in use by another process: end that one first");
    }

    public override int GetInterruptCount(PciInterruptKind kind) =>
        kind == PciInterruptKind.Intx && _uioPath is not null && _config.Read8(PciConfigRegisters.InterruptPin) is >= 1 and <= 4 ? 1 : 0;

    public override void DisableInterrupts()
    {
        if (_uio is null) return;
        Mask(true);
        _uio.Dispose();
        _uio = null;
    }

    public override DmaMemory AllocateDma(int length) => throw new PciDeviceException(
        PciDeviceFault.NotSupported, $"sysfs gives {Name} no memory of its own choice: bind it to VFIO behind an IOMMU ('busbar pci bind {Name}')");

    protected override PciBar DescribeBar(int index)
    {
        PciResource? resource = _device.Resources.FirstOrDefault(known => known.Index == index);
        if (resource is null) return new PciBar(index, 0, IsIo: false, Is64Bit: false, IsPrefetchable: false, IsMappable: false);
        bool hasFile = File.Exists(ResourceFile(index));
        return new PciBar(
            index, resource.Length, resource.IsIo, resource.Is64Bit, resource.IsPrefetchable, !resource.IsIo && resource.IsAssigned && hasFile);
    }

    protected override SharedRegion MapWindow(PciBar bar, RegionAccess access, long offset, int length)
    {
        if (!bar.IsMappable) throw new PciDeviceException(PciDeviceFault.Unsuitable, $"BAR {bar.Index} of {Name} cannot be mapped: the kernel gave it no address");

        // The kernel maps whole pages; a small window may start in the middle of one.
        ulong start = _device.Resources.First(known => known.Index == bar.Index).Start;
        int skip = (int)(start % (ulong)Environment.SystemPageSize);
        using DeviceFile file = DeviceFile.Open(ResourceFile(bar.Index));
        return file.Map(offset, skip, length, access);
    }

    protected override IReadOnlyList<PciInterrupt> Arm(PciInterruptKind kind, int count)
    {
        DeviceFile uio = DeviceFile.Open(_uioPath!, readOnly: true);
        _uio = uio;

        // The kernel reports all interrupts since the driver took the function, but only once there is one more than when we opened.
        int? seen = null;
        Mask(false);
        return
        [
            new PciInterrupt(
                0,
                uio.Descriptor,
                () =>
                {
                    if (!uio.TryReadCounter(out int now)) return 0;
                    long arrived = seen is { } before ? unchecked((uint)(now - before)) : 1;
                    seen = now;
                    return arrived;
                },
                () => Mask(false)),
        ];
    }

    protected override void ResetFunction()
    {
        string path = Path.Combine(_device.Folder, "reset");
        Errno errno = AttributeFile.TryWrite(path, "1");
        if (errno != Errno.None) throw new LinuxException(errno, "write", $"Writing '{path}' failed");
    }

    protected override void Close()
    {
        if (_enabled) AttributeFile.TryWrite(Path.Combine(_device.Folder, "enable"), "0");
        _config.Dispose();
    }

    private PowerManagementCapability? PowerState()
    {
        try
        {
            PciConfigImage image = PciConfigImage.Read(_config, PciConfigRegisters.ConventionalLength);
            return PciCapabilityLists.Walk(image).Find(PciCapabilityId.PowerManagement) is { } found
                && PowerManagementCapability.TryRead(image, found, out PowerManagementCapability? power) ? power : null;
        }
        catch (PciDeviceException)
        {
            // Whoever maps a window hears why.
            return null;
        }
    }

    private string ResourceFile(int index) => Path.Combine(_device.Folder, "resource" + index.ToString(CultureInfo.InvariantCulture));

    // uio_pci_generic sets this bit at each interrupt; its user clears it when the next one may come. The upper byte alone: others change the lower one.
    private void Mask(bool masked)
    {
        try
        {
            byte upper = _config.Read8(PciConfigRegisters.Command + 1);
            byte wanted = (byte)(masked ? upper | IntxDisableUpper : upper & ~IntxDisableUpper);
            if (wanted != upper && upper != byte.MaxValue) _config.Write8(PciConfigRegisters.Command + 1, wanted);
        }
        catch (Exception failure) when (failure is PciDeviceException or ObjectDisposedException)
        {
            // The device has gone or was closed: no interrupt will come, and whoever uses it finds out by its registers.
        }
    }
}
