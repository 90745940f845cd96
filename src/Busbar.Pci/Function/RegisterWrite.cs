// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Pci;

/// <summary>A write to a 32-bit register, as its hook sees it.</summary>
/// <param name="Value">What was written, in its place in the register; bytes that were not written are zero.</param>
/// <param name="Lanes">0xFF in each byte that was written: 0xFFFFFFFF for a whole register.</param>
/// <param name="Before">What the register held.</param>
public readonly record struct RegisterWrite(uint Value, uint Lanes, uint Before);
