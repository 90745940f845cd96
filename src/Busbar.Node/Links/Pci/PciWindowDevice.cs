// SPDX-License-Identifier: Apache-2.0
using Busbar.Memory;
using Busbar.Mmbi;
using Busbar.Pci;

namespace Busbar.Node;

/// <summary>
/// A PCI function that carries MMBI windows, probed: which BARs are windows, where its mailbox is, which interrupts it has. Several links share one,
/// because the kernel lets a process open a function once.
/// </summary>
/// <remarks>
/// Counted: the first <see cref="Acquire"/> of a name opens and probes, the last <see cref="Dispose"/> closes. Both hold one lock of the process, so opening
/// one device makes the opening of another one wait. Mapping takes the device's own lock. Everything a device says is checked; the worst that a lying one
/// gets is a refusal.
/// </remarks>
internal sealed class PciWindowDevice : IDisposable
{
    private const int BarCount = 6;
    private const uint IvshmemIds = 0x1110_1AF4;
    private const uint MmbiClass = 0x0C_0C00;
    private const int PageSize = 4096;
    private const int PagesSearched = 16;
    private const int LargestWindow = 1 << 30;
    private const int IvshmemRegisters = 0;
    private const int IvshmemMemory = 2;
    private const int MostVectors = 32;

    // The kernel's own part of a recovery (a fatal error costs a reset of the bus) comes first, and an error that returns at once must not keep the bus busy.
    private const int RecoverEveryMs = 1000;

    private static readonly Lock _registryGate = new();
    private static readonly Dictionary<string, PciWindowDevice> _registry = new(StringComparer.Ordinal);

    private readonly Lock _gate = new();
    private readonly IPciDevice _device;
    private readonly bool _ownsDevice;
    private readonly List<PciVector> _vectors = [];
    private readonly int[] _vectorOfPair = new int[MailboxFormat.MaximumPairs];
    private readonly List<int> _windows = [];
    private PciInterruptKind _kind;
    private long _failures;
    private long _recoverAt;
    private bool _isFailed;
    private string? _key;
    private int _users = 1;

    private PciWindowDevice(IPciDevice device, bool ownsDevice) => (_device, _ownsDevice) = (device, ownsDevice);

    /// <summary>What the probe found.</summary>
    public PciWindowKind Kind { get; private set; }

    /// <summary>The doorbell registers of ivshmem; null elsewhere.</summary>
    public SharedRegion? Registers { get; private set; }

    /// <summary>The mailbox; null when there is none.</summary>
    public MailboxPort? Mailbox { get; private set; }

    /// <summary>The interrupts that are enabled; none means polling.</summary>
    public IReadOnlyList<PciVector> Vectors => _vectors;

    /// <summary>True when several links may wait for one vector.</summary>
    public bool SharesVectors { get; private set; }

    /// <summary>BARs that hold windows, lowest first.</summary>
    public IReadOnlyList<int> Windows => _windows;

    /// <summary>What it is, for people.</summary>
    public string Description { get; private set; } = string.Empty;

    /// <summary>Opens and probes a function, or joins those of this process that have done so.</summary>
    /// <param name="key">Its name.</param>
    /// <param name="bar">The window when the probe needs help; all users mean the same one.</param>
    /// <param name="open">Opens it.</param>
    /// <param name="ownsDevice">True to dispose it with the last user.</param>
    /// <exception cref="PciDeviceException">It cannot be opened, carries no window that we know, or is open with another window.</exception>
    public static PciWindowDevice Acquire(string key, int? bar, Func<IPciDevice> open, bool ownsDevice)
    {
        lock (_registryGate)
        {
            if (_registry.TryGetValue(key, out PciWindowDevice? known))
            {
                if (bar is { } named && (known.Windows.Count != 1 || known.Windows[0] != named))
                    throw new PciDeviceException(PciDeviceFault.Unsuitable, $"{key} is open already with its window in BAR {string.Join(", ", known.Windows)}: its links agree on bar=");
                known._users++;
                return known;
            }

            PciWindowDevice opened = Probe(open(), bar, ownsDevice);
            opened._key = key;
            _registry.Add(key, opened);
            return opened;
        }
    }

    /// <summary>Probes a function that is open already.</summary>
    /// <param name="device">The function.</param>
    /// <param name="bar">The window when the probe needs help.</param>
    /// <param name="ownsDevice">True to dispose it with this object, also when the probe refuses it.</param>
    /// <exception cref="PciDeviceException">It carries no window that we know.</exception>
    public static PciWindowDevice Probe(IPciDevice device, int? bar, bool ownsDevice)
    {
        var probed = new PciWindowDevice(device, ownsDevice);
        try
        {
            uint ids = device.Config.Read32(PciConfigRegisters.VendorId);
            if (ids == uint.MaxValue || !probed.AnswersInConfig())
                throw new PciDeviceException(PciDeviceFault.NotFound, $"{device.Name} does not answer: its configuration space reads all ones; is it still there, and powered?");
            if (ids == IvshmemIds) probed.ProbeIvshmem(bar);
            else probed.ProbeHardware(bar);
            return probed;
        }
        catch
        {
            probed.Dispose();
            throw;
        }
    }

    /// <summary>Maps a window; the caller owns the region and lets go of it before the device.</summary>
    public SharedRegion MapWindow(int bar)
    {
        lock (_gate)
        {
            PciBar window = _device.GetBar(bar);

            // Device memory that does not promise reads without side effects is touched with exact widths only.
            RegionAccess access = window.IsPrefetchable || Kind != PciWindowKind.Hardware ? RegionAccess.Ram : RegionAccess.Mmio;
            return _device.MapBar(bar, access, 0, (int)Math.Min(window.Length, LargestWindow));
        }
    }

    /// <summary>Whether the device still answers: its mailbox, its registers, or its configuration space.</summary>
    public bool IsPresent()
    {
        if (Mailbox is not null) return Mailbox.IsPresent;
        if (Registers is not null) return Registers.Read32(IvshmemPort.PositionRegister) != uint.MaxValue;
        try
        {
            lock (_gate) return AnswersInConfig();
        }
        catch (PciDeviceException)
        {
            return false;
        }
    }

    /// <summary>Gives the function back what a reset by somebody else took from it; true when that was something.</summary>
    public bool TryRestore()
    {
        lock (_gate) return _device.TryRestore();
    }

    /// <summary>True from the moment on that the kernel wants the function back; every user lets go then.</summary>
    public bool IsWantedBack
    {
        get
        {
            lock (_gate) return _device.IsWantedBack;
        }
    }

    /// <summary>True when a failure can be repaired by a reset of the function alone.</summary>
    public bool CanReset => _device.CanReset;

    /// <summary>Failures that are over: what a new link has nothing to do with.</summary>
    public long PastFailures
    {
        get
        {
            lock (_gate) return _isFailed ? _failures - 1 : _failures;
        }
    }

    /// <summary>Looks whether the platform reported an uncorrectable error.</summary>
    /// <param name="now">Monotonic milliseconds.</param>
    /// <returns>How often it did so far.</returns>
    public long LookForFailures(long now)
    {
        lock (_gate)
        {
            if (!_isFailed && _device.HasFailed)
            {
                _isFailed = true;
                _failures++;
                _recoverAt = now + RecoverEveryMs;
            }

            return _failures;
        }
    }

    /// <summary>Resets the function after a failure, once a second; for all links on it, whichever asks first.</summary>
    /// <param name="now">Monotonic milliseconds.</param>
    /// <returns>True when there is no failure, or not any more.</returns>
    public bool TryRecover(long now)
    {
        lock (_gate)
        {
            if (!_isFailed) return true;
            if (now < _recoverAt) return false;
            _recoverAt = now + RecoverEveryMs;
            _isFailed = !_device.TryRecover();
            return !_isFailed;
        }
    }

    /// <summary>The last user closes the device.</summary>
    public void Dispose()
    {
        lock (_registryGate)
        {
            if (--_users > 0) return;
            if (_key is not null) _registry.Remove(_key);
            _vectors.Clear();
            try
            {
                if (_ownsDevice) _device.Dispose();
                else _device.DisableInterrupts();
            }
            catch (PciDeviceException)
            {
                // It went away before us; there is nothing left to switch off.
            }
        }
    }

    // Not by its identifiers: VFIO answers those itself, whether there is still a device or not.
    private bool AnswersInConfig() => _device.Config.Read32(PciConfigRegisters.Revision) != uint.MaxValue;

    // The device says whether it has doorbells, not the way in which it was opened: through sysfs it has no interrupts, and its registers work all the same.
    private void ProbeIvshmem(int? wanted)
    {
        if (wanted is not (null or IvshmemMemory)) throw Unsuitable($"the memory of ivshmem is BAR {IvshmemMemory}; leave out bar=");
        if (_device.GetBar(IvshmemMemory).Length < 2 * PageSize) throw Unsuitable("its BAR 2 is no shared memory");
        bool hasDoorbells = PciCapabilityLists.Walk(PciConfigImage.Read(_device.Config, PciConfigRegisters.ConventionalLength)).Find(PciCapabilityId.Msix) is not null;
        Kind = hasDoorbells ? PciWindowKind.IvshmemDoorbell : PciWindowKind.IvshmemPlain;
        _windows.Add(IvshmemMemory);
        if (hasDoorbells)
        {
            Registers = _device.MapBar(IvshmemRegisters, RegionAccess.Mmio);
            if (Registers.Length < IvshmemPort.Length) throw Unsuitable("its BAR 0 is no ivshmem register block");
            TryEnable(PciInterruptKind.Msix, 1);
        }

        Describe(hasDoorbells ? "ivshmem-doorbell" : "ivshmem-plain");
    }

    private void ProbeHardware(int? wanted)
    {
        string trouble = string.Empty;
        string unreachable = string.Empty;
        bool isMmbi = _device.Config.Read32(PciConfigRegisters.Revision) >> 8 == MmbiClass;
        int mailboxBar = -1;
        int best = -1;
        for (int bar = 0; bar < BarCount; bar++)
        {
            PciBar window = _device.GetBar(bar);
            if (window.IsIo || window.Length < PageSize) continue;
            int length = (int)Math.Min(window.Length, PagesSearched * PageSize);
            if (MapStart(window, length, ref unreachable) is not { } start) continue;
            bool isWindow = MmbiRecognition.HasSignature(start);
            if (isWindow) _windows.Add(bar);

            // Registers of unknown functions are not read at random: a signature or the class must speak for it.
            for (int offset = 0; Mailbox is null && !isWindow && offset < (isMmbi ? length : PageSize); offset += PageSize)
            {
                if (!MailboxPort.TryFind(start, offset, out _, out string reason))
                {
                    if (reason.Length != 0) trouble = reason;
                    continue;
                }

                // Its page alone: what else is in the BAR may be beyond mapping, and would make every access a system call.
                SharedRegion page = _device.MapBar(bar, RegionAccess.Mmio, offset, Math.Min(PageSize, length - offset));
                if (MailboxPort.TryFind(page, 0, out MailboxPort? port, out reason)) (Mailbox, mailboxBar) = (port, bar);
                else (trouble, offset) = (reason, length);
            }

            start.Dispose();
            if (bar != mailboxBar && (best < 0 || window.Length > _device.GetBar(best).Length)) best = bar;
        }

        if (wanted is { } named)
        {
            PciBar window = _device.GetBar(named);
            if (window.IsIo || window.Length < PageSize) throw Unsuitable($"its BAR {named} is no memory window");
            if (named == mailboxBar) throw Unsuitable($"its BAR {named} holds the mailbox; leave out bar=, or name the one with the window");
            _windows.Clear();
            _windows.Add(named);
        }
        else if (_windows.Count == 0 && isMmbi && best >= 0)
        {
            // Its processor has not booted yet: the largest window is where the descriptor will be.
            _windows.Add(best);
        }

        if (_windows.Count == 0)
        {
            string why = isMmbi ? "none of its BARs is a memory window" : "it is neither ivshmem nor of class 0c0c00, and no BAR starts with an MMBI signature";
            throw Unsuitable(unreachable.Length == 0 ? why : $"{why} ({unreachable})");
        }

        if (Mailbox is null && trouble.Length != 0) throw Unsuitable(trouble);
        EnableHardwareInterrupts();
        Describe(Mailbox is null ? "no mailbox" : $"mailbox of {Mailbox.Pairs} pairs in BAR {mailboxBar}");
    }

    // A window that cannot be in our address space may still be reached access by access; if not, it is none.
    private SharedRegion? MapStart(PciBar window, int length, ref string unreachable)
    {
        try
        {
            return _device.MapBar(window.Index, RegionAccess.Mmio, 0, length);
        }
        catch (PciDeviceException refusal) when (!window.IsMappable)
        {
            unreachable = refusal.Message;
            return null;
        }
    }

    // The device is asked once for each pair: what it says later must not send two links to one vector that neither knows to be shared.
    private void EnableHardwareInterrupts()
    {
        int[] said = [.. Enumerable.Range(0, Mailbox?.Pairs ?? 0).Select(pair => Mailbox!.VectorOf(pair))];
        int wanted = Mailbox is null ? MostVectors : Math.Min(said.Max() + 1, MostVectors);
        _ = Mailbox is { IsPollingOnly: true } || TryEnable(PciInterruptKind.Msix, wanted) || TryEnable(PciInterruptKind.Msi, wanted) || TryEnable(PciInterruptKind.Intx, 1);

        // With one message, or the pin, a function has nothing else to send. Of a table it uses the entry that it says, whether we enabled that or not.
        bool hasOne = _vectors.Count == 1 && _kind != PciInterruptKind.Msix;
        for (int pair = 0; pair < said.Length; pair++) _vectorOfPair[pair] = hasOne ? 0 : said[pair] < _vectors.Count ? said[pair] : -1;
        SharesVectors = Mailbox is null || _vectorOfPair[..said.Length].Where(vector => vector >= 0).GroupBy(vector => vector).Any(links => links.Count() > 1);
    }

    /// <summary>Which of the enabled vectors serves a pair of the mailbox; -1 for none, which leaves polling.</summary>
    public int VectorIndex(int pair) => Mailbox is not null && pair < Mailbox.Pairs ? _vectorOfPair[pair] : -1;

    // A machine that is short of vectors may have some: half as many, and so on, serve some links and leave the others to poll.
    private bool TryEnable(PciInterruptKind kind, int wanted)
    {
        for (int count = Math.Min(_device.GetInterruptCount(kind), wanted); count >= 1; count /= 2)
        {
            try
            {
                foreach (PciInterrupt interrupt in _device.EnableInterrupts(kind, count)) _vectors.Add(new PciVector(interrupt));

                // A message is a write of the device to memory.
                if (kind != PciInterruptKind.Intx) _device.SetBusMaster(true);
                _kind = kind;
                return true;
            }
            catch (PciDeviceException)
            {
                // Offered but refused (no interrupt remapping, no vectors left): the next kind may work, and polling always does.
                _vectors.Clear();
            }
        }

        return false;
    }

    private void Describe(string what) => Description =
        $"{_device.Name} ({_device.Backend}), {what}, {(_vectors.Count == 0 ? "no interrupts" : $"{_vectors.Count} interrupt vectors")}{string.Concat(_device.Notes.Select(note => "; " + note))}";

    private PciDeviceException Unsuitable(string reason) => new(PciDeviceFault.Unsuitable, $"{_device.Name} cannot carry MMBI: {reason}");
}
