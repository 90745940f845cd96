// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mmbi;

/// <summary>A decoded packet header: the one dword in front of every packet in a ring (DSP0282, multi-protocol header).</summary>
/// <param name="Type">What the packet carries; values without a name are kept.</param>
/// <param name="PayloadLength">Payload bytes, padding not counted; at least 1.</param>
/// <param name="OccupiedLength">Bytes in the ring: header, payload and padding; a multiple of 4, at least 8.</param>
public readonly record struct MmbiPacketHeader(MmbiPacketType Type, int PayloadLength, int OccupiedLength)
{
    /// <summary>Bytes of the header itself.</summary>
    public const int Size = 4;

    /// <summary>The largest payload that every format can describe: 22 bits of dwords, one of them the header in some formats.</summary>
    public const int MaximumPayload = 0xFFFFF8;

    /// <summary>Bytes that a packet with this payload takes in a ring, in every format.</summary>
    /// <param name="payloadLength">Payload bytes, 0 to <see cref="MaximumPayload"/>.</param>
    public static int Occupied(int payloadLength) => Size + ((payloadLength + 3) & ~3);
}
