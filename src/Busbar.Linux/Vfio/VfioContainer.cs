// SPDX-License-Identifier: Apache-2.0
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Busbar.Linux;

/// <summary>
/// An address space that groups of devices share (/dev/vfio/vfio). Order matters: a group joins first, then the kind of IOMMU is set, then devices are opened.
/// </summary>
public sealed unsafe class VfioContainer : IDmaSpace, IDisposable
{
    private const int LargestInfo = 64 << 10;
    private const int RangeListHeader = 16;
    private const int RangeSize = 16;

    private VfioContainer(FileDescriptor descriptor) => Descriptor = descriptor;

    /// <inheritdoc/>
    public IReadOnlyList<IovaRange> Ranges { get; private set; } = IovaRange.Usual;

    /// <inheritdoc/>
    public ulong SmallestPage { get; private set; } = 1;

    internal FileDescriptor Descriptor { get; }

    /// <summary>Opens a container of its own.</summary>
    /// <param name="path">/dev/vfio/vfio.</param>
    /// <exception cref="LinuxException">It cannot be opened (ENOENT: the kernel lacks VFIO or has not loaded it), or speaks another version (ENOSYS).</exception>
    public static VfioContainer Open(string path)
    {
        var container = new VfioContainer(
            FilePath.TryOpen(path, NativeFile.O_RDWR) ?? throw LinuxException.Last("open", $"Opening '{path}' failed"));
        int version = NativeDevice.Ioctl(container.Descriptor, NativeVfio.VFIO_GET_API_VERSION, 0);
        if (version == NativeVfio.VFIO_API_VERSION) return container;
        LinuxException failure = version < 0
            ? LinuxException.Last("VFIO_GET_API_VERSION", path)
            : new LinuxException(Errno.ENOSYS, "VFIO_GET_API_VERSION", $"{path} speaks version {version}");
        container.Dispose();
        throw failure;
    }

    /// <summary>Asks whether the container offers a kind of IOMMU.</summary>
    /// <param name="kind">The kind.</param>
    public bool Supports(VfioIommuKind kind) => NativeDevice.Ioctl(Descriptor, NativeVfio.VFIO_CHECK_EXTENSION, (nint)kind) > 0;

    /// <summary>Chooses the kind of IOMMU, once a group has joined.</summary>
    /// <param name="kind">The kind.</param>
    /// <exception cref="LinuxException">
    /// The kernel refuses: EPERM when the IOMMU does not remap interrupts and that is not allowed, ENODEV for the wrong kind, EINVAL without a group.
    /// </exception>
    public void SetIommu(VfioIommuKind kind)
    {
        LinuxException.Check(NativeDevice.Ioctl(Descriptor, NativeVfio.VFIO_SET_IOMMU, (nint)kind), "VFIO_SET_IOMMU", $"Choosing {kind} failed");
        if (kind == VfioIommuKind.NoIommu) return;
        byte[] info = ReadInfo();
        Ranges = ParseRanges(info);
        SmallestPage = ParseSmallestPage(info);
    }

    /// <inheritdoc/>
    public void Map(DmaPages pages, ulong address)
    {
        // SAFETY: the structure lies on the stack; the kernel validates the addresses, and the pages outlive the mapping by the caller's promise.
        var request = new NativeVfio.DmaMap
        {
            ArgSize = (uint)sizeof(NativeVfio.DmaMap),
            Flags = NativeVfio.VFIO_DMA_MAP_FLAG_READ | NativeVfio.VFIO_DMA_MAP_FLAG_WRITE,
            Address = (ulong)pages.Address,
            Iova = address,
            Size = (ulong)pages.Length,
        };
        LinuxException.Check(
            NativeDevice.Ioctl(Descriptor, NativeVfio.VFIO_IOMMU_MAP_DMA, &request), "VFIO_IOMMU_MAP_DMA", $"Mapping {pages.Length} bytes for DMA failed");
    }

    /// <inheritdoc/>
    public bool Unmap(DmaPages pages, ulong address)
    {
        // SAFETY: as in Map.
        var request = new NativeVfio.DmaUnmap { ArgSize = (uint)sizeof(NativeVfio.DmaUnmap), Iova = address, Size = (ulong)pages.Length };
        return NativeDevice.Ioctl(Descriptor, NativeVfio.VFIO_IOMMU_UNMAP_DMA, &request) == 0 && request.Size == (ulong)pages.Length;
    }

    /// <summary>Closes the container; the last one who closes lets the kernel unmap everything.</summary>
    public void Dispose() => Descriptor.Dispose();

    /// <summary>Finds the list of addresses in what VFIO_IOMMU_GET_INFO answered; the usual range when there is none or it makes no sense.</summary>
    internal static IReadOnlyList<IovaRange> ParseRanges(ReadOnlySpan<byte> info)
    {
        if (info.Length < sizeof(NativeVfio.IommuInfo)) return IovaRange.Usual;
        NativeVfio.IommuInfo head = MemoryMarshal.Read<NativeVfio.IommuInfo>(info);
        if ((head.Flags & NativeVfio.VFIO_IOMMU_INFO_CAPS) == 0) return IovaRange.Usual;
        int at = VfioCapabilities.Find(info, head.CapabilityOffset, NativeVfio.VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE);
        if (at < 0 || info.Length - at < RangeListHeader) return IovaRange.Usual;
        uint count = MemoryMarshal.Read<uint>(info[(at + 8)..]);
        var ranges = new List<IovaRange>();
        for (int i = 0; i < count; i++)
        {
            int entry = at + RangeListHeader + (i * RangeSize);
            if (entry + RangeSize > info.Length) break;
            var range = new IovaRange(MemoryMarshal.Read<ulong>(info[entry..]), MemoryMarshal.Read<ulong>(info[(entry + 8)..]));
            if (range.First < range.Last) ranges.Add(range);
        }

        return ranges.Count == 0 ? IovaRange.Usual : ranges;
    }

    /// <summary>Finds the smallest page in what VFIO_IOMMU_GET_INFO answered (the lowest bit of iova_pgsizes); 1 when it does not say.</summary>
    internal static ulong ParseSmallestPage(ReadOnlySpan<byte> info)
    {
        if (info.Length < sizeof(NativeVfio.IommuInfo)) return 1;
        NativeVfio.IommuInfo head = MemoryMarshal.Read<NativeVfio.IommuInfo>(info);
        bool isKnown = (head.Flags & NativeVfio.VFIO_IOMMU_INFO_PGSIZES) != 0 && head.PageSizes != 0;
        return isKnown ? 1UL << BitOperations.TrailingZeroCount(head.PageSizes) : 1;
    }

    private byte[] ReadInfo()
    {
        // SAFETY: the first call gets a structure of the size it is told; the second one a pinned array of the size it is told.
        var head = new NativeVfio.IommuInfo { ArgSize = (uint)sizeof(NativeVfio.IommuInfo) };
        if (NativeDevice.Ioctl(Descriptor, NativeVfio.VFIO_IOMMU_GET_INFO, &head) != 0) return [];
        byte[] info = new byte[Math.Clamp(head.ArgSize, (uint)sizeof(NativeVfio.IommuInfo), LargestInfo)];
        Unsafe.WriteUnaligned(ref info[0], (uint)info.Length);
        fixed (byte* buffer = info)
        {
            return NativeDevice.Ioctl(Descriptor, NativeVfio.VFIO_IOMMU_GET_INFO, buffer) == 0 ? info : [];
        }
    }
}
