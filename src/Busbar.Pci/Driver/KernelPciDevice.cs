// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;
using Busbar.Memory;

namespace Busbar.Pci;

/// <summary>What the kernel's ways to a device have in common: who owns what, and the checks before the kernel is asked.</summary>
internal abstract class KernelPciDevice : IPciDevice
{
    private const int LargestMapping = 1 << 30;

    private readonly List<SharedRegion> _regions = [];
    private readonly List<string> _notes = [];
    private readonly PciBar[] _bars = new PciBar[PciConfigRegisters.BarCount];
    private bool _masterSet;
    private bool _disposed;

    public abstract string Name { get; }

    public abstract string Backend { get; }

    public virtual IReadOnlyList<string> Notes => _notes;

    public abstract IPciConfigSpace Config { get; }

    public abstract bool CanDma { get; }

    public abstract bool CanReset { get; }

    public virtual bool IsWantedBack => false;

    public virtual bool HasFailed => false;

    public PciBar GetBar(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, PciConfigRegisters.BarCount);
        return _bars[index] ??= DescribeBar(index);
    }

    public SharedRegion MapBar(int index, RegionAccess access, long offset = 0, int length = 0)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        PciBar bar = GetBar(index);
        if (bar.Length == 0) throw new PciDeviceException(PciDeviceFault.Unsuitable, $"{Name} has no BAR {index}");
        if (bar.IsIo) throw new PciDeviceException(PciDeviceFault.Unsuitable, $"BAR {index} of {Name} is I/O ports, which cannot be mapped");
        if (offset < 0 || offset >= bar.Length || length < 0 || length > bar.Length - offset)
        {
            throw new PciDeviceException(PciDeviceFault.Unsuitable, $"BAR {index} of {Name} has 0x{bar.Length:x} bytes: 0x{offset:x}+0x{length:x} is not inside");
        }

        if (offset % Environment.SystemPageSize != 0)
        {
            throw new PciDeviceException(PciDeviceFault.Unsuitable, $"0x{offset:x} is no page boundary, where mappings of BAR {index} start");
        }

        long wanted = length == 0 ? bar.Length - offset : length;
        if (wanted > LargestMapping) throw new PciDeviceException(PciDeviceFault.Unsuitable, $"BAR {index} of {Name} is larger than 1 GiB: map a part of it");

        // With decoding off, an access would kill the process.
        PciCommands command = ReadCommand();
        if ((command & PciCommands.Memory) == PciCommands.None) Config.Write16(PciConfigRegisters.Command, (ushort)(command | PciCommands.Memory));
        SharedRegion region = PciFailure.Guard(() => MapWindow(bar, access, offset, (int)wanted), $"mapping BAR {index} of {Name}");
        _regions.RemoveAll(known => known.Length == 0);
        _regions.Add(region);
        return region;
    }

    public abstract int GetInterruptCount(PciInterruptKind kind);

    public IReadOnlyList<PciInterrupt> EnableInterrupts(PciInterruptKind kind, int count)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        int offered = GetInterruptCount(kind);
        if (count <= 0 || count > offered)
        {
            throw new PciDeviceException(PciDeviceFault.Unsuitable, $"{Name} offers {offered} vectors of {kind.ToString().ToUpperInvariant()} through {Backend}, not {count}");
        }

        DisableInterrupts();
        return PciFailure.Guard(() => Arm(kind, count), $"enabling interrupts of {Name}");
    }

    public abstract void DisableInterrupts();

    public void SetBusMaster(bool enabled)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        PciCommands command = ReadCommand();
        PciCommands wanted = enabled ? command | PciCommands.BusMaster : command & ~PciCommands.BusMaster;
        if (wanted != command) Config.Write16(PciConfigRegisters.Command, (ushort)wanted);
        _masterSet = enabled;
    }

    public abstract DmaMemory AllocateDma(int length);

    public void Reset()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (!CanReset) throw new PciDeviceException(PciDeviceFault.NotSupported, $"{Name} cannot be reset by itself");
        DisableInterrupts();
        PciFailure.Guard(
            () =>
            {
                ResetFunction();
                return true;
            },
            $"resetting {Name}");
    }

    public bool TryRestore()
    {
        if (_disposed) return false;
        try
        {
            PciCommands command = ReadCommand();
            PciCommands wanted = command;
            if (_regions.Exists(region => region.Length > 0)) wanted |= PciCommands.Memory;
            if (_masterSet) wanted |= PciCommands.BusMaster;

            // VFIO puts the addresses of the windows back as well when decoding is switched on behind a reset that it did not see.
            bool wasReset = wanted != command;
            if (wasReset) Config.Write16(PciConfigRegisters.Command, (ushort)wanted);
            return RestoreInterrupts(wasReset) || wasReset;
        }
        catch (PciDeviceException)
        {
            // It does not answer, so there is nothing to bring back yet; its watcher asks again.
            return false;
        }
    }

    public bool TryRecover()
    {
        if (!HasFailed) return true;
        if (_disposed || !CanReset) return false;

        // A fatal error costs a reset of the bus, which the kernel repairs nothing of. The reset below keeps what it finds, so that has to be right first: with its windows lost, the
        // table of MSI-X would be written back to nowhere.
        TryRestore();
        try
        {
            ResetFunction();
        }
        catch (LinuxException)
        {
            // The kernel is at it itself, or the reset did not help; its watcher asks again.
            return false;
        }

        TryRestore();
        ForgetFailure();
        return true;
    }

    public void Dispose()
    {
        if (_disposed) return;
        try
        {
            DisableInterrupts();

            // Before its memory goes away, the device must not write to it any more.
            if (_masterSet) SetBusMaster(false);
        }
        catch (PciDeviceException)
        {
            // It has gone; closing is all that is left to do.
        }

        _disposed = true;
        foreach (SharedRegion region in _regions) region.Dispose();
        Close();
    }

    /// <summary>Adds a line to <see cref="Notes"/>.</summary>
    internal void Note(string line) => _notes.Add(line);

    protected abstract PciBar DescribeBar(int index);

    protected abstract SharedRegion MapWindow(PciBar bar, RegionAccess access, long offset, int length);

    protected abstract IReadOnlyList<PciInterrupt> Arm(PciInterruptKind kind, int count);

    /// <summary>Enables again what the function forgot, with the same counters.</summary>
    /// <param name="wasReset">True when the command register shows that somebody reset the function.</param>
    /// <returns>True when something was done.</returns>
    protected virtual bool RestoreInterrupts(bool wasReset) => false;

    protected abstract void ResetFunction();

    /// <summary>The function was reset: an error that was reported before is no news any more.</summary>
    protected virtual void ForgetFailure()
    {
    }

    protected abstract void Close();

    // All ones stand for "nobody": the register has reserved bits. The identifiers would not tell, because VFIO answers those itself.
    private PciCommands ReadCommand()
    {
        ushort command = Config.Read16(PciConfigRegisters.Command);
        return command != ushort.MaxValue
            ? (PciCommands)command
            : throw new PciDeviceException(PciDeviceFault.NotFound, $"{Name} does not answer: its configuration space reads all ones; is it still there, and powered?");
    }
}
