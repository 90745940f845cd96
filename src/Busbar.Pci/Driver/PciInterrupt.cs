// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;

namespace Busbar.Pci;

/// <summary>
/// One interrupt vector as a counter: whoever interrupts adds one, whoever waits polls the descriptor and drains it. Interrupts that come before anybody looks coalesce.
/// </summary>
/// <remarks>
/// A level-triggered interrupt (INTx) is masked from its arrival until <see cref="Drain"/>. If its cause still stands then, it comes once more: so look for
/// work after every drain, and expect one interrupt too many, never one too few.
/// </remarks>
public sealed class PciInterrupt
{
    private readonly Func<long> _take;
    private readonly Action? _unmask;

    /// <summary>An interrupt that arrives in an eventfd.</summary>
    /// <param name="vector">The vector, from 0.</param>
    /// <param name="counter">What the kernel, or the model, adds to.</param>
    /// <param name="unmask">Lets the next interrupt through where the kernel masks each one (INTx); null where it does not.</param>
    public PciInterrupt(int vector, EventFd counter, Action? unmask = null)
    {
        ArgumentNullException.ThrowIfNull(counter);
        Vector = vector;
        Descriptor = counter.Descriptor;
        _take = () => counter.TryDrain(out ulong pending) ? (long)Math.Min(pending, int.MaxValue) : 0;
        _unmask = unmask;
    }

    /// <summary>An interrupt that arrives in another kind of file (UIO).</summary>
    /// <param name="vector">The vector, from 0.</param>
    /// <param name="descriptor">Readable while interrupts are pending.</param>
    /// <param name="take">Takes what is pending: how many; 0 for none. Never blocks, never throws.</param>
    /// <param name="unmask">Lets the next interrupt through; null where none is masked.</param>
    public PciInterrupt(int vector, FileDescriptor descriptor, Func<long> take, Action? unmask)
    {
        Vector = vector;
        Descriptor = descriptor;
        _take = take;
        _unmask = unmask;
    }

    /// <summary>The vector, from 0.</summary>
    public int Vector { get; }

    /// <summary>Readable while interrupts are pending; for pollers.</summary>
    public FileDescriptor Descriptor { get; }

    /// <summary>Interrupts drained so far.</summary>
    public long Count { get; private set; }

    /// <summary>Takes what is pending. Never blocks, never allocates; one reader at a time.</summary>
    /// <returns>How many interrupts came since the last call; 0 for none.</returns>
    public long Drain()
    {
        long count = _take();
        if (count <= 0) return 0;
        Count += count;
        _unmask?.Invoke();
        return count;
    }
}
