// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Pci;

/// <summary>Which of the kernel's ways to a device is wanted.</summary>
public enum PciBackend
{
    /// <summary>What the device's driver suggests: VFIO when it is bound to that, otherwise sysfs.</summary>
    Automatic,

    /// <summary>VFIO by way of the device's group; without an IOMMU when the device was bound so.</summary>
    Vfio,

    /// <summary>VFIO by way of the device's own file and iommufd.</summary>
    Iommufd,

    /// <summary>The files of sysfs: no DMA; interrupts only with uio_pci_generic and a function that has INTx.</summary>
    Sysfs,
}
