// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Pci;

/// <summary>A part of a window that a guest may map.</summary>
/// <param name="Offset">First byte from the window's start, a multiple of the page size.</param>
/// <param name="Length">Bytes, a multiple of the page size.</param>
public readonly record struct PciMappableArea(long Offset, long Length);
