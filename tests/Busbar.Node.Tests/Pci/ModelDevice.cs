// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;
using Busbar.Mctp;
using Busbar.Memory;
using Busbar.Mmbi;
using Busbar.Pci;

namespace Busbar.Node.Tests;

/// <summary>An endpoint with a mailbox, a window and the owners behind it, in this process: what a driver is tested against without a guest.</summary>
internal sealed class ModelDevice : IDisposable
{
    private const int WindowLength = 1 << 20;

    private readonly PciFunction _function;
    private readonly MappedMemory _memory;
    private readonly EventFd[] _rung;
    private readonly bool _hasOneMessage;

    public ModelDevice(int instances = 1, bool hasOneMessage = false)
    {
        _hasOneMessage = hasOneMessage;
        _rung = [.. Enumerable.Range(0, instances).Select(_ => EventFd.Create())];
        Mailbox = new MailboxBlock(instances, Interrupted);
        Switch = new MutableRegisters(Mailbox.DiscovererView);
        _memory = MappedMemory.CreateSealed("window", WindowLength);
        _function = new PciFunction(new PciFunctionOptions
        {
            Name = "model",
            VendorId = 0x1234,
            DeviceId = 1,
            ClassCode = 0x0C0C00,
            Regions =
            [
                new PciFunctionRegion(0, 4096).AddRegisters(0, 4096, Switch),
                new PciFunctionRegion(2, WindowLength, is64Bit: true, isPrefetchable: true) { Memory = _memory }.AddMemory(0, WindowLength),
                new PciFunctionRegion(4, 4096),
            ],
            Capabilities = hasOneMessage
                ? [PciFunctionCapability.Msi(1)]
                : [PciFunctionCapability.Msix(vectors: instances, bar: 4, tableOffset: 0, pendingOffset: 0x800)],
        });
        Device = new InProcessDevice(_function, ownsFunction: true);
        Owners = [.. Enumerable.Range(0, instances).Select(OpenOwner)];
    }

    public InProcessDevice Device { get; }

    public MailboxBlock Mailbox { get; }

    public MutableRegisters Switch { get; }

    public MctpNode[] Owners { get; }

    public void RestartOwner(int instance)
    {
        Owners[instance].Dispose();
        Owners[instance] = OpenOwner(instance);
    }

    /// <summary>What a function level reset by somebody else leaves: windows off, no interrupts, no enables.</summary>
    public void ResetBehindTheDriver()
    {
        _function.Reset();
        Mailbox.Reset();
        for (int pair = 0; pair < _rung.Length; pair++) Mailbox.SetEnable(MailboxSide.Owner, pair, MailboxFormat.LinkEvents);
    }

    public void Dispose()
    {
        foreach (MctpNode owner in Owners) owner.Dispose();
        Device.Dispose();
        foreach (EventFd fd in _rung) fd.Dispose();
    }

    private MctpNode OpenOwner(int instance)
    {
        WindowAttachment attachment = WindowAttachment.Open(
            _memory.Map(),
            new WindowOptions
            {
                Text = "model",
                Role = MmbiRole.Owner,
                Dialect = MmbiDialect.V11,
                Instance = instance,
                Instances = _rung.Length,
                Interrupts = new MmbiInterrupts(MmbiHostInterrupt.Pcie, 0, 0, MmbiOwnerInterrupt.InBand, 0, 0),
                Wait = WaitStrategy.Block,
            },
            new Signals(Mailbox, instance, _rung[instance]),
            "model");
        Mailbox.SetEnable(MailboxSide.Owner, instance, MailboxFormat.LinkEvents);
        var node = new MctpNode();
        node.AddLink(attachment);
        node.Use((stack, _) =>
        {
            stack.AddAddress(attachment.Link, NodeEnd.OwnerEid);
            stack.AddRoute(MctpRoute.Direct(NodeEnd.DiscovererEid, NodeEnd.DiscovererEid, attachment.Link));
            stack.SetService(EchoService.Type, new EchoService());
        });
        return node;
    }

    private void Interrupted(MailboxSide side, int pair)
    {
        if (side == MailboxSide.Owner) _rung[pair].Ring();
        else _function.RaiseInterrupt(_hasOneMessage ? 0 : pair);
    }

    /// <summary>The owner's side of one pair.</summary>
    private sealed class Signals(MailboxBlock mailbox, int pair, EventFd rung) : IWindowSignals, IMmbiDoorbell
    {
        public IMmbiDoorbell Doorbell => this;

        public bool CanRing => true;

        public bool CanWake => true;

        public bool PeerWantsRing => true;

        public void Ring() => mailbox.Set(MailboxSide.Owner, pair, MailboxFormat.LinkEvents);

        public void SetWanted(bool wanted)
        {
        }

        public void CollectDescriptors(List<FileDescriptor> descriptors) => descriptors.Add(rung.Descriptor);

        public bool Acknowledge(FileDescriptor descriptor)
        {
            bool came = rung.TryDrain(out _);
            mailbox.Take(MailboxSide.Owner, pair);
            Interlocked.MemoryBarrier();
            return came;
        }
    }
}
