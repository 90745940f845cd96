// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;
using Busbar.Memory;
using Busbar.Mmbi;
using Busbar.Node;
using Busbar.Pci;

namespace Busbar.Devices;

/// <summary>The profile of our own: registers trap in BAR 0, the window in BAR 2 is shared memory that the guest maps whole, MSI-X lives in BAR 4.</summary>
internal sealed class MailboxBoard : Board
{
    /// <summary>PCI class: serial bus controller, IPMI interface of type SMIC, which MMBI devices report.</summary>
    internal const int ClassCode = 0x0C0C00;

    private const int RegisterBar = 0;
    private const int WindowBar = 2;
    private const int InterruptBar = 4;
    private const int PageSize = 4096;
    private const int PendingOffset = 0x800;

    private readonly MmbiDeviceOptions _options;
    private readonly MailboxBlock _mailbox;
    private readonly MailboxSignals[] _signals;
    private readonly MappedMemory _window;

    public MailboxBoard(MmbiDeviceOptions options)
    {
        _options = options;
        _mailbox = new MailboxBlock(options.Instances, Interrupt);
        _signals = [.. Enumerable.Range(0, options.Instances).Select(pair => new MailboxSignals(_mailbox, pair))];
        _window = MappedMemory.CreateSealed("busbar-window", options.WindowSize);
        DeviceIdentity identity = options.Identity ?? DeviceIdentity.Of(options.Profile);
        Function = new PciFunction(new PciFunctionOptions
        {
            Name = "busbar",
            VendorId = identity.VendorId,
            DeviceId = identity.DeviceId,
            SubsystemVendorId = identity.SubsystemVendorId,
            SubsystemId = identity.SubsystemId,
            ClassCode = ClassCode,
            RevisionId = 1,
            Regions =
            [
                new PciFunctionRegion(RegisterBar, MailboxFormat.Length).AddRegisters(0, MailboxFormat.Length, _mailbox.DiscovererView),
                new PciFunctionRegion(WindowBar, options.WindowSize, is64Bit: true, isPrefetchable: true) { Memory = _window }.AddMemory(0, options.WindowSize),
                new PciFunctionRegion(InterruptBar, PageSize),
            ],
            Capabilities =
            [
                PciFunctionCapability.Msix(options.Instances, InterruptBar, 0, PendingOffset),
                PciFunctionCapability.PowerManagement(),
                PciFunctionCapability.Express(hasFunctionLevelReset: true),
            ],
        });
    }

    public override PciFunction Function { get; }

    public override SharedRegion OpenWindow(int instance) => _window.Map();

    public override WindowOptions OwnerOptions(int instance) => new()
    {
        Name = $"mmbi{instance}",
        Text = $"device instance {instance}",
        Role = MmbiRole.Owner,
        Dialect = _options.Dialect ?? MmbiDialect.V11,
        Instance = instance,
        Instances = _options.Instances,
        Wait = _options.Wait,

        // The message of the first pair; the VECTOR registers name those of the others.
        Interrupts = new MmbiInterrupts(MmbiHostInterrupt.Pcie, _mailbox.VectorOf(0), 0, MmbiOwnerInterrupt.InBand, OwnerValue: 0),
    };

    public override IWindowSignals SignalsOf(int instance) => _signals[instance];

    public override void OnReset()
    {
        _mailbox.Reset();
        foreach (MailboxSignals signals in _signals) signals.Rearm();
    }

    public override void OnLinkReset(int instance) => _mailbox.ResetLink(instance);

    public override void Dispose()
    {
        Function.Dispose();
        foreach (MailboxSignals signals in _signals) signals.Dispose();
    }

    private void Interrupt(MailboxSide side, int pair)
    {
        if (side == MailboxSide.Owner) _signals[pair].Interrupt();
        else Function.RaiseInterrupt(_mailbox.VectorOf(pair));
    }
}
