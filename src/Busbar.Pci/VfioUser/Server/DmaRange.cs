// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Pci;

/// <summary>A range of a client's memory.</summary>
/// <param name="Address">First bus address.</param>
/// <param name="Last">Last bus address: an end could be 2^64, which is no number.</param>
/// <param name="Flags">Readable 1, writable 2.</param>
/// <param name="Memory">What is behind it; null when it can be reached by message only, or not at all.</param>
/// <param name="Offset">Where it begins in the memory.</param>
internal sealed record DmaRange(ulong Address, ulong Last, uint Flags, MemoryObject? Memory, long Offset);
