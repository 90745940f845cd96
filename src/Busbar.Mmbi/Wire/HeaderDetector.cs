// SPDX-License-Identifier: Apache-2.0
using Busbar.Memory;

namespace Busbar.Mmbi;

/// <summary>
/// Finds out in which format a peer encodes its packet headers: walks the filled part of a ring under each candidate and keeps those under
/// which every packet makes sense and the last one ends exactly at the write pointer.
/// </summary>
/// <remarks>
/// Two candidates can survive a walk only where the length bytes read the same either way, and then they mean the same; so packets flow
/// while the question is open, and it is asked again with the next snapshot.
/// </remarks>
internal sealed class HeaderDetector(MmbiHeaderFormat[] candidates)
{
    // MCTP header version, low nibble of the first payload byte (DSP0236, 8.1).
    private const byte MctpVersion = 0x1;
    private const byte MctpVersionMask = 0xF;

    /// <summary>The format that fits best so far: the first surviving candidate.</summary>
    public MmbiHeaderFormat Format { get; private set; } = candidates[0];

    /// <summary>True when the last walk left exactly one candidate.</summary>
    public bool IsUnique { get; private set; }

    /// <summary>Walks one snapshot.</summary>
    /// <param name="region">The window.</param>
    /// <param name="ring">The ring.</param>
    /// <param name="position">Where the first packet starts, from the ring's start.</param>
    /// <param name="filled">Bytes from there to the write pointer.</param>
    /// <returns>False when no candidate fits.</returns>
    public bool Examine(SharedRegion region, MmbiRing ring, int position, int filled)
    {
        int survivors = 0;
        foreach (MmbiHeaderFormat candidate in candidates)
        {
            if (!Fits(candidate, region, ring, position, filled, out _)) continue;
            if (survivors++ == 0) Format = candidate;
        }

        IsUnique = survivors == 1;
        return survivors != 0;
    }

    /// <summary>Tells whether a chain of packets makes sense in one format.</summary>
    /// <param name="format">The format.</param>
    /// <param name="region">The window.</param>
    /// <param name="ring">The ring.</param>
    /// <param name="position">Where the first packet starts, from the ring's start.</param>
    /// <param name="filled">Bytes from there to the write pointer.</param>
    /// <param name="packets">Packets up to the first that makes no sense.</param>
    public static bool Fits(MmbiHeaderFormat format, SharedRegion region, MmbiRing ring, int position, int filled, out int packets)
    {
        packets = 0;
        int start = (int)ring.Start;
        int length = (int)ring.Length;
        while (filled > 0)
        {
            if (!format.TryDecode(region.Read32(start + position), out MmbiPacketHeader header)) return false;
            if (header.OccupiedLength > filled || !IsKnown(header.Type)) return false;
            int payload = (position + MmbiPacketHeader.Size) % length;
            if (header.Type == MmbiPacketType.Mctp && (region.Read8(start + payload) & MctpVersionMask) != MctpVersion) return false;
            position = (position + header.OccupiedLength) % length;
            filled -= header.OccupiedLength;
            packets++;
        }

        return true;
    }

    private static bool IsKnown(MmbiPacketType type) => type is >= MmbiPacketType.Ipmi and <= MmbiPacketType.NodeManager;
}
