// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mmbi;

/// <summary>The interrupt part of a descriptor, bytes 40 to 55, common to all instances behind it.</summary>
/// <param name="HostType">H_INT_T.</param>
/// <param name="HostLocation">H_INT_L: message index or virtual-wire index.</param>
/// <param name="HostValue">H_INT_V: virtual-wire data byte; 0 for PCIe.</param>
/// <param name="OwnerType">BMC_INT_T.</param>
/// <param name="OwnerLocation">
/// BMC_INT_L: bytes from the descriptor for <see cref="MmbiOwnerInterrupt.ByteWrite"/>, otherwise 0. Null lets the layout choose.
/// </param>
/// <param name="OwnerValue">BMC_INT_V: the byte to write for <see cref="MmbiOwnerInterrupt.ByteWrite"/>.</param>
public sealed record MmbiInterrupts(
    MmbiHostInterrupt HostType,
    byte HostLocation,
    byte HostValue,
    MmbiOwnerInterrupt OwnerType,
    byte OwnerValue,
    long? OwnerLocation = null);
