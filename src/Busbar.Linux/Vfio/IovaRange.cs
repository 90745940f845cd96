// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Linux;

/// <summary>Addresses that an IOMMU can translate for a device.</summary>
/// <param name="First">The first.</param>
/// <param name="Last">The last, not before the first.</param>
public readonly record struct IovaRange(ulong First, ulong Last)
{
    /// <summary>What every x86 and Arm IOMMU can translate, short of the interrupt window below 4 GiB; for kernels that do not tell.</summary>
    internal static IReadOnlyList<IovaRange> Usual { get; } = [new(0, 0xFEDF_FFFF)];
}
