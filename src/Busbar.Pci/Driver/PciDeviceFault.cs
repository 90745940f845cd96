// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Pci;

/// <summary>Why a device cannot be used as asked.</summary>
public enum PciDeviceFault
{
    /// <summary>There is no such device.</summary>
    NotFound,

    /// <summary>Somebody else uses it.</summary>
    Busy,

    /// <summary>It is bound to a driver that does not let processes at it.</summary>
    WrongDriver,

    /// <summary>Its IOMMU group holds a device that a kernel driver uses.</summary>
    GroupNotViable,

    /// <summary>No IOMMU, and the mode without one is not switched on.</summary>
    NoIommu,

    /// <summary>The process may not do this.</summary>
    NotPermitted,

    /// <summary>The kernel lacks a facility.</summary>
    NotSupported,

    /// <summary>The device does not have what was asked for, or is not what it says.</summary>
    Unsuitable,

    /// <summary>The system refused for another reason.</summary>
    Failed,
}
