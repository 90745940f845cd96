// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;
using Busbar.Memory;
using Busbar.Mmbi;
using Busbar.Node;
using Busbar.Pci;

namespace Busbar.Devices.Tests;

/// <summary>A driver's half of the notifications of one pair: through the mailbox's registers and an MSI-X message.</summary>
internal sealed class DriverSignals(SharedRegion mailbox, PciInterrupt interrupt, int pair) : IWindowSignals, IMmbiDoorbell
{
    public IMmbiDoorbell Doorbell => this;

    public bool CanRing => true;

    public bool CanWake => true;

    public bool PeerWantsRing => true;

    public void Ring() => mailbox.Write32(MailboxFormat.At(pair, MailboxFormat.Set), MailboxFormat.LinkEvents);

    public void SetWanted(bool wanted)
    {
    }

    public void CollectDescriptors(List<FileDescriptor> descriptors) => descriptors.Add(interrupt.Descriptor);

    public bool Acknowledge(FileDescriptor descriptor)
    {
        bool rang = interrupt.Drain() != 0;
        mailbox.Write32(MailboxFormat.At(pair, MailboxFormat.Status), MailboxFormat.EventMask);
        Interlocked.MemoryBarrier();
        return rang;
    }
}
