// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using Busbar.Linux;
using Busbar.Memory;

namespace Busbar.Pci;

/// <summary>
/// A function in the same process, in the hands of its driver: no kernel, no guest. It does through configuration space and windows what firmware,
/// kernel and driver do, so the function sees the accesses it would see elsewhere.
/// </summary>
/// <remarks>
/// Windows that a guest could map are the memory itself when they are asked for as RAM; everything else traps into the function in the caller's thread.
/// Interrupts arrive in the thread that raises them, as counters.
/// </remarks>
public sealed class InProcessDevice : IPciDevice
{
    private const int BarCount = 6;
    private const int LargestMapping = 1 << 30;
    private const ulong LargestWindow = 1UL << 40;
    private const ulong Below4GiB = 0xC000_0000;
    private const ulong Above4GiB = 0x80_0000_0000;
    private const uint MessageAddress = 0xFEE0_0000;
    private const int MessageData = 0x4000;

    private const int CommandMemory = 1 << 1;
    private const int CommandBusMaster = 1 << 2;
    private const int CommandIntxDisable = 1 << 10;
    private const int MsiEnable = 1;
    private const int MsiSettings = 0x71;
    private const int MsixEnable = 0x8000;
    private const int MsixMask = 0x4000;
    private const int FunctionReset = 0x8000;
    private const int EntrySize = 16;

    private readonly IPciFunction _function;
    private readonly bool _ownsFunction;
    private readonly InProcessSlot _slot = new();
    private readonly InProcessConfig _config;
    private readonly PciBar[] _bars = new PciBar[BarCount];
    private readonly uint[] _barRegisters = new uint[BarCount];
    private readonly List<SharedRegion> _regions = [];
    private readonly List<DmaMemory> _dma = [];
    private int _wantedCommand;
    private (PciInterruptKind Kind, int Count) _listening;
    private bool _isDisposed;

    /// <summary>Plugs a function in, sizes its windows and gives them addresses; decoding stays off until a window is mapped.</summary>
    /// <param name="function">The function; nothing else may have it plugged in.</param>
    /// <param name="ownsFunction">True to dispose it with the device.</param>
    public InProcessDevice(IPciFunction function, bool ownsFunction = false)
    {
        ArgumentNullException.ThrowIfNull(function);
        (_function, _ownsFunction) = (function, ownsFunction);
        _config = new InProcessConfig(function);
        function.Plug(_slot);
        Enumerate();
    }

    /// <inheritdoc/>
    public string Name => _function.Name;

    /// <inheritdoc/>
    public string Backend => "in-process";

    /// <inheritdoc/>
    public IPciConfigSpace Config => _config;

    /// <inheritdoc/>
    public bool CanDma => true;

    /// <inheritdoc/>
    public bool CanReset => true;

    /// <inheritdoc/>
    public PciBar GetBar(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, BarCount);
        return _bars[index];
    }

    /// <inheritdoc/>
    public SharedRegion MapBar(int index, RegionAccess access, long offset = 0, int length = 0)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        PciBar bar = GetBar(index);
        if (!bar.IsMappable) throw Unsuitable($"{Name} has no memory window at BAR {index}");
        long wanted = length == 0 ? bar.Length - offset : length;
        if (offset < 0 || offset % Environment.SystemPageSize != 0 || wanted <= 0 || wanted > LargestMapping || offset > bar.Length - wanted)
        {
            throw Unsuitable($"BAR {index} of {Name} has {bar.Length} bytes, not {wanted} from {offset}; map whole pages inside, at most 1 GiB");
        }

        EnableMemory();
        SharedRegion region = access == RegionAccess.Ram && IsMappable(index, offset, wanted, out MappedMemory? memory)
            ? memory.MapPart(offset, (int)wanted)
            : SharedRegion.Trap((int)wanted, new WindowTrap(_function, index, offset));
        _regions.RemoveAll(known => known.Length == 0);
        _regions.Add(region);
        return region;
    }

    /// <inheritdoc/>
    public int GetInterruptCount(PciInterruptKind kind) => _function.GetInterruptCount(kind);

    /// <inheritdoc/>
    public IReadOnlyList<PciInterrupt> EnableInterrupts(PciInterruptKind kind, int count)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        int available = GetInterruptCount(kind);
        if (count < 1 || count > available) throw Unsuitable($"{Name} has {available} interrupts of kind {kind}, not {count}; ask for 1 to {available}");
        DisableInterrupts();
        IReadOnlyList<PciInterrupt> interrupts = _slot.Listen(kind, count);
        _listening = (kind, count);
        switch (kind)
        {
            case PciInterruptKind.Msix when FindMsix() is { } msix: EnableMsix(msix, count); break;
            case PciInterruptKind.Msi when FindMsi() is { } msi: EnableMsi(msi, count); break;
            case PciInterruptKind.Msix or PciInterruptKind.Msi:
                DisableInterrupts();
                throw Unsuitable($"{Name} claims {kind} interrupts and has no capability for them");
            default: _config.Write16(PciConfigRegisters.Command, (ushort)(_config.Read16(PciConfigRegisters.Command) & ~CommandIntxDisable)); break;
        }

        return interrupts;
    }

    /// <inheritdoc/>
    public void DisableInterrupts()
    {
        if (_isDisposed) return;
        if (FindMsix() is { } msix) _config.Write16(msix.Offset + 2, (ushort)(_config.Read16(msix.Offset + 2) & ~(MsixEnable | MsixMask)));
        if (FindMsi() is { } msi) _config.Write16(msi.Offset + 2, (ushort)(_config.Read16(msi.Offset + 2) & ~MsiSettings));
        _config.Write16(PciConfigRegisters.Command, (ushort)(_config.Read16(PciConfigRegisters.Command) | CommandIntxDisable));
        _slot.StopListening();
        _listening = default;
    }

    /// <inheritdoc/>
    public void SetBusMaster(bool enabled)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        int command = _config.Read16(PciConfigRegisters.Command);
        _config.Write16(PciConfigRegisters.Command, (ushort)(enabled ? command | CommandBusMaster : command & ~CommandBusMaster));
        _wantedCommand = enabled ? _wantedCommand | CommandBusMaster : _wantedCommand & ~CommandBusMaster;
    }

    /// <inheritdoc/>
    public DmaMemory AllocateDma(int length)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        int page = Environment.SystemPageSize;
        if (length > LargestMapping) throw Unsuitable($"{length} bytes of DMA memory are too many; at most 1 GiB");
        DmaMemory memory = _slot.Allocate((length + page - 1) / page * page);
        _dma.RemoveAll(known => known.Region.Length == 0);
        _dma.Add(memory);
        return memory;
    }

    /// <summary>Resets the function, by itself where it can and through its slot otherwise; then its windows have their addresses again.</summary>
    public void Reset()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        DisableInterrupts();
        int command = _config.Read16(PciConfigRegisters.Command);
        PciConfigImage image = ReadCapabilities(out PciCapabilityLists lists);
        if (lists.Find(PciCapabilityId.PciExpress) is { } found && PcieCapability.TryRead(image, found, out PcieCapability? express) && express.HasFunctionReset)
            _config.Write16(express.Offset + 8, (ushort)(_config.Read16(express.Offset + 8) | FunctionReset));
        else _function.Reset();
        RestoreWindows(command);
    }

    /// <inheritdoc/>
    public bool TryRestore()
    {
        if (_isDisposed || _config.Read32(PciConfigRegisters.VendorId) == uint.MaxValue) return false;
        int command = _config.Read16(PciConfigRegisters.Command);
        bool hasLost = (command & _wantedCommand) != _wantedCommand;
        if (hasLost) RestoreWindows(command | _wantedCommand);
        return RestoreMessages() || hasLost;
    }

    /// <summary>Disables interrupts and bus mastering, takes the function out, and invalidates the regions and DMA memory that were handed out.</summary>
    public void Dispose()
    {
        if (_isDisposed) return;
        DisableInterrupts();
        _config.Write16(PciConfigRegisters.Command, 0);
        _isDisposed = true;
        _function.Plug(null);
        foreach (SharedRegion region in _regions) region.Dispose();
        foreach (DmaMemory memory in _dma) memory.Dispose();
        if (_ownsFunction) (_function as IDisposable)?.Dispose();
    }

    private static PciDeviceException Unsuitable(string message) => new(PciDeviceFault.Unsuitable, message);

    // As firmware does it: all ones, look what sticks, then an address aligned to the size.
    private void Enumerate()
    {
        ulong low = Below4GiB, high = Above4GiB;
        _config.Write16(PciConfigRegisters.Command, CommandIntxDisable);
        for (int bar = 0; bar < BarCount; bar++) _bars[bar] = new PciBar(bar, 0, IsIo: false, Is64Bit: false, IsPrefetchable: false, IsMappable: false);
        for (int bar = 0; bar < BarCount; bar++)
        {
            int register = PciConfigRegisters.Bar0 + (4 * bar);
            _config.Write32(register, uint.MaxValue);
            uint seen = _config.Read32(register);
            if ((seen & 1) != 0)
            {
                // Ports exist on the bus of a PC only; nothing here can reach them.
                _config.Write32(register, 0);
                _bars[bar] = new PciBar(bar, (~(seen & ~3u) & 0xFFFF) + 1, IsIo: true, Is64Bit: false, IsPrefetchable: false, IsMappable: false);
                continue;
            }

            bool is64 = (seen & 7) == 4 && bar < BarCount - 1;
            ulong mask = (seen & ~0xFu) | (0xFFFF_FFFFul << 32);
            if (is64)
            {
                _config.Write32(register + 4, uint.MaxValue);
                mask = (seen & ~0xFu) | ((ulong)_config.Read32(register + 4) << 32);
            }

            ulong length = ~mask + 1;
            if ((seen & ~0xFu) == 0 && !is64) continue;

            // A register whose bits do not make a size is of no use, and neither is a window that no address space holds.
            if (!BitOperations.IsPow2(length) || length > LargestWindow)
            {
                if (is64) bar++;
                continue;
            }

            ref ulong next = ref is64 ? ref high : ref low;
            ulong address = (next + length - 1) & ~(length - 1);
            next = address + length;
            _barRegisters[bar] = (uint)address;
            _config.Write32(register, (uint)address);
            if (is64) _config.Write32(register + 4, _barRegisters[bar + 1] = (uint)(address >> 32));
            _bars[bar] = new PciBar(bar, (long)length, IsIo: false, is64, (seen & 8) != 0, IsMappable: true);
            if (is64) bar++;
        }
    }

    private void RestoreWindows(int command)
    {
        for (int bar = 0; bar < BarCount; bar++) _config.Write32(PciConfigRegisters.Bar0 + (4 * bar), _barRegisters[bar]);
        _config.Write16(PciConfigRegisters.Command, (ushort)command);
    }

    private void EnableMemory()
    {
        _wantedCommand |= CommandMemory;
        int command = _config.Read16(PciConfigRegisters.Command);
        if ((command & CommandMemory) == 0) _config.Write16(PciConfigRegisters.Command, (ushort)(command | CommandMemory));
    }

    private bool IsMappable(int bar, long offset, long length, [NotNullWhen(true)] out MappedMemory? memory)
    {
        PciFunctionBar? window = _function.Bars[bar];
        memory = window?.Memory;
        if (window is null || memory is null) return false;

        // Areas that touch are one to a driver.
        long covered = offset;
        foreach (PciMappableArea area in window.Mappable)
        {
            if (area.Offset <= covered && covered < area.Offset + area.Length) covered = area.Offset + area.Length;
        }

        return covered >= offset + length;
    }

    private bool RestoreMessages()
    {
        (PciInterruptKind kind, int count) = _listening;
        if (count == 0 || kind == PciInterruptKind.Intx) return false;
        if (kind == PciInterruptKind.Msix && FindMsix() is { IsEnabled: false } msix) EnableMsix(msix, count);
        else if (kind == PciInterruptKind.Msi && FindMsi() is { IsEnabled: false } msi) EnableMsi(msi, count);
        else return false;
        return true;
    }

    private void EnableMsix(MsixCapability msix, int count)
    {
        int at = msix.Offset;
        int control = _config.Read16(at + 2);
        EnableMemory();
        _config.Write16(at + 2, (ushort)(control | MsixEnable | MsixMask));
        var trap = new WindowTrap(_function, msix.TableBar, msix.TableOffset);
        for (int vector = 0; vector < count; vector++)
        {
            int entry = vector * EntrySize;
            trap.Write(entry, 4, MessageAddress);
            trap.Write(entry + 4, 4, 0);
            trap.Write(entry + 8, 4, (ulong)(MessageData + vector));
            trap.Write(entry + 12, 4, 0);
        }

        // Vectors beyond those wanted may have been left unmasked by an earlier use.
        for (int vector = count; vector < msix.VectorCount; vector++) trap.Write((vector * EntrySize) + 12, 4, 1);
        _config.Write16(at + 2, (ushort)((control | MsixEnable) & ~MsixMask));
    }

    private void EnableMsi(MsiCapability msi, int count)
    {
        int at = msi.Offset;
        int control = _config.Read16(at + 2) & ~MsiSettings;
        int exponent = 0;
        while (1 << exponent < count) exponent++;
        _config.Write32(at + 4, MessageAddress);
        if (msi.Is64Bit) _config.Write32(at + 8, 0);
        _config.Write16(at + (msi.Is64Bit ? 0x0C : 0x08), MessageData);
        if (msi.HasMasks) _config.Write32(at + (msi.Is64Bit ? 0x10 : 0x0C), 0);
        _config.Write16(at + 2, (ushort)(control | (exponent << 4) | MsiEnable));
    }

    // The lists are the function's to write: what is found fits where it stands, and that is what is used, whatever the registers say the next time.
    private MsixCapability? FindMsix()
    {
        PciConfigImage image = ReadCapabilities(out PciCapabilityLists lists);
        return lists.Find(PciCapabilityId.Msix) is { } found && MsixCapability.TryRead(image, found, out MsixCapability? msix) ? msix : null;
    }

    private MsiCapability? FindMsi()
    {
        PciConfigImage image = ReadCapabilities(out PciCapabilityLists lists);
        return lists.Find(PciCapabilityId.Msi) is { } found && MsiCapability.TryRead(image, found, out MsiCapability? msi) ? msi : null;
    }

    private PciConfigImage ReadCapabilities(out PciCapabilityLists lists)
    {
        PciConfigImage image = PciConfigImage.Read(_config, PciConfigRegisters.ConventionalLength);
        lists = PciCapabilityLists.Walk(image);
        return image;
    }
}
