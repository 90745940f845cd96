// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.Node;

/// <summary>How a node behaves.</summary>
public sealed record MctpNodeOptions
{
    /// <summary>Limits and timers of the stack.</summary>
    public MctpStackOptions Stack { get; init; } = new();

    /// <summary>
    /// Whether a background thread serves the links while no caller waits in a socket. Without it, inline services (control, echo)
    /// answer only while somebody receives.
    /// </summary>
    public bool RunAgent { get; init; } = true;

    /// <summary>Packets that one turn takes from one link at most.</summary>
    public int PollBudget { get; init; } = 64;

    /// <summary>
    /// How long adaptive and polling waiters look before they sleep, in microseconds. Longer than a wake-up of the other side takes (tens of microseconds on
    /// a virtual machine), so that two adaptive sides stay awake while they talk.
    /// </summary>
    public int AdaptiveSpinMicroseconds { get; init; } = 100;
}
