// SPDX-License-Identifier: Apache-2.0
using Busbar.Endpoints;
using Busbar.Mctp;
using Busbar.Mmbi;
using Busbar.Node;
using Busbar.Pci;

namespace Busbar.Devices.Tests;

/// <summary>A started device in its slot, bus mastering and MSI on, and every transition of its owners.</summary>
internal sealed class ReplayDevice : IDisposable
{
    private readonly List<MmbiEvent> _events = [];

    public ReplayDevice(MmbiDeviceOptions options)
    {
        Device = new MmbiDevice(options with { StaticEid = new Eid(20) });
        Device.EndpointStarted += (_, host) => ((MmbiAttachment)host.Attachment).Transition = change =>
        {
            lock (_events) _events.Add(change);
        };
        Device.Start();
        Slot = new InProcessDevice(Device.Function);
        Slot.SetBusMaster(true);
        Interrupts = Slot.EnableInterrupts(PciInterruptKind.Msi, Slot.GetInterruptCount(PciInterruptKind.Msi));
    }

    public MmbiDevice Device { get; }

    public InProcessDevice Slot { get; }

    public IReadOnlyList<PciInterrupt> Interrupts { get; }

    /// <summary>States that an owner of this device was ever in.</summary>
    public HashSet<int> States
    {
        get
        {
            lock (_events) return [.. _events.Select(change => (int)change.New.Code)];
        }
    }

    public HostWindow Window(int bar) => new(Device.Function, bar);

    public T OfChannel<T>(Func<MmbiChannel, T> read, int instance = 0)
    {
        EndpointHost host = Device.GetEndpoint(instance)!;
        return host.Node.Read((_, _) => read(((MmbiAttachment)host.Attachment).MmbiLink.Channel!));
    }

    public long Wakes(int instance = 0)
    {
        EndpointHost host = Device.GetEndpoint(instance)!;
        return host.Node.Read((_, _) => host.Attachment.Link.Statistics.Wakes);
    }

    public void Dispose()
    {
        Slot.Dispose();
        Device.Dispose();
    }
}
