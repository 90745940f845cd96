// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Node;

/// <summary>What a thread does while nothing has arrived on a link.</summary>
public enum WaitStrategy
{
    /// <summary>Looks again and again and never sleeps: lowest latency, one core per waiting thread.</summary>
    Spin,

    /// <summary>Looks for a bounded time, then sleeps until the doorbell rings.</summary>
    Adaptive,

    /// <summary>Sleeps at once until the doorbell rings.</summary>
    Block,

    /// <summary>Looks at intervals; for peers that have no doorbell.</summary>
    Poll,
}
