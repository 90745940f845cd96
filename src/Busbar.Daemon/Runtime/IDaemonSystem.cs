// SPDX-License-Identifier: Apache-2.0
using Busbar.ControlPlane;
using Busbar.Mctp;
using Busbar.Node;

namespace Busbar.Daemon;

/// <summary>What a daemon stands on: a system for the control plane, sockets for clients, counters, and the part of the configuration that concerns links. In the loop's thread.</summary>
internal interface IDaemonSystem : IDisposable
{
    /// <summary>The system below the control plane.</summary>
    IMctpHost Host { get; }

    /// <summary>Its clock.</summary>
    TimeProvider Time { get; }

    /// <summary>Sockets for clients; null where there are none to give.</summary>
    IMctpSocketSource? Sockets { get; }

    /// <summary>What the stack counted; null where it does not count.</summary>
    StackReport? Counters();

    /// <summary>What a link counts; null where it does not count.</summary>
    LinkStatistics? StatisticsOf(int link);

    /// <summary>What a link stands on, for people; null when not known.</summary>
    string? DescriptionOf(int link);

    /// <summary>Makes links, addresses, routes and neighbours those of a configuration, after another one.</summary>
    /// <param name="before">What was applied last; null at the start, when a link that cannot be opened ends the start unless its other end may still come.</param>
    /// <param name="now">What is wanted.</param>
    Task ApplyAsync(DaemonConfiguration? before, DaemonConfiguration now);

    /// <summary>A line for people about links.</summary>
    event Action<ControlNote>? Noted;
}
