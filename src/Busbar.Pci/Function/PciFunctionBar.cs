// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;

namespace Busbar.Pci;

/// <summary>A window of an emulated function.</summary>
/// <param name="Length">Bytes, a power of two, at least 4096.</param>
/// <param name="Is64Bit">True for a 64-bit BAR.</param>
/// <param name="IsPrefetchable">True when reads have no side effects.</param>
public sealed record PciFunctionBar(long Length, bool Is64Bit, bool IsPrefetchable)
{
    /// <summary>Memory behind the window, offset for offset; null for registers only. The function owns it.</summary>
    public MappedMemory? Memory { get; init; }

    /// <summary>
    /// Parts of <see cref="Memory"/> that the guest may have in its address space, so that accesses there never reach the function; page
    /// aligned, ascending, disjoint. Empty: every access traps.
    /// </summary>
    public IReadOnlyList<PciMappableArea> Mappable { get; init; } = [];
}
