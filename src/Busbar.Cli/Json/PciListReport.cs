// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Cli;

/// <summary>What <c>busbar pci list</c> found.</summary>
internal sealed record PciListReport
{
    public required IReadOnlyList<PciDeviceRow> Devices { get; init; }

    /// <summary>Whether VFIO works without an IOMMU: <c>missing</c>, <c>off</c>, <c>on</c>.</summary>
    public required string NoIommu { get; init; }
}
