// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Pci;

/// <summary>What a base address register says of its window.</summary>
/// <param name="Index">0 to 5; a 64-bit BAR also uses up the next number.</param>
/// <param name="Length">Bytes, a power of two; 0 when there is no such window.</param>
/// <param name="IsIo">True for I/O ports, false for memory.</param>
/// <param name="Is64Bit">True when the address may lie above 4 GiB.</param>
/// <param name="IsPrefetchable">True when reads have no side effects.</param>
/// <param name="IsMappable">True when a process can have the window in its address space.</param>
public sealed record PciBar(int Index, long Length, bool IsIo, bool Is64Bit, bool IsPrefetchable, bool IsMappable);
