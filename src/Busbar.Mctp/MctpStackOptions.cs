// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <summary>Limits and timers of a stack. Times are milliseconds, sizes are bytes.</summary>
public sealed record MctpStackOptions
{
    /// <summary>The longest message in either direction, its type byte included. Linux receives the same 65,536.</summary>
    public int MaximumMessage { get; init; } = 65_536;

    /// <summary>Buffer bytes that all running assemblies together may hold.</summary>
    public int ReassemblyBytes { get; init; } = 4 << 20;

    /// <summary>Running assemblies on all links together.</summary>
    public int ReassemblyContexts { get; init; } = 256;

    /// <summary>Running assemblies on one link; half of all by default, so that one link alone can never starve the others.</summary>
    public int ReassemblyContextsPerLink { get; init; } = 128;

    /// <summary>Buffer bytes that the assemblies of one link may hold.</summary>
    public int ReassemblyBytesPerLink { get; init; } = 2 << 20;

    /// <summary>Running assemblies from one source EID on one link: 8 tags with either TO bit by default.</summary>
    public int ReassemblyContextsPerPeer { get; init; } = 16;

    /// <summary>An assembly ends this long after its first packet; later packets do not extend it.</summary>
    public int ReassemblyTimeout { get; init; } = 6_000;

    /// <summary>A request waits this long for the first packet of its answer.</summary>
    public int TagLifetime { get; init; } = 6_000;

    /// <summary>How long the tag of an unanswered request is not used again, so that a late answer meets nobody.</summary>
    public int TagCooldown { get; init; } = 2_000;

    /// <summary>
    /// True ends an assembly when a middle packet differs in size from the first, or the last is larger (DSP0236 allows either). False
    /// takes what comes, as Linux does.
    /// </summary>
    public bool StrictPacketSizes { get; init; } = true;

    /// <summary>Buffer bytes that may wait in one socket's receive queue. Buffers come in sizes of 256, 4096, 16384 and 65536.</summary>
    public int SocketQueueBytes { get; init; } = 4 << 20;

    /// <summary>Messages (packets, in a raw socket) that may wait in one socket's receive queue.</summary>
    public int SocketQueueMessages { get; init; } = 4_096;

    /// <summary>Buffer bytes per link for messages that are larger than the link takes at once.</summary>
    public int StagedBytes { get; init; } = 1 << 20;

    /// <summary>Messages for inline services that may wait within one turn.</summary>
    public int ServiceQueueMessages { get; init; } = 4_096;

    /// <summary>
    /// Whether packets for other endpoints of a network are passed on from link to link from the beginning (DSP0236, bridge). A simple endpoint is no bridge, so
    /// that false is the default; <see cref="MctpStack.Forwards"/> changes it later.
    /// </summary>
    public bool Forwards { get; init; }

    /// <summary>
    /// How long packets for a link that has no room may stay on the medium that they came in by, where that medium can hold them. Afterwards they are dropped until
    /// there is room again, so that one endpoint that stopped reading does not stop its neighbours for good. 0 never holds any.
    /// </summary>
    public int ForwardHold { get; init; } = 500;

    internal void EnsureValid()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(MaximumMessage, 64, nameof(MaximumMessage));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaximumMessage, 1 << 26, nameof(MaximumMessage));
        ArgumentOutOfRangeException.ThrowIfLessThan(ReassemblyContexts, 1, nameof(ReassemblyContexts));
        ArgumentOutOfRangeException.ThrowIfLessThan(ReassemblyContextsPerLink, 1, nameof(ReassemblyContextsPerLink));
        ArgumentOutOfRangeException.ThrowIfLessThan(ReassemblyContextsPerPeer, 1, nameof(ReassemblyContextsPerPeer));
        ArgumentOutOfRangeException.ThrowIfLessThan(ReassemblyBytesPerLink, MaximumMessage, nameof(ReassemblyBytesPerLink));
        ArgumentOutOfRangeException.ThrowIfLessThan(ReassemblyBytes, MaximumMessage, nameof(ReassemblyBytes));
        ArgumentOutOfRangeException.ThrowIfLessThan(ReassemblyTimeout, 1, nameof(ReassemblyTimeout));
        ArgumentOutOfRangeException.ThrowIfLessThan(TagLifetime, 1, nameof(TagLifetime));
        ArgumentOutOfRangeException.ThrowIfNegative(ForwardHold, nameof(ForwardHold));
        ArgumentOutOfRangeException.ThrowIfNegative(TagCooldown, nameof(TagCooldown));
        ArgumentOutOfRangeException.ThrowIfLessThan(SocketQueueMessages, 1, nameof(SocketQueueMessages));
        ArgumentOutOfRangeException.ThrowIfLessThan(SocketQueueBytes, MaximumMessage, nameof(SocketQueueBytes));
        ArgumentOutOfRangeException.ThrowIfLessThan(StagedBytes, MaximumMessage, nameof(StagedBytes));
        ArgumentOutOfRangeException.ThrowIfLessThan(ServiceQueueMessages, 1, nameof(ServiceQueueMessages));
    }
}
