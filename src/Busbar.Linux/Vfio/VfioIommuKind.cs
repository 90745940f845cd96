// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Linux;

/// <summary>How a container's devices reach memory; the values are those of linux/vfio.h.</summary>
public enum VfioIommuKind
{
    /// <summary>Type 1: an IOMMU whose mappings can be split when they are removed.</summary>
    Type1 = 1,

    /// <summary>Type 1 version 2: mappings are removed whole.</summary>
    Type1Version2 = 3,

    /// <summary>No IOMMU: the device reaches all of the machine's memory, and nothing can be mapped.</summary>
    NoIommu = 8,
}
