// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;

namespace Busbar.Pci;

/// <summary>
/// The interrupts of a function and the eventfds that a client has installed for them. Any thread raises; the loop's thread installs, masks and removes. One lock, held
/// for the length of a ring, makes sure that nothing rings an eventfd after its removal was answered.
/// </summary>
internal sealed class IrqTable
{
    private readonly Lock _lock = new();
    private readonly IrqVector[][] _vectors = new IrqVector[VfioUserFormat.IrqIndexCount][];
    private readonly VfioUserStatistics _statistics;
    private EventFd? _unmaskDoorbell;
    private bool _intxLevel;

    public IrqTable(IPciFunction function, VfioUserStatistics statistics)
    {
        _statistics = statistics;
        for (int index = 0; index < _vectors.Length; index++)
        {
            // A client may always install something for errors and for being asked to let go, and waits in vain.
            int count = index <= VfioUserFormat.MsixIndex ? function.GetInterruptCount(KindOf(index)) : 1;
            _vectors[index] = [.. Enumerable.Range(0, count).Select(_ => new IrqVector())];
        }
    }

    /// <summary>What the client rings instead of sending UNMASK for INTx; null when it has not installed any.</summary>
    public EventFd? UnmaskDoorbell
    {
        get
        {
            lock (_lock) return _unmaskDoorbell;
        }
    }

    /// <summary>Vectors of a kind.</summary>
    /// <param name="index">Below <see cref="VfioUserFormat.IrqIndexCount"/>.</param>
    public int CountOf(int index) => _vectors[index].Length;

    /// <summary>Vectors of a kind on which somebody listens.</summary>
    /// <param name="index">Below <see cref="VfioUserFormat.IrqIndexCount"/>.</param>
    public int InstalledOf(int index)
    {
        lock (_lock) return _vectors[index].Count(static vector => vector.Doorbell is not null);
    }

    public static int IndexOf(PciInterruptKind kind) => kind switch
    {
        PciInterruptKind.Intx => VfioUserFormat.IntxIndex,
        PciInterruptKind.Msi => VfioUserFormat.MsiIndex,
        _ => VfioUserFormat.MsixIndex,
    };

    public static PciInterruptKind KindOf(int index) => index switch
    {
        VfioUserFormat.IntxIndex => PciInterruptKind.Intx,
        VfioUserFormat.MsiIndex => PciInterruptKind.Msi,
        _ => PciInterruptKind.Msix,
    };

    /// <summary>The function interrupts.</summary>
    /// <returns>False when nobody listens.</returns>
    public bool Raise(PciInterruptKind kind, int vector, bool level)
    {
        IrqVector[] vectors = _vectors[IndexOf(kind)];
        if ((uint)vector >= (uint)vectors.Length)
        {
            _statistics.CountInterruptLost();
            return false;
        }

        lock (_lock)
        {
            if (kind == PciInterruptKind.Intx)
            {
                bool rises = level && !_intxLevel;
                _intxLevel = level;
                if (!rises) return vectors[vector].Doorbell is not null;
            }

            return Ring(vectors[vector]);
        }
    }

    /// <summary>Installs eventfds, replacing what was there.</summary>
    /// <param name="index">Kind.</param>
    /// <param name="start">First vector; the range was checked.</param>
    /// <param name="doorbells">One for each vector; owned by the table from now on.</param>
    public void Install(int index, int start, ReadOnlySpan<EventFd> doorbells)
    {
        lock (_lock)
        {
            for (int i = 0; i < doorbells.Length; i++)
            {
                IrqVector vector = _vectors[index][start + i];
                vector.Doorbell?.Dispose();
                vector.Doorbell = doorbells[i];
            }

            // A level that is high already interrupts whoever begins to listen.
            if (index == VfioUserFormat.IntxIndex) RingIntxWhileHigh();
        }
    }

    /// <summary>Removes the eventfds of some vectors.</summary>
    public void Remove(int index, int start, int count)
    {
        lock (_lock)
        {
            for (int i = start; i < start + count; i++) Drop(_vectors[index][i]);
        }
    }

    /// <summary>Disables a kind: eventfds, masks and what is pending.</summary>
    public void Disable(int index)
    {
        lock (_lock)
        {
            foreach (IrqVector vector in _vectors[index])
            {
                Drop(vector);
                vector.IsMasked = false;
                vector.IsPending = false;
            }

            if (index == VfioUserFormat.IntxIndex) DropUnmaskDoorbell();
        }
    }

    /// <summary>Replaces what the client rings to unmask INTx.</summary>
    /// <param name="doorbell">Owned by the table from now on; null removes it.</param>
    public void SetUnmaskDoorbell(EventFd? doorbell)
    {
        lock (_lock)
        {
            DropUnmaskDoorbell();
            _unmaskDoorbell = doorbell;
        }
    }

    /// <summary>Rings a vector as if the function had: the client's loopback test.</summary>
    public void Trigger(int index, int vector)
    {
        lock (_lock) Ring(_vectors[index][vector]);
    }

    /// <summary>Masks a vector: it rings later, if at all.</summary>
    public void Mask(int index, int vector)
    {
        lock (_lock) _vectors[index][vector].IsMasked = true;
    }

    /// <summary>Unmasks a vector and rings it if it is due: pending, or a level that is still high.</summary>
    public void Unmask(int index, int vector)
    {
        lock (_lock)
        {
            IrqVector unmasked = _vectors[index][vector];
            unmasked.IsMasked = false;
            if (index == VfioUserFormat.IntxIndex)
            {
                unmasked.IsPending = false;
                RingIntxWhileHigh();
            }
            else if (unmasked.IsPending)
            {
                unmasked.IsPending = false;
                Ring(unmasked);
            }
        }
    }

    /// <summary>The client is gone: nothing is installed or masked any more. The level of INTx is the function's and stays.</summary>
    public void Clear()
    {
        for (int index = 0; index < _vectors.Length; index++) Disable(index);
    }

    private void RingIntxWhileHigh()
    {
        if (_intxLevel && _vectors[VfioUserFormat.IntxIndex] is [{ Doorbell: not null } pin, ..]) Ring(pin);
    }

    private bool Ring(IrqVector vector)
    {
        if (vector.Doorbell is null)
        {
            _statistics.CountInterruptLost();
            return false;
        }

        if (vector.IsMasked)
        {
            vector.IsPending = true;
            _statistics.CountInterruptPended();
            return true;
        }

        bool rang = vector.Doorbell.Ring();
        if (rang) _statistics.CountInterruptSent();
        else _statistics.CountInterruptLost();
        return rang;
    }

    private static void Drop(IrqVector vector)
    {
        vector.Doorbell?.Dispose();
        vector.Doorbell = null;
    }

    private void DropUnmaskDoorbell()
    {
        _unmaskDoorbell?.Dispose();
        _unmaskDoorbell = null;
    }
}
