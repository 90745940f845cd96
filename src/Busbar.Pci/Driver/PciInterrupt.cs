// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;

namespace Busbar.Pci;

/// <summary>
/// One interrupt vector as a counter: whoever interrupts adds one, whoever waits polls the descriptor and drains it. Interrupts that come before anybody looks coalesce.
/// </summary>
/// <param name="vector">The vector, from 0.</param>
/// <param name="counter">What the kernel, or the model, adds to.</param>
/// <param name="unmask">Lets the next interrupt through where the kernel masks each one (INTx); null where it does not.</param>
public sealed class PciInterrupt(int vector, EventFd counter, Action? unmask = null)
{
    /// <summary>The vector, from 0.</summary>
    public int Vector { get; } = vector;

    /// <summary>Readable while interrupts are pending; for pollers.</summary>
    public FileDescriptor Descriptor => counter.Descriptor;

    /// <summary>Interrupts drained so far.</summary>
    public long Count { get; private set; }

    /// <summary>Takes what is pending. Never blocks; one reader at a time.</summary>
    /// <returns>How many interrupts came since the last call; 0 for none.</returns>
    public long Drain()
    {
        if (!counter.TryDrain(out ulong pending)) return 0;
        long count = (long)Math.Min(pending, int.MaxValue);
        Count += count;
        unmask?.Invoke();
        return count;
    }
}
