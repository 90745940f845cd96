// SPDX-License-Identifier: Apache-2.0
using Busbar.Memory;

namespace Busbar.Pci;

/// <summary>A piece of a window: registers with a handler, memory without one.</summary>
/// <param name="Offset">First byte from the window's start, a multiple of 8.</param>
/// <param name="Length">Bytes, a multiple of 8.</param>
/// <param name="Handler">Serves registers; null for memory.</param>
/// <param name="IsMappable">True for memory that a guest may map.</param>
/// <param name="AfterWrite">Told each trapped write to memory.</param>
internal sealed record WindowPiece(int Offset, int Length, IRegionHandler? Handler, bool IsMappable, Action<int, int>? AfterWrite)
{
    /// <summary>The first byte behind it.</summary>
    public long End => (long)Offset + Length;
}
