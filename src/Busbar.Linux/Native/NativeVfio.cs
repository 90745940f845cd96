// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;

namespace Busbar.Linux;

/// <summary>Requests, structures and numbers of linux/vfio.h.</summary>
internal static class NativeVfio
{
    public const int VFIO_API_VERSION = 0;

    public const nuint VFIO_GET_API_VERSION = 0x3b64;
    public const nuint VFIO_CHECK_EXTENSION = 0x3b65;
    public const nuint VFIO_SET_IOMMU = 0x3b66;
    public const nuint VFIO_GROUP_GET_STATUS = 0x3b67;
    public const nuint VFIO_GROUP_SET_CONTAINER = 0x3b68;
    public const nuint VFIO_GROUP_GET_DEVICE_FD = 0x3b6a;
    public const nuint VFIO_DEVICE_GET_INFO = 0x3b6b;
    public const nuint VFIO_DEVICE_GET_REGION_INFO = 0x3b6c;
    public const nuint VFIO_DEVICE_GET_IRQ_INFO = 0x3b6d;
    public const nuint VFIO_DEVICE_SET_IRQS = 0x3b6e;
    public const nuint VFIO_DEVICE_RESET = 0x3b6f;
    public const nuint VFIO_IOMMU_GET_INFO = 0x3b70;
    public const nuint VFIO_IOMMU_MAP_DMA = 0x3b71;
    public const nuint VFIO_IOMMU_UNMAP_DMA = 0x3b72;
    public const nuint VFIO_DEVICE_BIND_IOMMUFD = 0x3b76;
    public const nuint VFIO_DEVICE_ATTACH_IOMMUFD_PT = 0x3b77;

    public const uint VFIO_GROUP_FLAGS_VIABLE = 1;

    public const uint VFIO_DEVICE_FLAGS_RESET = 1;
    public const uint VFIO_DEVICE_FLAGS_PCI = 2;

    public const uint VFIO_REGION_INFO_FLAG_READ = 1;
    public const uint VFIO_REGION_INFO_FLAG_WRITE = 2;
    public const uint VFIO_REGION_INFO_FLAG_MMAP = 4;
    public const uint VFIO_REGION_INFO_FLAG_CAPS = 8;
    public const int VFIO_REGION_INFO_CAP_SPARSE_MMAP = 1;

    public const uint VFIO_IRQ_INFO_EVENTFD = 1;
    public const uint VFIO_IRQ_INFO_AUTOMASKED = 4;

    public const uint VFIO_IRQ_SET_DATA_NONE = 1;
    public const uint VFIO_IRQ_SET_DATA_EVENTFD = 4;
    public const uint VFIO_IRQ_SET_ACTION_UNMASK = 0x10;
    public const uint VFIO_IRQ_SET_ACTION_TRIGGER = 0x20;

    public const uint VFIO_IOMMU_INFO_PGSIZES = 1;
    public const uint VFIO_IOMMU_INFO_CAPS = 2;
    public const int VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE = 1;

    public const uint VFIO_DMA_MAP_FLAG_READ = 1;
    public const uint VFIO_DMA_MAP_FLAG_WRITE = 2;

    [StructLayout(LayoutKind.Explicit, Size = 8)]
    public struct GroupStatus
    {
        [FieldOffset(0)]
        public uint ArgSize;

        [FieldOffset(4)]
        public uint Flags;
    }

    [StructLayout(LayoutKind.Explicit, Size = 24)]
    public struct DeviceInfo
    {
        [FieldOffset(0)]
        public uint ArgSize;

        [FieldOffset(4)]
        public uint Flags;

        [FieldOffset(8)]
        public uint Regions;

        [FieldOffset(12)]
        public uint Irqs;
    }

    [StructLayout(LayoutKind.Explicit, Size = 32)]
    public struct RegionInfo
    {
        [FieldOffset(0)]
        public uint ArgSize;

        [FieldOffset(4)]
        public uint Flags;

        [FieldOffset(8)]
        public uint Index;

        [FieldOffset(12)]
        public uint CapabilityOffset;

        [FieldOffset(16)]
        public ulong Size;

        [FieldOffset(24)]
        public ulong Offset;
    }

    [StructLayout(LayoutKind.Explicit, Size = 16)]
    public struct IrqInfo
    {
        [FieldOffset(0)]
        public uint ArgSize;

        [FieldOffset(4)]
        public uint Flags;

        [FieldOffset(8)]
        public uint Index;

        [FieldOffset(12)]
        public uint Count;
    }

    /// <summary>What precedes the data of VFIO_DEVICE_SET_IRQS.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 20)]
    public struct IrqSet
    {
        [FieldOffset(0)]
        public uint ArgSize;

        [FieldOffset(4)]
        public uint Flags;

        [FieldOffset(8)]
        public uint Index;

        [FieldOffset(12)]
        public uint Start;

        [FieldOffset(16)]
        public uint Count;
    }

    [StructLayout(LayoutKind.Explicit, Size = 24)]
    public struct IommuInfo
    {
        [FieldOffset(0)]
        public uint ArgSize;

        [FieldOffset(4)]
        public uint Flags;

        [FieldOffset(8)]
        public ulong PageSizes;

        [FieldOffset(16)]
        public uint CapabilityOffset;
    }

    [StructLayout(LayoutKind.Explicit, Size = 32)]
    public struct DmaMap
    {
        [FieldOffset(0)]
        public uint ArgSize;

        [FieldOffset(4)]
        public uint Flags;

        [FieldOffset(8)]
        public ulong Address;

        [FieldOffset(16)]
        public ulong Iova;

        [FieldOffset(24)]
        public ulong Size;
    }

    [StructLayout(LayoutKind.Explicit, Size = 24)]
    public struct DmaUnmap
    {
        [FieldOffset(0)]
        public uint ArgSize;

        [FieldOffset(4)]
        public uint Flags;

        [FieldOffset(8)]
        public ulong Iova;

        [FieldOffset(16)]
        public ulong Size;
    }

    /// <summary>Without the token that newer kernels know; the kernel tells the two by the size.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 16)]
    public struct BindIommufd
    {
        [FieldOffset(0)]
        public uint ArgSize;

        [FieldOffset(4)]
        public uint Flags;

        [FieldOffset(8)]
        public int Iommufd;

        [FieldOffset(12)]
        public uint DeviceId;
    }

    /// <summary>Without the process address space identifier that newer kernels know.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 12)]
    public struct AttachPageTable
    {
        [FieldOffset(0)]
        public uint ArgSize;

        [FieldOffset(4)]
        public uint Flags;

        [FieldOffset(8)]
        public uint PageTableId;
    }
}
