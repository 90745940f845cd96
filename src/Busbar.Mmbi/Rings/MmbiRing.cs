// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mmbi;

/// <summary>Where a one-way ring lies.</summary>
/// <param name="Start">First byte.</param>
/// <param name="Length">Bytes, a multiple of 4 in a valid descriptor.</param>
public readonly record struct MmbiRing(long Start, long Length)
{
    /// <summary>The shortest ring that carries MCTP: a 68-byte packet (DSP0236 baseline), its MMBI header, and the gap.</summary>
    public const int MinimumLength = 80;

    /// <summary>
    /// Bytes that a writer keeps free, so that a full ring never looks empty and no reader of the field that insists on a free dword is
    /// disappointed.
    /// </summary>
    public const int Gap = 8;

    /// <summary>The first byte behind the ring.</summary>
    public long End => Start + Length;
}
