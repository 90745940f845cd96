// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <summary>
/// What happened on a link since it was created. Packets, bytes and drops are counted by the stack; a link itself counts only its
/// doorbells and wakes. Written under the stack's serialisation; readers may see a slightly old value.
/// </summary>
public sealed class LinkStatistics
{
    /// <summary>Packets handed to the medium.</summary>
    public long PacketsSent { get; set; }

    /// <summary>MCTP bytes handed to the medium, headers included.</summary>
    public long BytesSent { get; set; }

    /// <summary>Packets taken from the medium and handed to the stack.</summary>
    public long PacketsReceived { get; set; }

    /// <summary>MCTP bytes taken from the medium, headers included.</summary>
    public long BytesReceived { get; set; }

    /// <summary>Doorbells rung.</summary>
    public long DoorbellsRung { get; set; }

    /// <summary>Wake-ups by the peer's doorbell.</summary>
    public long Wakes { get; set; }

    /// <summary>What was thrown away, by reason.</summary>
    public DropCounters Drops { get; } = new();
}
