// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Node;

/// <summary>What the daemon's listeners counted.</summary>
public sealed record ClientReport
{
    /// <summary>Connections that are open now, on all listeners.</summary>
    public int Connected { get; init; }

    /// <summary>Connections accepted since the start.</summary>
    public long Accepted { get; init; }

    /// <summary>Connections refused because there were too many, or because their first packet was wrong.</summary>
    public long Refused { get; init; }

    /// <summary>Packets of clients that broke the framing; each ends its connection.</summary>
    public long Malformed { get; init; }

    /// <summary>Clients dropped because they stopped reading.</summary>
    public long Stalled { get; init; }

    /// <summary>Messages that were not delivered because a client's queue was full.</summary>
    public long Dropped { get; init; }
}
