// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;

namespace Busbar.Pci;

/// <summary>The memory of one device behind an IOMMU: allocated here, pinned by the kernel, with an address on each side. Not thread-safe.</summary>
internal sealed class DmaAllocator : IDisposable
{
    private readonly IDmaSpace _space;
    private readonly string _name;
    private readonly IovaAllocator _addresses;
    private readonly List<DmaMemory> _memory = [];

    /// <summary>An allocator for one device.</summary>
    /// <param name="space">Whose addresses to give out; stays the caller's.</param>
    /// <param name="name">What users call the device.</param>
    public DmaAllocator(IDmaSpace space, string name)
    {
        _space = space;
        _name = name;
        _addresses = new IovaAllocator(space.Ranges, (ulong)Environment.SystemPageSize);
    }

    /// <summary>True when the IOMMU can map single pages of this system.</summary>
    public bool CanMap => _space.SmallestPage <= (ulong)Environment.SystemPageSize;

    /// <summary>Bytes that the kernel did not take back.</summary>
    public long LostBytes { get; private set; }

    /// <summary>Allocates zeroed pages that the device can reach.</summary>
    /// <param name="length">Bytes, positive; rounded up to whole pages.</param>
    /// <exception cref="PciDeviceException">There are no addresses, no memory, or no pages that the IOMMU can map.</exception>
    public DmaMemory Allocate(int length)
    {
        if (!CanMap)
        {
            // Its pages would have to be in one piece in physical memory, which a process cannot have.
            throw new PciDeviceException(
                PciDeviceFault.NotSupported,
                $"the IOMMU in front of {_name} maps {_space.SmallestPage} bytes at the least, and a page of this system has {Environment.SystemPageSize}: use a kernel with pages as large");
        }

        DmaPages pages = PciFailure.Guard(() => DmaPages.Allocate(length), $"allocating DMA memory for {_name}");
        if (!_addresses.TryTake((ulong)pages.Length, out ulong address))
        {
            pages.Region.Dispose();
            throw new PciDeviceException(PciDeviceFault.Failed, $"the IOMMU has no {pages.Length} addresses left for {_name}");
        }

        try
        {
            _space.Map(pages, address);
        }
        catch (LinuxException failure)
        {
            _addresses.Return(address);
            pages.Region.Dispose();
            throw failure.Errno == Errno.ENOMEM
                ? new PciDeviceException(PciDeviceFault.Failed, $"locking {pages.Length} bytes for {_name} exceeds the limit: raise RLIMIT_MEMLOCK (ulimit -l)", failure)
                : PciFailure.From(failure, $"mapping DMA memory for {_name}");
        }

        DmaMemory? memory = null;
        memory = new DmaMemory(pages.Region, address, () => Release(pages, address, memory!));
        _memory.Add(memory);
        return memory;
    }

    /// <summary>Takes back all that is still out.</summary>
    public void Dispose()
    {
        foreach (DmaMemory memory in _memory.ToArray()) memory.Dispose();
    }

    private void Release(DmaPages pages, ulong address, DmaMemory memory)
    {
        _memory.Remove(memory);
        if (_space.Unmap(pages, address))
        {
            _addresses.Return(address);
            return;
        }

        // An address that the kernel would not take back must never be given out again.
        LostBytes += pages.Length;
    }
}
