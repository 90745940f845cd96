// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Pci;

/// <summary>Numbers of the vfio-user protocol (QEMU, docs/interop/vfio-user.rst) and of the structures it took over from linux/vfio.h.</summary>
internal static class VfioUserFormat
{
    public const ushort Major = 0;
    public const ushort Minor = 0;

    // Header flags.
    public const uint TypeMask = 0xF;
    public const uint CommandType = 0;
    public const uint ReplyType = 1;
    public const uint NoReply = 0x10;
    public const uint ErrorReply = 0x20;

    /// <summary>Bytes that one region or DMA access carries at most, unless the other side wants less.</summary>
    public const int LargestTransfer = 1 << 20;

    /// <summary>Header, address and count of an access in front of the largest data.</summary>
    public const int LargestMessage = VfioUserHeader.Length + AccessLength + LargestTransfer;

    public const int MostDescriptors = 16;
    public const int MostDmaMaps = 65_535;
    public const int PageSize = 4096;

    // Payload sizes.
    public const int VersionLength = 4;
    public const int DeviceInfoLength = 16;
    public const int RegionInfoLength = 32;
    public const int IrqInfoLength = 16;
    public const int IrqSetLength = 20;
    public const int IoFdsLength = 16;
    public const int DmaMapLength = 32;
    public const int DmaUnmapLength = 24;
    public const int AccessLength = 16;
    public const int WriteMultiEntryLength = 24;

    // Device info.
    public const uint DeviceCanReset = 1;
    public const uint DeviceIsPci = 2;

    // Regions: the BARs are 0 to 5.
    public const int RomRegion = 6;
    public const int ConfigRegion = 7;
    public const int VgaRegion = 8;
    public const int RegionCount = 9;
    public const int BarCount = 6;
    public const uint RegionReadable = 1;
    public const uint RegionWritable = 2;
    public const uint RegionMappable = 4;
    public const uint RegionHasCapabilities = 8;
    public const ushort SparseMmapCapability = 1;
    public const int SparseMmapLength = 16;
    public const int SparseMmapAreaLength = 16;

    // Interrupts.
    public const int IntxIndex = 0;
    public const int MsiIndex = 1;
    public const int MsixIndex = 2;
    public const int ErrorIndex = 3;
    public const int RequestIndex = 4;
    public const int IrqIndexCount = 5;
    public const uint IrqEventFd = 1;
    public const uint IrqDataNone = 1;
    public const uint IrqDataBool = 2;
    public const uint IrqDataEventFd = 4;
    public const uint IrqDataMask = 7;
    public const uint IrqMask = 8;
    public const uint IrqUnmask = 0x10;
    public const uint IrqTrigger = 0x20;
    public const uint IrqActionMask = 0x38;

    // DMA.
    public const uint DmaReadable = 1;
    public const uint DmaWritable = 2;
    public const uint UnmapDirtyBitmap = 1;
    public const uint UnmapAll = 2;
}
