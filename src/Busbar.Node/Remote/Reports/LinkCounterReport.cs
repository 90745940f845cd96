// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Node;

/// <summary>What happened on a link since it was created.</summary>
public sealed record LinkCounterReport
{
    /// <summary>Packets handed to the medium.</summary>
    public long PacketsSent { get; init; }

    /// <summary>MCTP bytes handed to the medium, headers included.</summary>
    public long BytesSent { get; init; }

    /// <summary>Packets taken from the medium.</summary>
    public long PacketsReceived { get; init; }

    /// <summary>MCTP bytes taken from the medium, headers included.</summary>
    public long BytesReceived { get; init; }

    /// <summary>Doorbells rung.</summary>
    public long DoorbellsRung { get; init; }

    /// <summary>Wake-ups by the peer's doorbell.</summary>
    public long Wakes { get; init; }

    /// <summary>What was thrown away, by reason (the names of <see cref="Mctp.DropReason"/>); reasons that never occurred are left out.</summary>
    public IReadOnlyDictionary<string, long> Drops { get; init; } = new Dictionary<string, long>();
}
