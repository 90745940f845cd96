// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;
using Busbar.Mmbi;
using Busbar.Node;

namespace Busbar.Devices;

/// <summary>
/// The owner's end of one mailbox pair: rings the host through SET, and is rung through an eventfd that stands for the embedded processor's interrupt
/// line. ENABLE says whether the processor wants to be interrupted, so nothing is signalled while it polls.
/// </summary>
internal sealed class MailboxSignals(MailboxBlock mailbox, int pair) : IWindowSignals, IMmbiDoorbell, IDisposable
{
    private readonly EventFd _line = EventFd.Create();
    private bool _isWanted;

    public IMmbiDoorbell Doorbell => this;

    public bool CanRing => true;

    public bool CanWake => true;

    // A host that polls leaves its ENABLE at 0, and SET then costs a few instructions and no interrupt.
    public bool PeerWantsRing => true;

    public void CollectDescriptors(List<FileDescriptor> descriptors) => descriptors.Add(_line.Descriptor);

    public bool Acknowledge(FileDescriptor descriptor)
    {
        if (!_line.TryDrain(out _)) return false;

        // Take after drain: an event in between rings again. The block's lock is the fence towards the rings.
        return mailbox.Take(MailboxSide.Owner, pair) != 0;
    }

    public void Ring() => mailbox.Set(MailboxSide.Owner, pair, MailboxFormat.LinkEvents);

    public void SetWanted(bool wanted)
    {
        Volatile.Write(ref _isWanted, wanted);

        // What came while we were polling was seen by polling; only what comes from now on shall interrupt. The caller looks once more behind this.
        if (wanted) mailbox.Take(MailboxSide.Owner, pair);
        mailbox.SetEnable(MailboxSide.Owner, pair, wanted ? MailboxFormat.LinkEvents : 0);
    }

    /// <summary>The block interrupts its owner on this pair. Any thread; under the block's lock.</summary>
    public void Interrupt() => _line.Ring();

    /// <summary>The device was reset, and with it what we had enabled: arms it again, as firmware does, and has the endpoint look at its window.</summary>
    public void Rearm()
    {
        if (Volatile.Read(ref _isWanted)) mailbox.SetEnable(MailboxSide.Owner, pair, MailboxFormat.LinkEvents);
        _line.Ring();
    }

    public void Dispose() => _line.Dispose();
}
