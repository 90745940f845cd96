// SPDX-License-Identifier: Apache-2.0
using System.Runtime.CompilerServices;

namespace Busbar.Node;

/// <summary>
/// The node's lock. It guards sections of well under a microsecond that are entered millions of times a second and hardly ever contended, so it
/// spins, then yields, and its way out is a plain store; that is half the price of <see cref="Lock"/>. Not recursive.
/// </summary>
/// <remarks>
/// Whoever polls in a loop looks at <see cref="IsWanted"/> and makes way, because a spinning lock is not fair by itself.
/// </remarks>
internal sealed class Gate
{
    private SpinLock _lock = new(enableThreadOwnerTracking: false);
    private int _waiting;

    /// <summary>True while another thread tries to enter.</summary>
    public bool IsWanted => Volatile.Read(ref _waiting) != 0;

    /// <summary>Enters; leave by disposing the result.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Scope Hold()
    {
        bool taken = false;
        _lock.TryEnter(ref taken);
        if (!taken) HoldSlowly();
        return new Scope(this);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void HoldSlowly()
    {
        Interlocked.Increment(ref _waiting);
        bool taken = false;
        _lock.Enter(ref taken);
        Interlocked.Decrement(ref _waiting);
    }

    /// <summary>The time between entering and leaving.</summary>
    public readonly ref struct Scope
    {
        private readonly Gate _gate;

        internal Scope(Gate gate) => _gate = gate;

        /// <summary>Leaves.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Dispose() => _gate._lock.Exit(useMemoryBarrier: false);
    }
}
