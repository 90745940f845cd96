// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using Busbar.Linux;
using Busbar.Memory;

namespace Busbar.Pci;

/// <summary>A function through the files of sysfs: registers and memory, no DMA, and interrupts only with uio_pci_generic and INTx; otherwise its user polls.</summary>
internal sealed class SysfsPciDevice : KernelPciDevice
{
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

        // What happened before is history: the first read after opening would report it.
        uio.TryReadCounter(out int seen);
        Mask(false);
        return
        [
            new PciInterrupt(
                0,
                uio.Descriptor,
                () =>
                {
                    if (!uio.TryReadCounter(out int now)) return 0;
                    long arrived = unchecked((uint)(now - seen));
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

    private string ResourceFile(int index) => Path.Combine(_device.Folder, "resource" + index.ToString(CultureInfo.InvariantCulture));

    // uio_pci_generic sets this bit at each interrupt; its user clears it when the next one may come.
    private void Mask(bool masked)
    {
        try
        {
            PciCommands command = (PciCommands)_config.Read16(PciConfigRegisters.Command);
            PciCommands wanted = masked ? command | PciCommands.IntxDisable : command & ~PciCommands.IntxDisable;
            if (wanted != command) _config.Write16(PciConfigRegisters.Command, (ushort)wanted);
        }
        catch (Exception failure) when (failure is PciDeviceException or ObjectDisposedException)
        {
            // The device has gone or was closed: no interrupt will come, and whoever uses it finds out by its registers.
        }
    }
}
