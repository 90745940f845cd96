// SPDX-License-Identifier: Apache-2.0
using Xunit;

namespace Busbar.Mmbi.Tests;

/// <summary>How soon a channel wants to be polled again.</summary>
public sealed class DeadlineTests
{
    [Fact]
    public void Idle_WithoutDoorbell_SlowsDownToTheLongestPoll()
    {
        using var pair = new ChannelPair();
        pair.AssertTraffic();

        pair.Run(200);

        Assert.Equal(MmbiTimings.Default.LongestPoll, pair.Owner.Channel.NextDeadline - pair.Now);
        Assert.Equal(MmbiTimings.Default.LongestPoll, pair.Discoverer.Channel.NextDeadline - pair.Now);
    }

    [Fact]
    public void Busy_WithoutDoorbell_PollsAtOnce()
    {
        using var pair = new ChannelPair();
        pair.AssertTraffic();
        pair.Run(200);

        pair.Owner.Send(ChannelEnd.Payload(1, 20));
        pair.Run(1);

        Assert.InRange(pair.Discoverer.Channel.NextDeadline - pair.Now, 0, 1);
    }

    [Fact]
    public void Idle_WithDoorbell_SleepsLong()
    {
        using var bells = new DoorbellPair();
        using var pair = new ChannelPair(ownerDoorbell: bells.Owner, discovererDoorbell: bells.Discoverer);
        pair.AssertTraffic();

        pair.Run(50);

        Assert.Equal(MmbiTimings.Default.WatchInterval, pair.Owner.Channel.NextDeadline - pair.Now);
    }

    [Fact]
    public void Waiting_ForAPeerThatCanRing_SleepsLong()
    {
        using var bells = new DoorbellPair();
        using var pair = new ChannelPair(ownerDoorbell: bells.Owner);

        for (int i = 0; i < 2000; i++) pair.Owner.Poll(i);

        Assert.Equal(MmbiTimings.Default.WatchInterval, pair.Owner.Channel.NextDeadline - 1999);
    }

    [Fact]
    public void Blocked_ForSpace_PollsEveryMillisecond()
    {
        using var bells = new DoorbellPair();
        using var pair = new ChannelPair(ownerDoorbell: bells.Owner, discovererDoorbell: bells.Discoverer);
        pair.AssertTraffic();
        pair.Run(50);

        while (pair.Owner.Send(ChannelEnd.Payload(1, 100)))
        {
        }

        pair.Owner.Poll(pair.Now);
        Assert.InRange(pair.Owner.Channel.NextDeadline - pair.Now, 0, 1);
        pair.Run(50);
        Assert.Equal(MmbiTimings.Default.WatchInterval, pair.Owner.Channel.NextDeadline - pair.Now);
    }

    [Fact]
    public void Poll_AtItsDeadlinesOnly_ComesUpAndResets()
    {
        using var pair = new ChannelPair();
        bool hasReset = false;
        for (long now = 0; now < 3000; now++)
        {
            if (now >= pair.Owner.Channel.NextDeadline || now == 0) pair.Owner.Poll(now);
            if (now >= pair.Discoverer.Channel.NextDeadline || now == 0) pair.Discoverer.Poll(now);
            if (now == 1000) hasReset = pair.Discoverer.Channel.RequestReset(MmbiReason.Requested, now);
        }

        Assert.True(hasReset);
        Assert.True(pair.IsUp);
        Assert.Equal(2, pair.Owner.Channel.Statistics.Joins);
        Assert.Equal(0, pair.Discoverer.Channel.Statistics.Resets(MmbiReason.AcknowledgeTimeout));
    }
}
