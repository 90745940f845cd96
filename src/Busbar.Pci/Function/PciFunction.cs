// SPDX-License-Identifier: Apache-2.0
using Busbar.Memory;

namespace Busbar.Pci;

/// <summary>
/// An emulated PCI function: configuration space with sizing BARs and capabilities, windows made of registers and memory, INTx, MSI and MSI-X, resets.
/// A device is built by planning its windows, listening to its events, and raising its interrupts.
/// </summary>
/// <remarks>
/// Accesses from outside, register hooks and events run one at a time under <see cref="Lock"/>, in the thread of whoever made the access. The device's own
/// threads take the lock when they touch a <see cref="RegisterFile"/>. <see cref="RaiseInterrupt"/>, <see cref="SetIntx"/> and the DMA methods do not need it
/// and may be called under it, from hooks, and under any lock of the device. So the order is: this lock, the device's own locks, the function's interrupt state.
/// Hooks and events must return quickly and must not throw.
/// </remarks>
public sealed class PciFunction : IPciFunction, IDisposable
{
    private const int BarCount = 6;
    private const int ShortConfig = 256;
    private const int LongConfig = 4096;
    private const int FirstCapability = PciConfigRegisters.HeaderEnd;
    private const int FirstExtendedCapability = 0x100;

    private const int CommandMemory = 1 << 1;
    private const int CommandBusMaster = 1 << 2;
    private const int CommandIntxDisable = 1 << 10;
    private const int CommandWritable = 0x0547;
    private const int StatusIntx = 1 << 3;
    private const int StatusCapabilities = 1 << 4;
    private const int StatusWriteOneToClear = 0xF900;
    private const int BarType64 = 4;
    private const int BarPrefetchable = 8;
    private const uint BarFlags = 0xF;

    private readonly ConfigSpace _config;
    private readonly FunctionWindow?[] _windows = new FunctionWindow?[BarCount];
    private readonly PciFunctionBar?[] _bars = new PciFunctionBar?[BarCount];
    private readonly InterruptUnit _interrupts;
    private readonly PciFunctionCapability? _msi;
    private readonly int _msiOffset;
    private readonly int _msixOffset;
    private readonly int _flrOffset;
    private InterruptSettings _settings;
    private int _command;
    private volatile IPciFunctionHost? _host;
    private long _outOfRange;
    private long _decodeOff;
    private long _dmaRefused;
    private long _conventionalResets;
    private long _functionLevelResets;

    /// <summary>Builds the function, not plugged in yet.</summary>
    /// <param name="options">What it is.</param>
    /// <exception cref="ArgumentException">The plan does not work out; the message says where.</exception>
    public PciFunction(PciFunctionOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.VendorId == 0xFFFF) throw new ArgumentException("Vendor 0xFFFF means that there is no function.", nameof(options));
        if (options.InterruptPin > 4) throw new ArgumentException("The interrupt pin is 0 to 4.", nameof(options));
        if (options.ClassCode is < 0 or > 0xFFFFFF) throw new ArgumentException("A class code has 24 bits.", nameof(options));
        Name = options.Name;
        PciFunctionCapability? express = Single(options, PciFunctionCapability.IdExpress);
        PciFunctionCapability? msix = Single(options, PciFunctionCapability.IdMsix);
        _msi = Single(options, PciFunctionCapability.IdMsi);
        if (express is null && options.Capabilities.Any(capability => capability.IsExtended))
        {
            throw new ArgumentException($"{Name} has extended capabilities, which need a PCI Express capability.", nameof(options));
        }

        _config = new ConfigSpace(express is null ? ShortConfig : LongConfig);
        _interrupts = new InterruptUnit(options.InterruptPin != 0, _msi?.Vectors ?? 0, msix?.Vectors ?? 0);
        DefineHeader(options);
        Dictionary<PciFunctionCapability, int> places = PlaceCapabilities(options.Capabilities);
        _msiOffset = _msi is null ? -1 : places[_msi];
        _msixOffset = msix is null ? -1 : places[msix];
        _flrOffset = express is null || (express.Value[7] & 0x10) == 0 ? -1 : places[express] + 9;
        BuildWindows(options, msix);
        _settings = ReadSettings();
        _interrupts.Configure(_settings);
    }

    /// <summary>Something started over: raised after registers and interrupts have their reset values, under <see cref="Lock"/>.</summary>
    public event Action<PciResetKind>? ResetDone;

    /// <summary>The driver changed the command register (see <see cref="IsMemoryEnabled"/>, <see cref="IsBusMaster"/>); raised under <see cref="Lock"/>.</summary>
    public event Action? CommandChanged;

    /// <summary>The driver switched to another kind of interrupt; <see cref="ActiveInterrupt"/> has it. Raised under <see cref="Lock"/>.</summary>
    public event Action? ActiveInterruptChanged;

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public int ConfigLength => _config.Length;

    /// <inheritdoc/>
    public IReadOnlyList<PciFunctionBar?> Bars => _bars;

    /// <summary>Serialises accesses, hooks and events; see the remarks. Re-entrant in the same thread.</summary>
    public Lock Lock { get; } = new();

    /// <summary>True while the driver lets the windows answer.</summary>
    public bool IsMemoryEnabled => (Volatile.Read(ref _command) & CommandMemory) != 0;

    /// <summary>True while the function may read and write memory, and send messages.</summary>
    public bool IsBusMaster => (Volatile.Read(ref _command) & CommandBusMaster) != 0;

    /// <summary>The kind of interrupt that the driver has enabled; null when INTx is all that is left and it is disabled, or there is no pin.</summary>
    public PciInterruptKind? ActiveInterrupt
    {
        get
        {
            lock (Lock) return ActiveOf(_settings);
        }
    }

    /// <summary>What happened so far.</summary>
    public PciFunctionStatistics Statistics
    {
        get
        {
            lock (Lock)
            {
                long outOfRange = _outOfRange, undefined = 0, unaligned = 0;
                foreach (FunctionWindow? window in _windows)
                {
                    outOfRange += window?.OutOfRange ?? 0;
                    undefined += window?.Undefined ?? 0;
                    unaligned += window?.Unaligned ?? 0;
                }

                return new PciFunctionStatistics(
                    outOfRange,
                    undefined,
                    unaligned,
                    _decodeOff,
                    _interrupts.Sent,
                    _interrupts.Pended,
                    _interrupts.Lost,
                    Interlocked.Read(ref _dmaRefused),
                    _conventionalResets,
                    _functionLevelResets);
            }
        }
    }

    /// <inheritdoc/>
    public int GetInterruptCount(PciInterruptKind kind) => _interrupts.CountOf(kind);

    /// <summary>The memory behind a window, offset for offset, for the device's own use; null for registers only. Lives as long as the function.</summary>
    /// <param name="bar">BAR number.</param>
    public SharedRegion? GetMemory(int bar) => (uint)bar < BarCount ? _windows[bar]?.Memory : null;

    /// <inheritdoc/>
    public void Plug(IPciFunctionHost? host)
    {
        lock (Lock)
        {
            _host = host;
            _interrupts.Plug(host);
        }
    }

    /// <summary>
    /// Interrupts the host by the kind that its driver enabled: a message of MSI-X or MSI, or the pin, which then stays asserted until <see cref="SetIntx"/>
    /// lowers it. With MSI, vectors beyond those granted wrap. Never throws; any thread.
    /// </summary>
    /// <param name="vector">The vector, from 0.</param>
    /// <returns>What became of it.</returns>
    public PciInterruptOutcome RaiseInterrupt(int vector) => _interrupts.Raise(vector);

    /// <summary>
    /// What the device wants of its pin: asserted while there is a cause, as in the status register. It reaches the host only while neither MSI-X nor MSI is
    /// enabled and INTx is not disabled. Without a pin nothing happens. Any thread.
    /// </summary>
    /// <param name="level">True while there is a cause.</param>
    public void SetIntx(bool level) => _interrupts.SetLevel(level);

    /// <summary>Reads the guest's memory, if the driver allows it. Never waits; any thread.</summary>
    /// <param name="address">Bus address.</param>
    /// <param name="data">Filled completely when it succeeds.</param>
    /// <returns>False without the bus master bit, without a host, or where the host refuses; counted.</returns>
    public bool TryReadDma(ulong address, Span<byte> data) => CountDma(IsBusMaster && _host is { } host && host.TryReadDma(address, data));

    /// <summary>Writes the guest's memory, if the driver allows it. Never waits; any thread.</summary>
    /// <param name="address">Bus address.</param>
    /// <param name="data">The bytes.</param>
    /// <returns>As for <see cref="TryReadDma"/>; a part may have been written.</returns>
    public bool TryWriteDma(ulong address, ReadOnlySpan<byte> data) => CountDma(IsBusMaster && _host is { } host && host.TryWriteDma(address, data));

    /// <inheritdoc/>
    public void ReadConfig(int offset, Span<byte> data)
    {
        lock (Lock)
        {
            StoreVolatileBits();
            _config.Read(offset, data);
        }
    }

    /// <inheritdoc/>
    public void WriteConfig(int offset, ReadOnlySpan<byte> data)
    {
        lock (Lock)
        {
            _config.Write(offset, data);
            TakeOver();
            long place = (long)_flrOffset - offset;
            if (_flrOffset >= 0 && place >= 0 && place < data.Length && (data[(int)place] & 0x80) != 0) Reset(PciResetKind.FunctionLevel);
        }
    }

    /// <inheritdoc/>
    public void ReadBar(int bar, long offset, Span<byte> data)
    {
        lock (Lock)
        {
            if (WindowOf(bar) is { } window) window.Read(offset, data);
            else data.Fill(0xFF);
        }
    }

    /// <inheritdoc/>
    public void WriteBar(int bar, long offset, ReadOnlySpan<byte> data)
    {
        lock (Lock) WindowOf(bar)?.Write(offset, data);
    }

    /// <inheritdoc/>
    public void Reset() => Reset(PciResetKind.Conventional);

    /// <summary>Takes the function out of its slot and frees its memory. Nothing may access it any more.</summary>
    public void Dispose()
    {
        Plug(null);
        foreach (FunctionWindow? window in _windows) window?.Dispose();
    }

    private static PciFunctionCapability? Single(PciFunctionOptions options, int id)
    {
        PciFunctionCapability[] found = [.. options.Capabilities.Where(capability => !capability.IsExtended && capability.Id == id)];
        if (found.Length > 1) throw new ArgumentException($"{options.Name} has capability 0x{id:x} twice.", nameof(options));
        return found.Length == 0 ? null : found[0];
    }

    private void Reset(PciResetKind kind)
    {
        lock (Lock)
        {
            if (kind == PciResetKind.Conventional) _conventionalResets++;
            else _functionLevelResets++;
            _config.Reset();
            foreach (FunctionWindow? window in _windows) window?.Reset();
            _interrupts.Reset();
            TakeOver();
            ResetDone?.Invoke(kind);
        }
    }

    private bool CountDma(bool succeeded)
    {
        if (!succeeded) Interlocked.Increment(ref _dmaRefused);
        return succeeded;
    }

    private FunctionWindow? WindowOf(int bar)
    {
        FunctionWindow? window = (uint)bar < BarCount ? _windows[bar] : null;
        if (window is null) _outOfRange++;
        else if (!IsMemoryEnabled) _decodeOff++;
        return window;
    }

    private PciInterruptKind? ActiveOf(InterruptSettings settings) =>
        settings.Active is { } kind && _interrupts.CountOf(kind) > 0 ? kind : null;

    // What the device, not the driver, changes.
    private void StoreVolatileBits()
    {
        int status = _config.Get16(PciConfigRegisters.Status);
        _config.Set16(PciConfigRegisters.Status, (ushort)(_interrupts.Level ? status | StatusIntx : status & ~StatusIntx));
        if (_msi is { HasMasks: true }) _config.Set32(_msiOffset + (_msi.Is64Bit ? 0x14 : 0x10), _interrupts.MsiPending);
    }

    // What the driver may have changed.
    private void TakeOver()
    {
        int before = _command;
        PciInterruptKind? active = ActiveOf(_settings);
        Volatile.Write(ref _command, _config.Get16(PciConfigRegisters.Command));
        _settings = ReadSettings();
        _interrupts.Configure(_settings);
        if (before != _command) CommandChanged?.Invoke();
        if (active != ActiveOf(_settings)) ActiveInterruptChanged?.Invoke();
    }

    private InterruptSettings ReadSettings()
    {
        int msi = _msi is null ? 0 : _config.Get16(_msiOffset + 2);
        int msix = _msixOffset < 0 ? 0 : _config.Get16(_msixOffset + 2);
        return new InterruptSettings(
            IsBusMaster,
            (_command & CommandIntxDisable) != 0,
            (msi & 1) != 0,
            Math.Min(1 << Math.Min((msi >> 4) & 7, 5), Math.Max(_msi?.Vectors ?? 1, 1)),
            _msi is { HasMasks: true } ? _config.Get32(_msiOffset + (_msi.Is64Bit ? 0x10 : 0x0C)) : 0,
            (msix & 0x8000) != 0,
            (msix & 0x4000) != 0);
    }

    private void DefineHeader(PciFunctionOptions options)
    {
        _config.Define16(PciConfigRegisters.VendorId, options.VendorId);
        _config.Define16(PciConfigRegisters.DeviceId, options.DeviceId);
        _config.Define16(PciConfigRegisters.Command, 0, options.InterruptPin == 0 ? CommandWritable & ~CommandIntxDisable : CommandWritable);
        _config.Define16(PciConfigRegisters.Status, options.Capabilities.Count > 0 ? StatusCapabilities : 0, writeOneToClear: StatusWriteOneToClear);
        _config.Define32(PciConfigRegisters.Revision, options.RevisionId | ((uint)options.ClassCode << 8));
        _config.Define32(PciConfigRegisters.CacheLineSize, 0, writable: 0x000000FF);
        _config.Define16(PciConfigRegisters.SubsystemVendorId, options.SubsystemVendorId);
        _config.Define16(PciConfigRegisters.SubsystemId, options.SubsystemId);
        _config.Define16(PciConfigRegisters.InterruptLine, options.InterruptPin << 8, writable: 0x00FF);
    }

    private Dictionary<PciFunctionCapability, int> PlaceCapabilities(IReadOnlyList<PciFunctionCapability> capabilities)
    {
        var places = new Dictionary<PciFunctionCapability, int>();
        int next = FirstCapability, extended = FirstExtendedCapability, link = PciConfigRegisters.CapabilityPointer, extendedLink = -1;
        foreach (PciFunctionCapability capability in capabilities)
        {
            int at = capability.IsExtended ? extended : next;
            int end = (at + capability.Length + 3) & ~3;
            if (end > (capability.IsExtended ? LongConfig : ShortConfig) || !places.TryAdd(capability, at))
            {
                throw new ArgumentException($"The capabilities of {Name} do not fit into its configuration space.", nameof(capabilities));
            }

            _config.Define(at, capability.Value, capability.Writable, capability.WriteOneToClear);
            if (capability.IsExtended)
            {
                _config.Define32(at, (uint)capability.Id | (1u << 16));
                if (extendedLink >= 0) _config.Define32(extendedLink, _config.Get32(extendedLink) | ((uint)at << 20));
                (extended, extendedLink) = (end, at);
            }
            else
            {
                _config.Define(at, [(byte)capability.Id], default, default);
                _config.Define(link, [(byte)at], default, default);
                (next, link) = (end, at + 1);
            }
        }

        return places;
    }

    private void BuildWindows(PciFunctionOptions options, PciFunctionCapability? msix)
    {
        foreach (PciFunctionRegion plan in options.Regions)
        {
            bool isTaken = _windows[plan.Bar] is not null || (plan.Bar > 0 && _windows[plan.Bar - 1] is { Bar.Is64Bit: true });
            if (isTaken || (plan.Is64Bit && _windows[plan.Bar + 1] is not null)) throw new ArgumentException($"{Name} has BAR {plan.Bar} twice.", nameof(options));
            var further = new List<WindowPiece>();
            if (msix?.TableBar == plan.Bar)
            {
                further.Add(new WindowPiece(msix.TableOffset, _interrupts.TableLength, _interrupts.Table, IsMappable: false, AfterWrite: null));
                further.Add(new WindowPiece(msix.PendingOffset, _interrupts.PendingLength, _interrupts.PendingBits, IsMappable: false, AfterWrite: null));
            }

            var window = new FunctionWindow(plan, Name, further);
            _windows[plan.Bar] = window;
            _bars[plan.Bar] = window.Bar;
            ulong mask = ~((ulong)plan.Length - 1);
            uint flags = (plan.Is64Bit ? BarType64 : 0u) | (plan.IsPrefetchable ? BarPrefetchable : 0u);
            _config.Define32(PciConfigRegisters.Bar0 + (4 * plan.Bar), flags, (uint)mask & ~BarFlags);
            if (plan.Is64Bit) _config.Define32(PciConfigRegisters.Bar0 + (4 * plan.Bar) + 4, 0, (uint)(mask >> 32));
        }

        if (msix is not null && _windows[msix.TableBar] is null) throw new ArgumentException($"{Name} has no BAR {msix.TableBar} for its MSI-X table.", nameof(options));
    }
}
