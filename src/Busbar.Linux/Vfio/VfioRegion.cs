// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Linux;

/// <summary>A region of a device: a BAR, the configuration space.</summary>
/// <param name="Index">0 to 5 for the BARs, 6 for the ROM, 7 for configuration space.</param>
/// <param name="Length">Bytes; 0 when the device has no such region.</param>
/// <param name="FileOffset">Where it starts in the device's file.</param>
/// <param name="IsReadable">True when it can be read.</param>
/// <param name="IsWritable">True when it can be written.</param>
/// <param name="Mappable">What may be mapped, in order, inside the region; empty for nothing.</param>
public sealed record VfioRegion(
    int Index, long Length, long FileOffset, bool IsReadable, bool IsWritable, IReadOnlyList<VfioMappableArea> Mappable);
