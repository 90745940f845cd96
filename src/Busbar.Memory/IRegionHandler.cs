// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Memory;

/// <summary>
/// Serves the accesses to a window that has no memory of its own: registers. Behind a <see cref="SharedRegion.Trap"/> it answers a driver in the
/// same process; as a part of an emulated function's window it answers a guest.
/// </summary>
/// <remarks>
/// Accesses come from whoever holds the window, in any order, and mean anything: an implementation never throws because of a value.
/// Which threads call, and whether one at a time, is said by what it is plugged into.
/// </remarks>
public interface IRegionHandler
{
    /// <summary>Answers a read.</summary>
    /// <param name="offset">Bytes from the window's start, a multiple of <paramref name="size"/>, inside.</param>
    /// <param name="size">1, 2, 4 or 8 bytes.</param>
    /// <returns>The value, little endian, in the low <paramref name="size"/> bytes.</returns>
    ulong Read(int offset, int size);

    /// <summary>Takes a write.</summary>
    /// <param name="offset">Bytes from the window's start, a multiple of <paramref name="size"/>, inside.</param>
    /// <param name="size">1, 2, 4 or 8 bytes.</param>
    /// <param name="value">The value; the bytes above the low <paramref name="size"/> are zero.</param>
    void Write(int offset, int size, ulong value);
}
