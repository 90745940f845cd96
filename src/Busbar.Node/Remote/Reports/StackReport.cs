// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Node;

/// <summary>What a stack counted since it was created.</summary>
public sealed record StackReport
{
    /// <summary>Packets that links handed to the stack.</summary>
    public long PacketsReceived { get; init; }

    /// <summary>Packets that the stack handed to links.</summary>
    public long PacketsSent { get; init; }

    /// <summary>Whole messages delivered.</summary>
    public long MessagesReceived { get; init; }

    /// <summary>Messages accepted for sending.</summary>
    public long MessagesSent { get; init; }

    /// <summary>Requests whose tag expired without an answer.</summary>
    public long RequestsExpired { get; init; }

    /// <summary>What was thrown away, by reason (the names of <see cref="Mctp.DropReason"/>); reasons that never occurred are left out.</summary>
    public IReadOnlyDictionary<string, long> Drops { get; init; } = new Dictionary<string, long>();
}
