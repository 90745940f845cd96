// SPDX-License-Identifier: Apache-2.0
using Busbar.Node;

namespace Busbar.Daemon;

/// <summary>What the listeners count together.</summary>
internal sealed class ClientCounters
{
    public ClientCounters(int most) => Most = most;

    /// <summary>How many clients there may be; those that are there stay.</summary>
    public int Most { get; set; }

    public int Connected { get; set; }

    public long Accepted { get; set; }

    public long Refused { get; set; }

    public long Malformed { get; set; }

    public long Stalled { get; set; }

    public long Dropped { get; set; }

    public ClientReport ToReport() => new()
    {
        Connected = Connected,
        Accepted = Accepted,
        Refused = Refused,
        Malformed = Malformed,
        Stalled = Stalled,
        Dropped = Dropped,
    };
}
