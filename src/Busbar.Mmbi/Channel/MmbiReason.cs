// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mmbi;

/// <summary>Why a channel changed its state or was reset.</summary>
public enum MmbiReason
{
    /// <summary>The ordinary course of initialisation.</summary>
    Initialisation,

    /// <summary>Our user asked for a reset.</summary>
    Requested,

    /// <summary>The peer asked for a reset.</summary>
    RequestedByPeer,

    /// <summary>The discoverer refused the descriptor, or the owner's pointers were not zero when it should have joined.</summary>
    Mismatch,

    /// <summary>The peer's write pointer was outside the ring or passed our read pointer.</summary>
    BadWritePointer,

    /// <summary>The peer's read pointer was outside the ring or ahead of what we wrote.</summary>
    BadReadPointer,

    /// <summary>A packet header was impossible.</summary>
    BadHeader,

    /// <summary>The pointers of an earlier session were found where zeroes belong.</summary>
    StalePointers,

    /// <summary>The owner started over without asking.</summary>
    SurpriseReset,

    /// <summary>The peer took its UP away.</summary>
    PeerLeft,

    /// <summary>The process behind the peer is gone or another one.</summary>
    PeerVanished,

    /// <summary>The platform reported an uncorrectable error of the device that carries the window.</summary>
    DeviceFailed,

    /// <summary>The peer's words read all ones: the link is dead.</summary>
    DeadLink,

    /// <summary>The peer did not acknowledge a reset in time, so we went ahead without it.</summary>
    AcknowledgeTimeout,

    /// <summary>The window holds a descriptor that cannot be used.</summary>
    DescriptorRejected,

    /// <summary>The descriptor was damaged and published again.</summary>
    DescriptorRepaired,

    /// <summary>We closed the channel.</summary>
    Closed,
}
