// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Pci;

/// <summary>Commands of the vfio-user protocol 0.0 (QEMU, docs/interop/vfio-user.rst). Number 14 is no longer used.</summary>
public enum VfioUserCommand : ushort
{
    /// <summary>Client and server agree on a version; comes first and once.</summary>
    Version = 1,

    /// <summary>The client gives a range of its memory.</summary>
    DmaMap = 2,

    /// <summary>The client takes ranges back.</summary>
    DmaUnmap = 3,

    /// <summary>How many regions and interrupts there are.</summary>
    DeviceGetInfo = 4,

    /// <summary>Size of a region and what of it can be mapped.</summary>
    DeviceGetRegionInfo = 5,

    /// <summary>Descriptors that stand for accesses to parts of a region.</summary>
    DeviceGetRegionIoFds = 6,

    /// <summary>How many interrupts there are of a kind.</summary>
    DeviceGetIrqInfo = 7,

    /// <summary>Installs, removes, masks or triggers interrupts.</summary>
    DeviceSetIrqs = 8,

    /// <summary>Reads a region.</summary>
    RegionRead = 9,

    /// <summary>Writes a region.</summary>
    RegionWrite = 10,

    /// <summary>The server reads the client's memory.</summary>
    DmaRead = 11,

    /// <summary>The server writes the client's memory.</summary>
    DmaWrite = 12,

    /// <summary>Resets the device.</summary>
    DeviceReset = 13,

    /// <summary>Several writes of up to 8 bytes.</summary>
    RegionWriteMulti = 15,

    /// <summary>Optional features, as the kernel's VFIO has them.</summary>
    DeviceFeature = 16,

    /// <summary>Reads migration data.</summary>
    MigrationDataRead = 17,

    /// <summary>Writes migration data.</summary>
    MigrationDataWrite = 18,
}
