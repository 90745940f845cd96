// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Pci;

/// <summary>Whether VFIO lets devices be used without an IOMMU.</summary>
public enum NoIommuMode
{
    /// <summary>The kernel has no such mode, or VFIO is not loaded.</summary>
    Missing,

    /// <summary>It has, and it is switched off.</summary>
    Off,

    /// <summary>It is switched on.</summary>
    On,
}
