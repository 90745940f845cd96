// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Linux;

/// <summary>One I/O address space of /dev/iommu (linux/iommufd.h), the successor of <see cref="VfioContainer"/>.</summary>
public sealed unsafe class Iommufd : IDmaSpace, IDisposable
{
    private const int MostRanges = 64;

    private Iommufd(FileDescriptor descriptor, uint space)
    {
        Descriptor = descriptor;
        Space = space;
    }

    /// <inheritdoc/>
    /// <remarks>Before a device is attached every address is good; afterwards the kernel knows what the IOMMU can do.</remarks>
    public IReadOnlyList<IovaRange> Ranges { get; private set; } = IovaRange.Usual;

    /// <inheritdoc/>
    /// <remarks>The kernel takes no device whose IOMMU wants more than the system's pages: attaching fails with EINVAL.</remarks>
    public ulong SmallestPage { get; private set; } = 1;

    internal FileDescriptor Descriptor { get; }

    internal uint Space { get; }

    /// <summary>Opens the facility and makes an address space.</summary>
    /// <param name="path">/dev/iommu.</param>
    /// <exception cref="LinuxException">ENOENT: the kernel lacks IOMMUFD; EACCES: not allowed.</exception>
    public static Iommufd Open(string path)
    {
        FileDescriptor descriptor = FilePath.TryOpen(path, NativeFile.O_RDWR) ?? throw LinuxException.Last("open", $"Opening '{path}' failed");
        try
        {
            // SAFETY: the structure lies on the stack and has the size it says.
            var request = new NativeIommufd.IoasAlloc { Size = (uint)sizeof(NativeIommufd.IoasAlloc) };
            LinuxException.Check(
                NativeDevice.Ioctl(descriptor, NativeIommufd.IOMMU_IOAS_ALLOC, &request), "IOMMU_IOAS_ALLOC", "Making an I/O address space failed");
            return new Iommufd(descriptor, request.IoasId);
        }
        catch
        {
            descriptor.Dispose();
            throw;
        }
    }

    /// <summary>Asks which addresses can be mapped, once a device is attached.</summary>
    public void RefreshRanges()
    {
        // SAFETY: the array on the stack holds as many entries as the structure says; the kernel writes no more.
        IovaRange* found = stackalloc IovaRange[MostRanges];
        var request = new NativeIommufd.IovaRanges
        {
            Size = (uint)sizeof(NativeIommufd.IovaRanges),
            IoasId = Space,
            Count = MostRanges,
            Ranges = (ulong)(nint)found,
        };

        // EMSGSIZE says that there are more ranges than we offered room for; those that fit are filled in.
        int status = NativeDevice.Ioctl(Descriptor, NativeIommufd.IOMMU_IOAS_IOVA_RANGES, &request);
        if (status != 0 && NativeError.Last != Errno.EMSGSIZE) return;
        SmallestPage = Math.Max(request.Alignment, 1);
        var ranges = new List<IovaRange>();
        for (int i = 0; i < Math.Min(request.Count, MostRanges); i++)
        {
            if (found[i].First < found[i].Last) ranges.Add(found[i]);
        }

        if (ranges.Count > 0) Ranges = ranges;
    }

    /// <inheritdoc/>
    public void Map(DmaPages pages, ulong address)
    {
        // SAFETY: the structure lies on the stack; the kernel validates the addresses, and the pages outlive the mapping by the caller's promise.
        var request = new NativeIommufd.IoasMap
        {
            Size = (uint)sizeof(NativeIommufd.IoasMap),
            Flags = NativeIommufd.IOMMU_IOAS_MAP_FIXED_IOVA | NativeIommufd.IOMMU_IOAS_MAP_READABLE | NativeIommufd.IOMMU_IOAS_MAP_WRITEABLE,
            IoasId = Space,
            Address = (ulong)pages.Address,
            Length = (ulong)pages.Length,
            Iova = address,
        };
        LinuxException.Check(
            NativeDevice.Ioctl(Descriptor, NativeIommufd.IOMMU_IOAS_MAP, &request), "IOMMU_IOAS_MAP", $"Mapping {pages.Length} bytes for DMA failed");
    }

    /// <inheritdoc/>
    public bool Unmap(DmaPages pages, ulong address)
    {
        // SAFETY: as in Map.
        var request = new NativeIommufd.IoasUnmap
        {
            Size = (uint)sizeof(NativeIommufd.IoasUnmap),
            IoasId = Space,
            Iova = address,
            Length = (ulong)pages.Length,
        };
        return NativeDevice.Ioctl(Descriptor, NativeIommufd.IOMMU_IOAS_UNMAP, &request) == 0;
    }

    /// <summary>Closes the file; the kernel unmaps everything once the devices are closed as well.</summary>
    public void Dispose() => Descriptor.Dispose();
}
