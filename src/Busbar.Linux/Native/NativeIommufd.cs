// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;

namespace Busbar.Linux;

/// <summary>Requests, structures and numbers of linux/iommufd.h.</summary>
internal static class NativeIommufd
{
    public const nuint IOMMU_IOAS_ALLOC = 0x3b81;
    public const nuint IOMMU_IOAS_IOVA_RANGES = 0x3b84;
    public const nuint IOMMU_IOAS_MAP = 0x3b85;
    public const nuint IOMMU_IOAS_UNMAP = 0x3b86;

    public const uint IOMMU_IOAS_MAP_FIXED_IOVA = 1;
    public const uint IOMMU_IOAS_MAP_WRITEABLE = 2;
    public const uint IOMMU_IOAS_MAP_READABLE = 4;

    [StructLayout(LayoutKind.Explicit, Size = 12)]
    public struct IoasAlloc
    {
        [FieldOffset(0)]
        public uint Size;

        [FieldOffset(4)]
        public uint Flags;

        [FieldOffset(8)]
        public uint IoasId;
    }

    [StructLayout(LayoutKind.Explicit, Size = 32)]
    public struct IovaRanges
    {
        [FieldOffset(0)]
        public uint Size;

        [FieldOffset(4)]
        public uint IoasId;

        [FieldOffset(8)]
        public uint Count;

        [FieldOffset(16)]
        public ulong Ranges;

        [FieldOffset(24)]
        public ulong Alignment;
    }

    [StructLayout(LayoutKind.Explicit, Size = 40)]
    public struct IoasMap
    {
        [FieldOffset(0)]
        public uint Size;

        [FieldOffset(4)]
        public uint Flags;

        [FieldOffset(8)]
        public uint IoasId;

        [FieldOffset(16)]
        public ulong Address;

        [FieldOffset(24)]
        public ulong Length;

        [FieldOffset(32)]
        public ulong Iova;
    }

    [StructLayout(LayoutKind.Explicit, Size = 24)]
    public struct IoasUnmap
    {
        [FieldOffset(0)]
        public uint Size;

        [FieldOffset(4)]
        public uint IoasId;

        [FieldOffset(8)]
        public ulong Iova;

        [FieldOffset(16)]
        public ulong Length;
    }
}
