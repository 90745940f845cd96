// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Pci;

/// <summary>A window of a function as the kernel assigned it (the file <c>resource</c> in sysfs).</summary>
/// <param name="Index">0 to 5 for the BARs, 6 for the ROM.</param>
/// <param name="Start">Its first physical address, or I/O port.</param>
/// <param name="Length">Bytes; 0 when there is no such window.</param>
/// <param name="IsIo">True for I/O ports.</param>
/// <param name="Is64Bit">True when the BAR takes 64-bit addresses.</param>
/// <param name="IsPrefetchable">True when reads have no side effects.</param>
/// <param name="IsAssigned">False when the kernel found no address for it, so that nothing can reach it.</param>
public sealed record PciResource(int Index, ulong Start, long Length, bool IsIo, bool Is64Bit, bool IsPrefetchable, bool IsAssigned);
