// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;
using Busbar.Memory;
using Busbar.Mmbi;
using Busbar.Node;
using Busbar.Pci;

namespace Busbar.Devices;

/// <summary>
/// The AST2700 as its host drivers see it: no mailbox, but windows whose doorbell byte the hardware watches, and a single MSI message for everything.
/// The 2024 driver (aspeed-host-bmc-dev) takes BAR k as instance k; the 2026 one (aspeed-mmbi) finds several instances behind one descriptor.
/// </summary>
/// <remarks>
/// One message only, because the 2024 driver then takes message 0 for every interrupt, while a number between one and eight makes its
/// interrupt request fail after the link is up. The page with the doorbell byte traps; the rest of a window is shared memory.
/// </remarks>
internal sealed class Ast2700Board : Board
{
    /// <summary>MMBI is tried by the 2024 driver with this revision only.</summary>
    internal const byte Revision = 0x27;

    /// <summary>What the host writes as a doorbell.</summary>
    internal const byte DoorbellValue = 0xC6;

    private const int PageSize = 4096;
    private const int Message = 0;

    // The hosts change their words without ringing in places (leaving, refusing, and always in the newer generation).
    private static readonly MmbiTimings s_timings = new() { WatchInterval = 10, LongestPoll = 10 };

    private readonly MmbiDeviceOptions _options;
    private readonly MappedMemory[] _windows;
    private readonly DoorbellByteSignals[] _signals;
    private readonly bool _hasBarPerInstance;

    public Ast2700Board(MmbiDeviceOptions options)
    {
        _options = options;
        _hasBarPerInstance = options.Profile == DeviceProfile.Ast2700;
        int bars = _hasBarPerInstance ? options.Instances : 1;
        _windows = [.. Enumerable.Range(0, bars).Select(bar => MappedMemory.CreateSealed($"busbar-window{bar}", options.WindowSize))];
        _signals = [.. Enumerable.Range(0, options.Instances).Select(_ => new DoorbellByteSignals(Message, hostRings: _hasBarPerInstance))];
        DeviceIdentity identity = options.Identity ?? DeviceIdentity.Of(options.Profile);
        Function = new PciFunction(new PciFunctionOptions
        {
            Name = _hasBarPerInstance ? "ast2700" : "ast2700-v1.1",
            VendorId = identity.VendorId,
            DeviceId = identity.DeviceId,
            SubsystemVendorId = identity.SubsystemVendorId,
            SubsystemId = identity.SubsystemId,
            ClassCode = MailboxBoard.ClassCode,
            RevisionId = Revision,
            Regions = [.. Enumerable.Range(0, bars).Select(Region)],
            Capabilities =
            [
                PciFunctionCapability.Msi(vectors: 1),
                PciFunctionCapability.PowerManagement(),
                PciFunctionCapability.Express(hasFunctionLevelReset: true),
            ],
        });
        foreach (DoorbellByteSignals signals in _signals) signals.Connect(Function);
    }

    public override PciFunction Function { get; }

    public override SharedRegion OpenWindow(int instance) => _windows[_hasBarPerInstance ? instance : 0].Map();

    public override WindowOptions OwnerOptions(int instance) => new()
    {
        Name = $"mmbi{instance}",
        Text = $"device instance {instance}",
        Role = MmbiRole.Owner,
        Dialect = _hasBarPerInstance ? MmbiDialect.V10Aspeed : MmbiDialect.V11,
        Instance = _hasBarPerInstance ? 0 : instance,
        Instances = _hasBarPerInstance ? 1 : _options.Instances,
        Wait = _options.Wait,
        Timings = s_timings,
        NeverResets = _hasBarPerInstance,
        Interrupts = _hasBarPerInstance
            ? new MmbiInterrupts(MmbiHostInterrupt.Pcie, Message, 0, MmbiOwnerInterrupt.ByteWrite, DoorbellValue)
            : new MmbiInterrupts(MmbiHostInterrupt.Pcie, Message, 0, MmbiOwnerInterrupt.InBand, OwnerValue: 0),
    };

    public override IWindowSignals SignalsOf(int instance) => _signals[instance];

    public override void OnReset()
    {
        // Nothing to arm: this hardware's doorbells have no enable bits.
    }

    public override void OnLinkReset(int instance)
    {
        // No latches either.
    }

    public override void Dispose()
    {
        Function.Dispose();
        foreach (DoorbellByteSignals signals in _signals) signals.Dispose();
    }

    // Version 1.0 keeps the doorbell byte in the window's last eight bytes, version 1.1 behind the descriptor.
    private PciFunctionRegion Region(int bar)
    {
        int size = _options.WindowSize;
        var region = new PciFunctionRegion(bar, size) { Memory = _windows[bar] };
        if (_hasBarPerInstance)
        {
            int bell = size - sizeof(long);
            return region.AddMemory(0, size - PageSize).AddMemory(size - PageSize, PageSize, isMappable: false, (offset, length) => Notice(bar, bell, offset, length));
        }

        int trigger = DescriptorLength(_options.Instances);
        return region.AddMemory(0, PageSize, isMappable: false, (offset, length) => Notice(bar, trigger, offset, length)).AddMemory(PageSize, size - PageSize);
    }

    private static int DescriptorLength(int instances) => 32 + (32 * instances);

    private void Notice(int bar, int bell, int offset, int length)
    {
        if (offset > bell || offset + length <= bell || Function.GetMemory(bar)!.Read8(bell) != DoorbellValue) return;

        // One doorbell for all instances behind a descriptor: each looks at its own rings.
        if (_hasBarPerInstance) _signals[bar].Interrupt();
        else foreach (DoorbellByteSignals signals in _signals) signals.Interrupt();
    }
}
