// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;
using Busbar.Pci;

namespace Busbar.Node;

/// <summary>
/// One interrupt and the links that wait for it. A vector of one link is drained by that link. Of a shared one every link has a duplicate of the
/// descriptor; whoever drains it wakes the others, which may belong to other nodes.
/// </summary>
internal sealed class PciVector(PciInterrupt interrupt)
{
    private readonly Lock _gate = new();
    private readonly List<EventFd> _listeners = [];

    /// <summary>What becomes readable.</summary>
    public FileDescriptor Descriptor => interrupt.Descriptor;

    /// <summary>Adds a link of several.</summary>
    public void Join(EventFd listener)
    {
        lock (_gate) _listeners.Add(listener);
    }

    /// <summary>Takes it away again.</summary>
    public void Leave(EventFd listener)
    {
        lock (_gate) _listeners.Remove(listener);
    }

    /// <summary>Takes what is pending and wakes the other links.</summary>
    /// <returns>True when there was an interrupt.</returns>
    public bool Drain(EventFd? self)
    {
        lock (_gate)
        {
            if (interrupt.Drain() == 0) return false;
            for (int i = 0; i < _listeners.Count; i++)
            {
                if (!ReferenceEquals(_listeners[i], self)) _listeners[i].Ring();
            }

            return true;
        }
    }
}
