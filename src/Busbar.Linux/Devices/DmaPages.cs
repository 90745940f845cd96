// SPDX-License-Identifier: Apache-2.0
using Busbar.Memory;

namespace Busbar.Linux;

/// <summary>Zeroed pages that an IOMMU can be pointed at. Shared, so that a fork of this process cannot move them away from the device (copy on write).</summary>
public sealed class DmaPages
{
    private DmaPages(nint address, int length, SharedRegion region)
    {
        Address = address;
        Length = length;
        Region = region;
    }

    /// <summary>Bytes, whole pages.</summary>
    public int Length { get; }

    /// <summary>The memory; disposing it frees the pages, so take them away from the device first.</summary>
    public SharedRegion Region { get; }

    internal nint Address { get; }

    /// <summary>Allocates.</summary>
    /// <param name="length">Bytes, positive; rounded up to whole pages.</param>
    /// <exception cref="LinuxException">There is not enough memory.</exception>
    public static DmaPages Allocate(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, 1 << 30);
        int page = Environment.SystemPageSize;
        int whole = (length + page - 1) / page * page;
        nint address = NativeMemoryMap.MapAnonymous(
            0, (nuint)whole, NativeMemoryMap.PROT_READ | NativeMemoryMap.PROT_WRITE, NativeMemoryMap.MAP_SHARED | NativeMemoryMap.MAP_ANONYMOUS, -1, 0);
        if (address == NativeMemoryMap.MAP_FAILED) throw LinuxException.Last("mmap", $"Allocating {whole} bytes for DMA failed");
        return new DmaPages(address, whole, new SharedRegion(address, whole, RegionAccess.Ram, new MemoryMapping(address, (nuint)whole)));
    }
}
