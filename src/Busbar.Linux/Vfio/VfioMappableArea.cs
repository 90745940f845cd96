// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Linux;

/// <summary>A part of a region that may be mapped.</summary>
/// <param name="Offset">First byte, from the region's start.</param>
/// <param name="Length">Bytes, positive.</param>
public readonly record struct VfioMappableArea(long Offset, long Length);
