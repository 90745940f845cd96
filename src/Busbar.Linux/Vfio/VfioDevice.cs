// SPDX-License-Identifier: Apache-2.0
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Busbar.Memory;

namespace Busbar.Linux;

/// <summary>
/// A device in this process's hands through VFIO (linux/vfio.h), opened by way of its group or by its own file. What the kernel answers is checked before it is
/// used. Any thread; reads and writes name their place.
/// </summary>
public sealed unsafe class VfioDevice : IDisposable
{
    private const int LargestInfo = 64 << 10;
    private const int AreaListHeader = 16;
    private const int AreaSize = 16;
    private const int MostIrqs = 2048;
    private const int LargestFileAddress = 56;

    private readonly FileDescriptor _descriptor;
    private readonly string _name;

    internal VfioDevice(FileDescriptor descriptor, string name)
    {
        _descriptor = descriptor;
        _name = name;
    }

    /// <summary>True when the device can be reset by itself.</summary>
    public bool CanReset { get; private set; }

    /// <summary>True for a PCI function.</summary>
    public bool IsPci { get; private set; }

    /// <summary>Opens a device by its own file and attaches it to an address space.</summary>
    /// <param name="path">/dev/vfio/devices/vfioN.</param>
    /// <param name="iommufd">The address space.</param>
    /// <exception cref="LinuxException">
    /// ENOENT: there is no such file; EBUSY: another process has it; EPERM on attaching: the IOMMU does not remap interrupts; EINVAL: the kernel cannot.
    /// </exception>
    public static VfioDevice Open(string path, Iommufd iommufd)
    {
        FileDescriptor descriptor = FilePath.TryOpen(path, NativeFile.O_RDWR) ?? throw LinuxException.Last("open", $"Opening '{path}' failed");
        bool held = false;
        try
        {
            iommufd.Descriptor.DangerousAddRef(ref held);

            // SAFETY: both structures lie on the stack and have the size that they say.
            var bind = new NativeVfio.BindIommufd { ArgSize = (uint)sizeof(NativeVfio.BindIommufd), Iommufd = iommufd.Descriptor.Number };
            LinuxException.Check(
                NativeDevice.Ioctl(descriptor, NativeVfio.VFIO_DEVICE_BIND_IOMMUFD, &bind), "VFIO_DEVICE_BIND_IOMMUFD", $"Binding '{path}' to iommufd failed");
            var attach = new NativeVfio.AttachPageTable { ArgSize = (uint)sizeof(NativeVfio.AttachPageTable), PageTableId = iommufd.Space };
            LinuxException.Check(
                NativeDevice.Ioctl(descriptor, NativeVfio.VFIO_DEVICE_ATTACH_IOMMUFD_PT, &attach),
                "VFIO_DEVICE_ATTACH_IOMMUFD_PT",
                $"Attaching '{path}' to an address space failed");
        }
        catch
        {
            descriptor.Dispose();
            throw;
        }
        finally
        {
            if (held) iommufd.Descriptor.DangerousRelease();
        }

        iommufd.RefreshRanges();
        return Adopt(descriptor, path);
    }

    /// <summary>Asks for a region.</summary>
    /// <param name="index">0 to 8.</param>
    /// <returns>The region; null when the device has none of this number, or the kernel's answer makes no sense.</returns>
    public VfioRegion? TryGetRegion(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);

        // SAFETY: the first call gets a structure of the size it is told; the second one a pinned array of the size it is told.
        var head = new NativeVfio.RegionInfo { ArgSize = (uint)sizeof(NativeVfio.RegionInfo), Index = (uint)index };
        if (NativeDevice.Ioctl(_descriptor, NativeVfio.VFIO_DEVICE_GET_REGION_INFO, &head) != 0) return null;
        byte[] info = new byte[Math.Clamp(head.ArgSize, (uint)sizeof(NativeVfio.RegionInfo), LargestInfo)];
        head.ArgSize = (uint)info.Length;
        Unsafe.WriteUnaligned(ref info[0], head);
        fixed (byte* buffer = info)
        {
            if (NativeDevice.Ioctl(_descriptor, NativeVfio.VFIO_DEVICE_GET_REGION_INFO, buffer) != 0) return null;
        }

        return ParseRegion(info, index, Environment.SystemPageSize);
    }

    /// <summary>Asks how many interrupts of a kind the device has.</summary>
    /// <param name="index">0 INTx, 1 MSI, 2 MSI-X, 3 errors, 4 request to let go.</param>
    /// <param name="isAutomasked">True when each interrupt stays masked until <see cref="UnmaskIrq"/>.</param>
    /// <returns>The number, 0 when there are none.</returns>
    public int GetIrqCount(int index, out bool isAutomasked)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);

        // SAFETY: the structure lies on the stack and has the size it says.
        var info = new NativeVfio.IrqInfo { ArgSize = (uint)sizeof(NativeVfio.IrqInfo), Index = (uint)index };
        bool good = NativeDevice.Ioctl(_descriptor, NativeVfio.VFIO_DEVICE_GET_IRQ_INFO, &info) == 0 && (info.Flags & NativeVfio.VFIO_IRQ_INFO_EVENTFD) != 0;
        isAutomasked = good && (info.Flags & NativeVfio.VFIO_IRQ_INFO_AUTOMASKED) != 0;
        return good ? (int)Math.Min(info.Count, MostIrqs) : 0;
    }

    /// <summary>Lets interrupts 0 to n - 1 of a kind add to counters, and enables the kind.</summary>
    /// <param name="index">0 INTx, 1 MSI, 2 MSI-X.</param>
    /// <param name="counters">One for each interrupt, 1 to 2048; the kernel keeps its own hold on them.</param>
    /// <returns>0 when done; positive when the machine has only so many vectors left, and nothing was enabled.</returns>
    /// <exception cref="LinuxException">The kernel refuses.</exception>
    public int ArmIrqs(int index, ReadOnlySpan<EventFd> counters)
    {
        ArgumentOutOfRangeException.ThrowIfZero(counters.Length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(counters.Length, MostIrqs);
        int size = sizeof(NativeVfio.IrqSet) + (counters.Length * sizeof(int));
        byte* request = stackalloc byte[size];
        *(NativeVfio.IrqSet*)request = new NativeVfio.IrqSet
        {
            ArgSize = (uint)size,
            Flags = NativeVfio.VFIO_IRQ_SET_DATA_EVENTFD | NativeVfio.VFIO_IRQ_SET_ACTION_TRIGGER,
            Index = (uint)index,
            Count = (uint)counters.Length,
        };
        int held = 0;
        try
        {
            for (; held < counters.Length; held++)
            {
                bool success = false;
                counters[held].Descriptor.DangerousAddRef(ref success);

                // SAFETY: the buffer has room for one integer per counter behind the structure.
                ((int*)(request + sizeof(NativeVfio.IrqSet)))[held] = counters[held].Descriptor.Number;
            }

            return LinuxException.Check(
                NativeDevice.Ioctl(_descriptor, NativeVfio.VFIO_DEVICE_SET_IRQS, request), "VFIO_DEVICE_SET_IRQS", $"Enabling interrupts of {_name} failed");
        }
        finally
        {
            while (held-- > 0) counters[held].Descriptor.DangerousRelease();
        }
    }

    /// <summary>Disables all interrupts of a kind.</summary>
    /// <param name="index">0 INTx, 1 MSI, 2 MSI-X.</param>
    /// <returns>False when the kernel refuses.</returns>
    public bool DisableIrqs(int index) => SetIrqs(index, NativeVfio.VFIO_IRQ_SET_DATA_NONE | NativeVfio.VFIO_IRQ_SET_ACTION_TRIGGER, 0);

    /// <summary>Lets the next interrupt of an automasked kind through. Never throws.</summary>
    /// <param name="index">0 for INTx.</param>
    /// <returns>False when the kernel refuses, or after disposal.</returns>
    public bool UnmaskIrq(int index)
    {
        try
        {
            return SetIrqs(index, NativeVfio.VFIO_IRQ_SET_DATA_NONE | NativeVfio.VFIO_IRQ_SET_ACTION_UNMASK, 1);
        }
        catch (ObjectDisposedException)
        {
            return false;
        }
    }

    /// <summary>Resets the device.</summary>
    /// <exception cref="LinuxException">The kernel refuses: ENOTTY when the device cannot be reset, EAGAIN when it is in use elsewhere.</exception>
    public void Reset() =>
        LinuxException.Check(NativeDevice.Ioctl(_descriptor, NativeVfio.VFIO_DEVICE_RESET, 0), "VFIO_DEVICE_RESET", $"Resetting {_name} failed");

    /// <summary>Reads from a region.</summary>
    /// <param name="region">The region.</param>
    /// <param name="offset">First byte, from the region's start.</param>
    /// <param name="buffer">Filled completely.</param>
    /// <returns>False when the range leaves the region, or the kernel refuses.</returns>
    public bool TryRead(VfioRegion region, long offset, Span<byte> buffer)
    {
        if (offset < 0 || offset > region.Length - buffer.Length) return false;

        // SAFETY: the buffer is pinned for the call, which writes at most the size given.
        fixed (byte* target = buffer) return NativeDevice.ReadAt(_descriptor, target, (nuint)buffer.Length, region.FileOffset + offset) == buffer.Length;
    }

    /// <summary>Writes to a region.</summary>
    /// <param name="region">The region.</param>
    /// <param name="offset">First byte, from the region's start.</param>
    /// <param name="buffer">The bytes.</param>
    /// <returns>False when the range leaves the region, or the kernel refuses.</returns>
    public bool TryWrite(VfioRegion region, long offset, ReadOnlySpan<byte> buffer)
    {
        if (offset < 0 || offset > region.Length - buffer.Length) return false;

        // SAFETY: the buffer is pinned for the call, which reads at most the size given.
        fixed (byte* source = buffer) return NativeDevice.WriteAt(_descriptor, source, (nuint)buffer.Length, region.FileOffset + offset) == buffer.Length;
    }

    /// <summary>Maps a part of a region.</summary>
    /// <param name="region">The region.</param>
    /// <param name="offset">First byte, from the region's start, a multiple of the page size.</param>
    /// <param name="length">Bytes, positive, inside the region.</param>
    /// <param name="access">How the memory may be touched.</param>
    /// <exception cref="LinuxException">The range leaves the region (EINVAL), or the kernel refuses.</exception>
    public SharedRegion Map(VfioRegion region, long offset, int length, RegionAccess access)
    {
        if (offset < 0 || length <= 0 || offset > region.Length - length) throw new LinuxException(Errno.EINVAL, "mmap", $"Mapping a part of {_name} that is not there");
        return DeviceFile.Map(_descriptor, _name, region.FileOffset + offset, 0, length, access);
    }

    /// <summary>Closes the device: the kernel disables its interrupts and resets it. Mapped regions must not be touched any more.</summary>
    public void Dispose() => _descriptor.Dispose();

    internal static VfioDevice Adopt(FileDescriptor descriptor, string name)
    {
        try
        {
            // SAFETY: the structure lies on the stack and has the size it says.
            var info = new NativeVfio.DeviceInfo { ArgSize = (uint)sizeof(NativeVfio.DeviceInfo) };
            LinuxException.Check(NativeDevice.Ioctl(descriptor, NativeVfio.VFIO_DEVICE_GET_INFO, &info), "VFIO_DEVICE_GET_INFO", $"Asking what {name} is failed");
            return new VfioDevice(descriptor, name)
            {
                CanReset = (info.Flags & NativeVfio.VFIO_DEVICE_FLAGS_RESET) != 0,
                IsPci = (info.Flags & NativeVfio.VFIO_DEVICE_FLAGS_PCI) != 0,
            };
        }
        catch
        {
            descriptor.Dispose();
            throw;
        }
    }

    /// <summary>Reads the answer to VFIO_DEVICE_GET_REGION_INFO; null for one that cannot be true. Areas that cannot be mapped are left out.</summary>
    internal static VfioRegion? ParseRegion(ReadOnlySpan<byte> info, int index, int pageSize)
    {
        if (info.Length < sizeof(NativeVfio.RegionInfo)) return null;
        NativeVfio.RegionInfo head = MemoryMarshal.Read<NativeVfio.RegionInfo>(info);
        const ulong Limit = 1UL << LargestFileAddress;
        if (head.Index != (uint)index || head.Size > Limit || head.Offset > Limit) return null;
        long length = (long)head.Size;
        bool canMap = (head.Flags & NativeVfio.VFIO_REGION_INFO_FLAG_MMAP) != 0 && length > 0 && head.Offset % (uint)pageSize == 0;
        return new VfioRegion(
            index,
            length,
            (long)head.Offset,
            (head.Flags & NativeVfio.VFIO_REGION_INFO_FLAG_READ) != 0,
            (head.Flags & NativeVfio.VFIO_REGION_INFO_FLAG_WRITE) != 0,
            canMap ? ParseAreas(info, head, length, pageSize) : []);
    }

    private static List<VfioMappableArea> ParseAreas(ReadOnlySpan<byte> info, NativeVfio.RegionInfo head, long length, int pageSize)
    {
        int at = (head.Flags & NativeVfio.VFIO_REGION_INFO_FLAG_CAPS) != 0
            ? VfioCapabilities.Find(info, head.CapabilityOffset, NativeVfio.VFIO_REGION_INFO_CAP_SPARSE_MMAP)
            : -1;
        if (at < 0 || info.Length - at < AreaListHeader) return [new VfioMappableArea(0, length)];
        uint count = MemoryMarshal.Read<uint>(info[(at + 8)..]);
        var areas = new List<VfioMappableArea>();
        for (int i = 0; i < count; i++)
        {
            int entry = at + AreaListHeader + (i * AreaSize);
            if (entry + AreaSize > info.Length) break;
            ulong start = MemoryMarshal.Read<ulong>(info[entry..]);
            ulong size = MemoryMarshal.Read<ulong>(info[(entry + 8)..]);
            if (size == 0 || start >= (ulong)length || size > (ulong)length - start || start % (uint)pageSize != 0) continue;
            areas.Add(new VfioMappableArea((long)start, (long)size));
        }

        return areas;
    }

    private bool SetIrqs(int index, uint flags, uint count)
    {
        // SAFETY: the structure lies on the stack and has the size it says; there is no data behind it.
        var request = new NativeVfio.IrqSet { ArgSize = (uint)sizeof(NativeVfio.IrqSet), Flags = flags, Index = (uint)index, Count = count };
        return NativeDevice.Ioctl(_descriptor, NativeVfio.VFIO_DEVICE_SET_IRQS, &request) >= 0;
    }
}
