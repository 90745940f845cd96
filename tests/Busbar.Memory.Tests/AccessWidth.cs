// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Memory.Tests;

/// <summary>The exact-width accessors of a region, callable by width.</summary>
internal static class AccessWidth
{
    public static ulong Read(SharedRegion region, int width, int offset) => width switch
    {
        1 => region.Read8(offset),
        2 => region.Read16(offset),
        4 => region.Read32(offset),
        8 => region.Read64(offset),
        _ => throw new ArgumentOutOfRangeException(nameof(width)),
    };

    public static void Write(SharedRegion region, int width, int offset, ulong value)
    {
        switch (width)
        {
            case 1: region.Write8(offset, (byte)value); break;
            case 2: region.Write16(offset, (ushort)value); break;
            case 4: region.Write32(offset, (uint)value); break;
            case 8: region.Write64(offset, value); break;
            default: throw new ArgumentOutOfRangeException(nameof(width));
        }
    }
}
