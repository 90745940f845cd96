// SPDX-License-Identifier: Apache-2.0
using Busbar.Memory;

namespace Busbar.Pci;

/// <summary>The DMA memory of a client by bus address.</summary>
internal sealed class ClientMemory : IClientMemory
{
    // Somewhere above what a person would take for a null pointer or a small number.
    private const ulong FirstAddress = 0x1000_0000;

    private readonly Lock _lock = new();
    private readonly List<(ulong Address, SharedRegion Region)> _ranges = [];
    private ulong _next = FirstAddress;

    /// <summary>An address range that was never used before; 2^64 bytes last longer than any process.</summary>
    public ulong TakeAddresses(int length)
    {
        lock (_lock)
        {
            ulong address = _next;
            _next += (ulong)length + VfioUserFormat.PageSize;
            return address;
        }
    }

    public void Add(ulong address, SharedRegion region)
    {
        lock (_lock) _ranges.Add((address, region));
    }

    public void Remove(ulong address)
    {
        lock (_lock) _ranges.RemoveAll(range => range.Address == address);
    }

    public bool TryRead(ulong address, Span<byte> data)
    {
        lock (_lock)
        {
            if (!TryFind(address, data.Length, out SharedRegion? region, out int offset)) return false;
            region!.CopyTo(offset, data);
            return true;
        }
    }

    public bool TryWrite(ulong address, ReadOnlySpan<byte> data)
    {
        lock (_lock)
        {
            if (!TryFind(address, data.Length, out SharedRegion? region, out int offset)) return false;
            region!.CopyFrom(offset, data);
            return true;
        }
    }

    private bool TryFind(ulong address, int length, out SharedRegion? region, out int offset)
    {
        foreach ((ulong start, SharedRegion candidate) in _ranges)
        {
            if (address < start || address - start > (ulong)candidate.Length || (ulong)candidate.Length - (address - start) < (ulong)length) continue;
            region = candidate;
            offset = (int)(address - start);
            return true;
        }

        region = null;
        offset = 0;
        return false;
    }
}
