// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Linux;

/// <summary>The addresses by which a device reaches memory through an IOMMU.</summary>
public interface IDmaSpace
{
    /// <summary>Addresses that can be mapped, in order, at least one range.</summary>
    IReadOnlyList<IovaRange> Ranges { get; }

    /// <summary>
    /// Bytes of the smallest page that the IOMMU maps, a power of two: addresses, lengths and the places of pages in physical memory are multiples. 1 when anything goes. What is larger
    /// than the system's pages cannot be mapped from a process.
    /// </summary>
    ulong SmallestPage { get; }

    /// <summary>Lets the device read and write pages.</summary>
    /// <param name="pages">The pages; they are pinned until they are unmapped.</param>
    /// <param name="address">The address of the first byte, on a page boundary and not in use.</param>
    /// <exception cref="LinuxException">The kernel refuses: ENOMEM beyond the limit of locked memory, EEXIST for an address in use.</exception>
    void Map(DmaPages pages, ulong address);

    /// <summary>Takes pages away again.</summary>
    /// <param name="pages">The pages.</param>
    /// <param name="address">Where they are.</param>
    /// <returns>False when the kernel refuses, which leaves them mapped until the file is closed.</returns>
    bool Unmap(DmaPages pages, ulong address);
}
