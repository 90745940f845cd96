// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mmbi;

/// <summary>Time limits of a channel, all in milliseconds. DSP0282 is not known to set any.</summary>
public sealed record MmbiTimings
{
    /// <summary>The defaults.</summary>
    public static MmbiTimings Default { get; } = new();

    /// <summary>How long a reset waits for the peer's acknowledgement before it goes ahead without.</summary>
    public int AcknowledgeLimit { get; init; } = 1000;

    /// <summary>How long a reset waits for queued packets to be taken, in either direction.</summary>
    public int DrainLimit { get; init; } = 100;

    /// <summary>
    /// How long a discoverer leaves its flags in place after an acknowledged reset, so that an owner that polls can see them.
    /// </summary>
    public int SettleTime { get; init; } = 2;

    /// <summary>
    /// How long an owner that never resets shows after a crash that it is down, before it goes on with a host that stayed up. Hosts that follow the state need it to notice, and may have
    /// to wait for a processor first.
    /// </summary>
    public int AbsenceTime { get; init; } = 200;

    /// <summary>How long a discoverer that finds old pointers in Host_ROS waits for the owner to notice by itself.</summary>
    public int StaleHold { get; init; } = 50;

    /// <summary>How long a discoverer waits before it refuses the same descriptor again.</summary>
    public int RefusalInterval { get; init; } = 1000;

    /// <summary>How long unread packets or an unanswered state stay without another doorbell.</summary>
    public int RingAgainInterval { get; init; } = 10;

    /// <summary>How often an owner checks that its descriptor still stands, and a discoverer that it is still the same.</summary>
    public int VerifyInterval { get; init; } = 100;

    /// <summary>Poll interval after something happened.</summary>
    public int ShortestPoll { get; init; } = 1;

    /// <summary>Poll interval that idle channels without a doorbell slow down to.</summary>
    public int LongestPoll { get; init; } = 20;

    /// <summary>Poll interval of idle channels that the peer can ring.</summary>
    public int WatchInterval { get; init; } = 500;
}
