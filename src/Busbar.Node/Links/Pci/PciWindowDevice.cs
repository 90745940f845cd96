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
    private const int VendorDeviceRegister = 0x00;
    private const int ClassRegister = 0x08;
    private const uint IvshmemIds = 0x1110_1AF4;
    private const uint MmbiClass = 0x0C_0C00;
    private const int PageSize = 4096;
    private const int PagesSearched = 16;
    private const int LargestWindow = 1 << 30;
    private const int IvshmemRegisters = 0;
    private const int IvshmemMemory = 2;
    private const int MostVectors = 32;

    private static readonly Lock _registryGate = new();
    private static readonly Dictionary<string, PciWindowDevice> _registry = new(StringComparer.Ordinal);

    private readonly Lock _gate = new();
    private readonly IPciDevice _device;
    private readonly bool _ownsDevice;
    private readonly List<PciVector> _vectors = [];
    private readonly List<int> _windows = [];
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
    /// <param name="bar">The window when the probe needs help; the first user's counts.</param>
    /// <param name="open">Opens it.</param>
    /// <param name="ownsDevice">True to dispose it with the last user.</param>
    public static PciWindowDevice Acquire(string key, int? bar, Func<IPciDevice> open, bool ownsDevice)
    {
        lock (_registryGate)
        {
            if (_registry.TryGetValue(key, out PciWindowDevice? known))
            {
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
            if (device.Config.Read32(VendorDeviceRegister) == IvshmemIds) probed.ProbeIvshmem();
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
            lock (_gate) return _device.Config.Read32(VendorDeviceRegister) != uint.MaxValue;
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

    private void ProbeIvshmem()
    {
        if (_device.GetBar(IvshmemMemory).Length < 2 * PageSize) throw Unsuitable("its BAR 2 is no shared memory");
        int offered = _device.GetInterruptCount(PciInterruptKind.Msix);
        Kind = offered > 0 ? PciWindowKind.IvshmemDoorbell : PciWindowKind.IvshmemPlain;
        _windows.Add(IvshmemMemory);
        if (offered > 0)
        {
            Registers = _device.MapBar(IvshmemRegisters, RegionAccess.Mmio);
            if (Registers.Length < IvshmemPort.Length) throw Unsuitable("its BAR 0 is no ivshmem register block");
            TryEnable(PciInterruptKind.Msix, 1);
        }

        Describe(offered > 0 ? "ivshmem-doorbell" : "ivshmem-plain");
    }

    private void ProbeHardware(int? wanted)
    {
        string trouble = string.Empty;
        bool isMmbi = _device.Config.Read32(ClassRegister) >> 8 == MmbiClass;
        int mailboxBar = -1;
        int best = -1;
        for (int bar = 0; bar < BarCount; bar++)
        {
            PciBar window = _device.GetBar(bar);
            if (window.IsIo || window.Length < PageSize) continue;
            int length = (int)Math.Min(window.Length, PagesSearched * PageSize);
            if (MapStart(window, length) is not { } start) continue;
            bool isWindow = HasSignature(start);
            if (isWindow) _windows.Add(bar);
            bool keeps = false;

            // Registers of unknown functions are not read at random: a signature or the class must speak for it.
            for (int offset = 0; Mailbox is null && !isWindow && offset < (isMmbi ? length : PageSize); offset += PageSize)
            {
                if (!MailboxPort.TryFind(start, offset, out MailboxPort? port, out string reason))
                {
                    if (reason.Length != 0) trouble = reason;
                    continue;
                }

                (Mailbox, mailboxBar, keeps) = (port, bar, true);
            }

            if (!keeps) start.Dispose();
            if (bar != mailboxBar && (best < 0 || window.Length > _device.GetBar(best).Length)) best = bar;
        }

        if (wanted is { } named)
        {
            PciBar window = _device.GetBar(named);
            if (window.IsIo || window.Length < PageSize) throw Unsuitable($"its BAR {named} is no memory window");
            _windows.Clear();
            _windows.Add(named);
        }
        else if (_windows.Count == 0 && isMmbi && best >= 0)
        {
            // Its processor has not booted yet: the largest window is where the descriptor will be.
            _windows.Add(best);
        }

        if (_windows.Count == 0) throw Unsuitable(isMmbi ? "none of its BARs is a memory window" : "it is neither ivshmem nor of class 0c0c00, and no BAR starts with an MMBI signature");
        if (Mailbox is null && trouble.Length != 0) throw Unsuitable(trouble);
        EnableHardwareInterrupts();
        Describe(Mailbox is null ? "no mailbox" : $"mailbox of {Mailbox.Pairs} pairs in BAR {mailboxBar}");
    }

    // A window that cannot be in our address space may still be reached access by access; if not, it is none.
    private SharedRegion? MapStart(PciBar window, int length)
    {
        try
        {
            return _device.MapBar(window.Index, RegionAccess.Mmio, 0, length);
        }
        catch (PciDeviceException) when (!window.IsMappable)
        {
            return null;
        }
    }

    private void EnableHardwareInterrupts()
    {
        int pairs = Mailbox?.Pairs ?? 1;
        int wanted = Mailbox is null ? MostVectors : 1;
        for (int pair = 0; pair < pairs && Mailbox is not null; pair++) wanted = Math.Max(wanted, Math.Min(Mailbox.VectorOf(pair) + 1, MostVectors));
        _ = TryEnable(PciInterruptKind.Msix, wanted) || TryEnable(PciInterruptKind.Msi, wanted) || TryEnable(PciInterruptKind.Intx, 1);
        var seen = new HashSet<int>();
        SharesVectors = Mailbox is null;
        for (int pair = 0; pair < pairs && Mailbox is not null; pair++) SharesVectors |= !seen.Add(VectorIndex(pair));
    }

    /// <summary>Which of the enabled vectors serves a pair: the one that the device says when we have it, else the only one; -1 for none.</summary>
    public int VectorIndex(int pair)
    {
        if (_vectors.Count <= 1 || Mailbox is null || pair >= Mailbox.Pairs) return _vectors.Count > 0 ? 0 : -1;
        int vector = Mailbox.VectorOf(pair);
        return vector < _vectors.Count ? vector : -1;
    }

    private bool TryEnable(PciInterruptKind kind, int wanted)
    {
        try
        {
            int count = Math.Min(_device.GetInterruptCount(kind), wanted);
            if (count < 1) return false;
            foreach (PciInterrupt interrupt in _device.EnableInterrupts(kind, count)) _vectors.Add(new PciVector(interrupt));

            // A message is a write of the device to memory.
            if (kind != PciInterruptKind.Intx) _device.SetBusMaster(true);
            return true;
        }
        catch (PciDeviceException)
        {
            // Offered but refused (no interrupt remapping, no vectors left): the next kind may work, and polling always does.
            _vectors.Clear();
            return false;
        }
    }

    private void Describe(string what) => Description =
        $"{_device.Name} ({_device.Backend}), {what}, {(_vectors.Count == 0 ? "no interrupts" : $"{_vectors.Count} interrupt vectors")}{string.Concat(_device.Notes.Select(note => "; " + note))}";

    private PciDeviceException Unsuitable(string reason) => new(PciDeviceFault.Unsuitable, $"{_device.Name} cannot carry MMBI: {reason}");

    private static bool HasSignature(SharedRegion start) =>
        start.Read32(0) == 0x424D_4D23 && (start.Read32(4) & 0xFFFF) == 0x2449;
}
