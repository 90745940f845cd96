// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;
using Busbar.Memory;

namespace Busbar.Pci;

/// <summary>What an in-process device's function is plugged into: interrupts become counters, and DMA reaches the memory handed out for it.</summary>
/// <remarks>Its locks are innermost: nothing here calls the function.</remarks>
internal sealed class InProcessSlot : IPciFunctionHost
{
    private const ulong FirstBusAddress = 0x1_0000_0000;

    private readonly Lock _interruptLock = new();
    private readonly Lock _dmaLock = new();
    private readonly List<(ulong Address, SharedRegion Region)> _memory = [];
    private EventFd[] _counters = [];
    private PciInterruptKind _kind;
    private bool _level;
    private bool _isMasked;
    private ulong _nextAddress = FirstBusAddress;

    public bool MasksMsix => false;

    public IReadOnlyList<PciInterrupt> Listen(PciInterruptKind kind, int count)
    {
        var counters = new EventFd[count];
        for (int vector = 0; vector < count; vector++) counters[vector] = EventFd.Create();
        lock (_interruptLock) (_counters, _kind, _isMasked) = (counters, kind, false);
        return [.. counters.Select((counter, vector) => new PciInterrupt(vector, counter, kind == PciInterruptKind.Intx ? () => Unmask(counter) : null))];
    }

    public void StopListening()
    {
        EventFd[] counters;
        lock (_interruptLock)
        {
            counters = _counters;
            _counters = [];
        }

        foreach (EventFd counter in counters) counter.Dispose();
    }

    public bool Interrupt(PciInterruptKind kind, int vector, bool level)
    {
        lock (_interruptLock)
        {
            if (kind == PciInterruptKind.Intx)
            {
                _level = level;
                if (!level) return true;
            }

            if (kind != _kind || (uint)vector >= (uint)_counters.Length) return false;
            if (kind != PciInterruptKind.Intx) return _counters[vector].Ring();

            // A level would interrupt without end: as kernels do, one interrupt until the driver has looked.
            if (_isMasked) return true;
            _isMasked = true;
            return _counters[0].Ring();
        }
    }

    public DmaMemory Allocate(int length)
    {
        SharedRegion region = SharedRegion.Allocate(length);
        lock (_dmaLock)
        {
            // A page stays free behind each block, so that running over an end does not land in the next one.
            ulong address = _nextAddress;
            _nextAddress += (ulong)length + (ulong)Environment.SystemPageSize;
            _memory.Add((address, region));
            return new DmaMemory(region, address, () => Remove(region));
        }
    }

    public bool TryReadDma(ulong address, Span<byte> data)
    {
        lock (_dmaLock)
        {
            if (!TryFind(address, data.Length, out SharedRegion? region, out int offset)) return false;
            region!.CopyTo(offset, data);
            return true;
        }
    }

    public bool TryWriteDma(ulong address, ReadOnlySpan<byte> data)
    {
        lock (_dmaLock)
        {
            if (!TryFind(address, data.Length, out SharedRegion? region, out int offset)) return false;
            region!.CopyFrom(offset, data);
            return true;
        }
    }

    private bool TryFind(ulong address, int length, out SharedRegion? region, out int offset)
    {
        foreach ((ulong start, SharedRegion candidate) in _memory)
        {
            if (address < start || address - start > (ulong)candidate.Length || (ulong)length > (ulong)candidate.Length - (address - start)) continue;
            (region, offset) = (candidate, (int)(address - start));
            return true;
        }

        (region, offset) = (null, 0);
        return false;
    }

    private void Remove(SharedRegion region)
    {
        lock (_dmaLock) _memory.RemoveAll(entry => ReferenceEquals(entry.Region, region));
    }

    private void Unmask(EventFd counter)
    {
        lock (_interruptLock)
        {
            if (_kind != PciInterruptKind.Intx || _counters.Length == 0 || !ReferenceEquals(counter, _counters[0])) return;
            _isMasked = _level;
            if (_level) counter.Ring();
        }
    }
}
