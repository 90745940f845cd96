// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <summary>What a stack counted since it was created. Written under the stack's serialisation; readers may see a slightly old value.</summary>
public sealed class StackStatistics
{
    /// <summary>Packets that links handed to the stack.</summary>
    public long PacketsReceived { get; internal set; }

    /// <summary>Packets that the stack handed to links.</summary>
    public long PacketsSent { get; internal set; }

    /// <summary>Packets of others that the stack passed from one link to another; they are among the received and the sent ones.</summary>
    public long PacketsForwarded { get; internal set; }

    /// <summary>Whole messages delivered to sockets and services.</summary>
    public long MessagesReceived { get; internal set; }

    /// <summary>Messages accepted for sending, answers of services included.</summary>
    public long MessagesSent { get; internal set; }

    /// <summary>Of those, the messages that were staged and sent in parts.</summary>
    public long MessagesStaged { get; internal set; }

    /// <summary>Requests whose tag expired without an answer.</summary>
    public long RequestsExpired { get; internal set; }

    /// <summary>What was thrown away, by reason, on all links.</summary>
    public DropCounters Drops { get; } = new();
}
