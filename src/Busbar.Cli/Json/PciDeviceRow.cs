// SPDX-License-Identifier: Apache-2.0
using Busbar.Pci;

namespace Busbar.Cli;

/// <summary>A PCI function in a line.</summary>
internal sealed record PciDeviceRow
{
    public required string Address { get; init; }

    /// <summary>Vendor and device, hexadecimal.</summary>
    public required string Ids { get; init; }

    /// <summary>Class, subclass and programming interface, six hexadecimal digits.</summary>
    public required string Class { get; init; }

    public required string Kind { get; init; }

    public string? Driver { get; init; }

    public int? IommuGroup { get; init; }

    /// <summary>True when Busbar has a driver for it.</summary>
    public required bool Supported { get; init; }

    /// <summary>How it would be opened now: <c>vfio</c>, <c>vfio-noiommu</c>, <c>sysfs</c>; absent when another driver has it.</summary>
    public string? Access { get; init; }

    public static PciDeviceRow From(PciSysfsDevice device) => new()
    {
        Address = device.Address.ToString(),
        Ids = device.Ids,
        Class = device.ClassCode.ToString("x6"),
        Kind = PciNames.Kind(device.VendorId, device.DeviceId, device.ClassCode),
        Driver = device.Driver,
        IommuGroup = device.IommuGroup,
        Supported = PciNames.IsSupported(device.VendorId, device.DeviceId, device.ClassCode),
        Access = device switch
        {
            { IsOnVfio: true, IsNoIommuGroup: true } => "vfio-noiommu",
            { IsOnVfio: true } => "vfio",
            { Driver: null or "uio_pci_generic" } => "sysfs",
            _ => null,
        },
    };
}
