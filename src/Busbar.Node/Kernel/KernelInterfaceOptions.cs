// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.Node;

/// <summary>What a network interface for the kernel's MCTP looks like.</summary>
public sealed record KernelInterfaceOptions
{
    /// <summary>
    /// Packets that the transmit queue holds unless something else is asked for: the longest message at the smallest MTU is 1,024 packets, and what a queue does not hold is
    /// lost silently.
    /// </summary>
    public const int DefaultQueueLength = 2000;

    /// <summary>The interface's name.</summary>
    public required string Name { get; init; }

    /// <summary>By which facility it is made.</summary>
    public KernelInterfaceKind Kind { get; init; }

    /// <summary>The kernel's EID on the interface; the null EID for none.</summary>
    public Eid LocalEid { get; init; }

    /// <summary>EIDs that are reached through the interface.</summary>
    public IReadOnlyList<EidRange> Routes { get; init; } = [];

    /// <summary>Largest packet, header included; null to follow the link, as far as the interface's own limits let it.</summary>
    public int? Mtu { get; init; }

    /// <summary>MCTP network; null for the kernel's default (1).</summary>
    public uint? Network { get; init; }

    /// <summary>Packets that the transmit queue holds.</summary>
    public int QueueLength { get; init; } = DefaultQueueLength;
}
