// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Pci;

/// <summary>A function as sysfs describes it, at the moment of asking.</summary>
public sealed record PciSysfsDevice
{
    /// <summary>Where it sits.</summary>
    public required PciAddress Address { get; init; }

    /// <summary>Its folder in sysfs.</summary>
    public required string Folder { get; init; }

    /// <summary>The vendor.</summary>
    public required ushort VendorId { get; init; }

    /// <summary>The device.</summary>
    public required ushort DeviceId { get; init; }

    /// <summary>Who built the board.</summary>
    public ushort SubsystemVendorId { get; init; }

    /// <summary>The board.</summary>
    public ushort SubsystemId { get; init; }

    /// <summary>Class, subclass and programming interface as one 24-bit number, the class on top.</summary>
    public int ClassCode { get; init; }

    /// <summary>Revision.</summary>
    public byte Revision { get; init; }

    /// <summary>The driver that has it; null when none has.</summary>
    public string? Driver { get; init; }

    /// <summary>The only driver that may have it; null when any may.</summary>
    public string? DriverOverride { get; init; }

    /// <summary>Number of its IOMMU group; null when it is in none.</summary>
    public int? IommuGroup { get; init; }

    /// <summary>True when the group is VFIO's own, made because there is no IOMMU.</summary>
    public bool IsNoIommuGroup { get; init; }

    /// <summary>Its windows; only those that are there.</summary>
    public IReadOnlyList<PciResource> Resources { get; init; } = [];

    /// <summary>Name of its own VFIO file, <c>vfio0</c>; null when there is none.</summary>
    public string? VfioFile { get; init; }

    /// <summary>Name of its UIO file, <c>uio0</c>; null when there is none.</summary>
    public string? UioFile { get; init; }

    /// <summary>True when the kernel knows how to reset it by itself.</summary>
    public bool CanReset { get; init; }

    /// <summary>Names of its network interfaces that are up.</summary>
    public IReadOnlyList<string> ActiveNetworks { get; init; } = [];

    /// <summary>True for a driver that hands devices to processes through VFIO.</summary>
    public bool IsOnVfio => Driver is "vfio-pci" || (Driver?.EndsWith("-vfio-pci", StringComparison.Ordinal) ?? false);

    /// <summary>Vendor and device as users write them: <c>1af4:1110</c>.</summary>
    public string Ids => $"{VendorId:x4}:{DeviceId:x4}";
}
