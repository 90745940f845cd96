// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;
using Busbar.Memory;

namespace Busbar.Pci;

/// <summary>A function in this process's hands through VFIO, however it was opened.</summary>
internal sealed class VfioPciDevice : KernelPciDevice
{
    private const int ConfigRegion = 7;

    // The interrupts by which VFIO itself tells of an uncorrectable error and asks for the device (VFIO_PCI_ERR_IRQ_INDEX, VFIO_PCI_REQ_IRQ_INDEX).
    private const int ErrorIndex = 3;
    private const int RequestIndex = 4;

    private readonly VfioDevice _device;
    private readonly IDisposable[] _below;
    private readonly DmaAllocator? _dma;
    private readonly List<EventFd> _counters = [];
    private readonly EventFd? _error;
    private readonly EventFd? _request;
    private PciInterruptKind? _armed;
    private bool _hasFailed;
    private bool _isWantedBack;
    private bool _closed;

    /// <summary>Takes an open device over.</summary>
    /// <param name="name">What users call it.</param>
    /// <param name="backend">Which way it was opened.</param>
    /// <param name="device">The open device; owned from now on.</param>
    /// <param name="space">Its address space; null without an IOMMU.</param>
    /// <param name="below">What to close after the device, in this order.</param>
    public VfioPciDevice(string name, string backend, VfioDevice device, IDmaSpace? space, params IDisposable[] below)
    {
        Name = name;
        Backend = backend;
        _device = device;
        _below = below;
        _dma = space is null ? null : new DmaAllocator(space, name);
        VfioRegion? config = device.IsPci ? device.TryGetRegion(ConfigRegion) : null;
        if (config is not { IsReadable: true, Length: >= PciConfigRegisters.ConventionalLength })
        {
            Close();
            throw new PciDeviceException(PciDeviceFault.Unsuitable, $"VFIO shows no configuration space for {name}");
        }

        Config = new VfioConfigSpace(device, config, name);
        _error = Listen(ErrorIndex);
        _request = Listen(RequestIndex);
    }

    public override string Name { get; }

    public override string Backend { get; }

    public override IReadOnlyList<string> Notes => _dma is not { LostBytes: > 0 and var lost }
        ? base.Notes
        : [.. base.Notes, $"the kernel did not take back {lost} bytes of DMA memory: the device reaches them, and their addresses are lost, until it is closed"];

    public override IPciConfigSpace Config { get; }

    public override bool CanDma => _dma is { CanMap: true };

    public override bool CanReset => _device.CanReset;

    public override bool IsWantedBack => _isWantedBack |= _request is not null && _request.TryDrain(out _);

    public override bool HasFailed => _hasFailed |= _error is not null && _error.TryDrain(out _);

    public override int GetInterruptCount(PciInterruptKind kind) => _device.GetIrqCount((int)kind, out _);

    public override void DisableInterrupts()
    {
        if (_armed is { } kind) _device.DisableIrqs((int)kind);
        _armed = null;
        foreach (EventFd counter in _counters) counter.Dispose();
        _counters.Clear();
    }

    public override DmaMemory AllocateDma(int length)
    {
        ObjectDisposedException.ThrowIf(_closed, this);
        if (_dma is null)
        {
            throw new PciDeviceException(PciDeviceFault.NoIommu, $"{Name} was bound without an IOMMU: there is no safe DMA; switch the IOMMU on and bind it again");
        }

        return _dma.Allocate(length);
    }

    protected override PciBar DescribeBar(int index)
    {
        VfioRegion? region = _device.TryGetRegion(index);
        PciBarRegister? register = PciBarRegister.ReadAll(PciConfigImage.Read(Config, PciConfigRegisters.HeaderEnd)).FirstOrDefault(known => known.Index == index);
        return register is null || region is null
            ? new PciBar(index, 0, IsIo: false, Is64Bit: false, IsPrefetchable: false, IsMappable: false)
            : new PciBar(index, region.Length, register.IsIo, register.Is64Bit, register.IsPrefetchable, region.Mappable.Count > 0);
    }

    protected override SharedRegion MapWindow(PciBar bar, RegionAccess access, long offset, int length)
    {
        VfioRegion region = _device.TryGetRegion(bar.Index) ?? throw new PciDeviceException(PciDeviceFault.Failed, $"BAR {bar.Index} of {Name} has gone");
        if (region.Mappable.Any(area => offset >= area.Offset && offset + length <= area.Offset + area.Length))
        {
            return _device.Map(region, offset, length, access);
        }

        string why = region.Mappable.Count == 0
            ? "it shares a page with something else; the kernel option pci=resource_alignment= moves it"
            : "only " + string.Join(", ", region.Mappable.Select(area => $"0x{area.Offset:x}+0x{area.Length:x}")) + " can be";
        if (!region.IsReadable || !region.IsWritable)
        {
            throw new PciDeviceException(PciDeviceFault.Unsuitable, $"0x{offset:x}+0x{length:x} of BAR {bar.Index} of {Name} cannot be mapped ({why}), nor reached otherwise");
        }

        Note($"0x{offset:x}+0x{length:x} of BAR {bar.Index} cannot be mapped ({why}): each access is a system call");
        return SharedRegion.Trap(length, new VfioWindow(_device, region, offset));
    }

    protected override IReadOnlyList<PciInterrupt> Arm(PciInterruptKind kind, int count)
    {
        _ = _device.GetIrqCount((int)kind, out bool isAutomasked);
        for (int i = 0; i < count; i++) _counters.Add(EventFd.Create());
        int available;
        try
        {
            available = _device.ArmIrqs((int)kind, _counters.ToArray());
        }
        catch
        {
            DisableInterrupts();
            throw;
        }

        if (available > 0)
        {
            DisableInterrupts();
            throw new PciDeviceException(PciDeviceFault.Failed, $"the machine has {available} interrupt vectors for {Name}, not {count}: ask for fewer");
        }

        _armed = kind;
        Action? unmask = isAutomasked ? () => _device.UnmaskIrq((int)kind) : null;
        return [.. _counters.Select((counter, vector) => new PciInterrupt(vector, counter, unmask))];
    }

    protected override bool RestoreInterrupts(bool wasReset)
    {
        if (_armed is not { } kind || !HasForgotten(kind, wasReset)) return false;
        try
        {
            // Only a kind that is off is programmed anew.
            _device.DisableIrqs((int)kind);
            return _device.ArmIrqs((int)kind, _counters.ToArray()) == 0;
        }
        catch (LinuxException failure)
        {
            throw PciFailure.From(failure, $"enabling interrupts of {Name} again");
        }
    }

    protected override void ResetFunction() => _device.Reset();

    protected override void ForgetFailure() => _hasFailed = false;

    protected override void Close()
    {
        _closed = true;
        _dma?.Dispose();
        _device.Dispose();
        foreach (IDisposable below in _below) below.Dispose();
        _error?.Dispose();
        _request?.Dispose();
    }

    private EventFd? Listen(int index)
    {
        if (_device.GetIrqCount(index, out _) == 0) return null;
        EventFd? news = null;
        try
        {
            news = EventFd.Create();
            if (_device.ArmIrqs(index, [news]) == 0) return news;
        }
        catch (LinuxException)
        {
            // An old kernel, or no descriptor left: it will have to wait for this process then, which its log says, and errors show in what the function answers.
        }

        news?.Dispose();
        return null;
    }

    // A reset costs the messages of both kinds, also where the kernel has enabled MSI-X again since: with the windows off it wrote the table to nowhere. Without one, what VFIO shows of MSI-X is
    // the device's, and of MSI its own idea. The pin needs nothing but the command register.
    private bool HasForgotten(PciInterruptKind kind, bool wasReset)
    {
        if (wasReset || kind != PciInterruptKind.Msix) return wasReset && kind != PciInterruptKind.Intx;
        PciConfigImage image = PciConfigImage.Read(Config, PciConfigRegisters.ConventionalLength);
        return PciCapabilityLists.Walk(image).Find(PciCapabilityId.Msix) is { } found && MsixCapability.TryRead(image, found, out MsixCapability? msix) && !msix.IsEnabled;
    }
}
