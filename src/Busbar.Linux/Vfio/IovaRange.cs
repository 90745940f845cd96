// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Linux;

/// <summary>Addresses that an IOMMU can translate for a device.</summary>
/// <param name="First">The first.</param>
/// <param name="Last">The last, not before the first.</param>
public readonly record struct IovaRange(ulong First, ulong Last);
