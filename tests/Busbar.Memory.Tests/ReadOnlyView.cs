// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Memory.Tests;

/// <summary>A second, read-only region over the bytes of a writable one.</summary>
internal static unsafe class ReadOnlyView
{
    public static SharedRegion Of(SharedRegion writable) =>
        new(AddressOf(writable), writable.Length, RegionAccess.Ram, owner: null, isReadOnly: true);

    public static nint AddressOf(SharedRegion region)
    {
        // SAFETY: the block lies outside the collector's heap, so that its address stays; the tests dispose the view before the block.
        fixed (byte* address = region.Span(0, 1)) return (nint)address;
    }
}
