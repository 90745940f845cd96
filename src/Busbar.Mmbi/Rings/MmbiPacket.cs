// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mmbi;

/// <summary>
/// A packet at the head of a ring. The header is a private snapshot; the payload may lie in shared memory that the peer can still change,
/// so read each byte once. Valid until the consumer advances.
/// </summary>
public readonly ref struct MmbiPacket
{
    internal MmbiPacket(MmbiPacketType type, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        Type = type;
        First = first;
        Second = second;
    }

    /// <summary>What the packet carries.</summary>
    public MmbiPacketType Type { get; }

    /// <summary>The payload up to the ring's end; at least 4 bytes, or all of a shorter payload.</summary>
    public ReadOnlySpan<byte> First { get; }

    /// <summary>The rest of the payload, from the ring's start; usually empty.</summary>
    public ReadOnlySpan<byte> Second { get; }

    /// <summary>Payload bytes, padding not counted.</summary>
    public int Length => First.Length + Second.Length;
}
