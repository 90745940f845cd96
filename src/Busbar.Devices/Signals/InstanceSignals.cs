// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;
using Busbar.Mmbi;
using Busbar.Node;

namespace Busbar.Devices;

/// <summary>What the owner of one instance hears of its host, and how it interrupts it. Outlives the endpoint nodes that use it one after the other.</summary>
internal abstract class InstanceSignals : IWindowSignals, IMmbiDoorbell, IDisposable
{
    private readonly EventFd _bell = EventFd.Create();

    public IMmbiDoorbell Doorbell => this;

    public bool CanRing => true;

    public abstract bool CanWake { get; }

    // Nothing is lost by ringing a host that polls: the mailbox only latches, and messages are cheap beside a guest's exit.
    public bool PeerWantsRing => true;

    public abstract void Ring();

    public abstract void SetWanted(bool wanted);

    public virtual void OnLinkReset()
    {
    }

    /// <summary>Wakes the node: the host rang.</summary>
    public void Wake() => _bell.Ring();

    /// <summary>The device was reset: whatever the owner had set up in it must be set up again.</summary>
    public virtual void Rearm()
    {
    }

    public void CollectDescriptors(List<FileDescriptor> descriptors) => descriptors.Add(_bell.Descriptor);

    public bool Acknowledge(FileDescriptor descriptor)
    {
        bool rang = _bell.TryDrain(out _);
        TakeEvents();

        // What the host published before it rang must be seen by whoever looks at the rings from here on.
        Interlocked.MemoryBarrier();
        return rang;
    }

    public void Dispose() => _bell.Dispose();

    private protected virtual void TakeEvents()
    {
    }
}
