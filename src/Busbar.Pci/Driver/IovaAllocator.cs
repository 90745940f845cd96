// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;

namespace Busbar.Pci;

/// <summary>
/// Gives out addresses on the device's side of an IOMMU: the lowest that fit, because some devices cannot reach high ones. Not thread-safe.
/// </summary>
/// <param name="ranges">What the IOMMU translates.</param>
/// <param name="alignment">Bytes of a page; every address and length is a multiple.</param>
internal sealed class IovaAllocator(IReadOnlyList<IovaRange> ranges, ulong alignment)
{
    // The first megabyte stays free: an address of zero, or near it, is a bug in a driver more often than not, and shall fault.
    private const ulong Lowest = 1 << 20;

    private readonly List<IovaRange> _used = [];

    /// <summary>Finds room.</summary>
    /// <param name="length">Bytes, a positive multiple of the alignment.</param>
    /// <param name="address">The first address.</param>
    /// <returns>False when there is none.</returns>
    public bool TryTake(ulong length, out ulong address)
    {
        foreach (IovaRange range in ranges)
        {
            ulong start = Math.Max(range.First, Lowest);
            if (!TryAlign(ref start)) continue;
            int index = 0;
            while (index < _used.Count && _used[index].Last < start) index++;
            while (true)
            {
                ulong end = index < _used.Count ? Math.Min(range.Last, _used[index].First - 1) : range.Last;
                if (end >= start && end - start >= length - 1)
                {
                    _used.Insert(index, new IovaRange(start, start + (length - 1)));
                    address = start;
                    return true;
                }

                if (index == _used.Count || _used[index].Last >= range.Last) break;
                start = _used[index++].Last + 1;
                if (!TryAlign(ref start)) break;
            }
        }

        address = 0;
        return false;
    }

    /// <summary>Gives room back.</summary>
    /// <param name="address">What <see cref="TryTake"/> gave.</param>
    public void Return(ulong address) => _used.RemoveAll(taken => taken.First == address);

    private bool TryAlign(ref ulong start)
    {
        ulong beyond = start % alignment;
        if (beyond == 0) return true;
        if (start > ulong.MaxValue - alignment) return false;
        start += alignment - beyond;
        return true;
    }
}
