// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.ControlPlane;

/// <summary>What a bridge knows from our Routing Information Updates, and how it takes them.</summary>
internal sealed class ToldBridge
{
    /// <summary>The entries that it has taken.</summary>
    public HashSet<RoutingUpdateEntry> Entries { get; } = [];

    /// <summary>It does not know the command.</summary>
    public bool IsDeaf { get; set; }

    /// <summary>Updates are on their way to it.</summary>
    public bool IsBeingTold { get; set; }

    /// <summary>Something changed since the list was made that is being sent.</summary>
    public bool IsOutdated { get; set; }

    /// <summary>Another attempt is waiting for its time.</summary>
    public bool IsTriedAgain { get; set; }

    /// <summary>Attempts in a row that failed.</summary>
    public int Refusals { get; set; }
}
