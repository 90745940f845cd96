// SPDX-License-Identifier: Apache-2.0
using Xunit;

namespace Busbar.Mmbi.Tests;

/// <summary>Leaving runtime: asked for by either side, forced, by surprise, in order.</summary>
public sealed class ResetTests
{
    public static TheoryData<string> Dialects => ChannelPair.Dialects;

    public static TheoryData<string, MmbiRole> DialectsAndRoles => ChannelPair.DialectsAndRoles;

    [Theory, MemberData(nameof(DialectsAndRoles))]
    public void Request_ByEitherSide_ResetsBothAndTrafficGoesOn(string dialect, MmbiRole role)
    {
        using var pair = new ChannelPair(ChannelPair.Dialect(dialect));
        pair.AssertTraffic();

        bool started = pair.End(role).Channel.RequestReset(MmbiReason.Requested, pair.Now);
        pair.Run(1);

        Assert.True(started);
        Assert.Contains(role == MmbiRole.Owner ? (byte)0xE : (byte)0xB, pair.End(role).StatesSeen);
        pair.AssertTraffic();
        Assert.Equal(1, pair.End(role).Channel.Statistics.Resets(MmbiReason.Requested));
        Assert.Equal(1, pair.Other(role).Channel.Statistics.Resets(MmbiReason.RequestedByPeer));
        Assert.Equal(0, pair.End(role).Channel.Statistics.Resets(MmbiReason.AcknowledgeTimeout));
        Assert.Equal(2, pair.Owner.Channel.Statistics.Joins);
    }

    [Theory, MemberData(nameof(DialectsAndRoles))]
    public void Request_PacketsOnTheirWayToTheAcknowledger_AreHandedOutFirst(string dialect, MmbiRole role)
    {
        using var pair = new ChannelPair(ChannelPair.Dialect(dialect));
        pair.AssertTraffic();
        pair.Other(role).Received.Clear();
        pair.End(role).Send(1, 9, 9, 9, 1);
        pair.End(role).Send(1, 9, 9, 9, 2);

        pair.End(role).Channel.RequestReset(MmbiReason.Requested, pair.Now);
        pair.Run(20);

        Assert.Equal([[1, 9, 9, 9, 1], [1, 9, 9, 9, 2]], pair.Other(role).Received);
        pair.AssertTraffic();
    }

    [Theory, MemberData(nameof(Dialects))]
    public void Request_BySidesAtOnce_EndsInOneReset(string dialect)
    {
        using var pair = new ChannelPair(ChannelPair.Dialect(dialect));
        pair.AssertTraffic();

        pair.Owner.Channel.RequestReset(MmbiReason.Requested, pair.Now);
        pair.Discoverer.Channel.RequestReset(MmbiReason.Requested, pair.Now);
        pair.Run(1);

        pair.AssertTraffic();
        Assert.Equal(2, pair.Owner.Channel.Statistics.Joins);
    }

    [Fact]
    public void Owner_Request_GoesThroughEveryStateOfTheTable()
    {
        using var pair = new ChannelPair();
        pair.Up();
        pair.Owner.Events.Clear();

        pair.Owner.Channel.RequestReset(MmbiReason.Requested, pair.Now);
        pair.RunUntil(() => pair.IsUp);

        Assert.Equal([0xE, 0xF, 0x7, 0x0, 0x8, 0xA], pair.Owner.StatesSeen.Where(code => code != 0x3));
    }

    [Fact]
    public void Host_Request_GoesThroughEveryStateOfTheTable()
    {
        using var pair = new ChannelPair();
        pair.Up();
        pair.Owner.Events.Clear();
        pair.Discoverer.Events.Clear();

        pair.Discoverer.Channel.RequestReset(MmbiReason.Requested, pair.Now);
        pair.RunUntil(() => pair.IsUp);

        Assert.Equal([0xB, 0xF, 0x7, 0x0, 0x8, 0xA], pair.Owner.StatesSeen);
        Assert.Equal(0xB, pair.Discoverer.StatesSeen.First());
        Assert.Equal([0x8, 0xA], pair.Discoverer.StatesSeen.TakeLast(2));
    }

    [Theory, MemberData(nameof(DialectsAndRoles))]
    public void Request_NotAcknowledged_IsForcedAfterTheLimit(string dialect, MmbiRole role)
    {
        using var pair = new ChannelPair(ChannelPair.Dialect(dialect));
        pair.AssertTraffic();
        ChannelEnd end = pair.End(role);

        end.Channel.RequestReset(MmbiReason.Requested, pair.Now);
        for (int i = 1; i < 990; i++) end.Poll(pair.Now + i);
        MmbiPhase before = end.Channel.Phase;
        for (int i = 990; i < 1200; i++) end.Poll(pair.Now + i);

        Assert.Equal(MmbiPhase.ResetRequested, before);
        Assert.Equal(1, end.Channel.Statistics.Resets(MmbiReason.AcknowledgeTimeout));
        Assert.NotEqual(MmbiPhase.ResetRequested, end.Channel.Phase);
        pair.Run(1300);
        pair.AssertTraffic();
    }

    [Fact]
    public void Request_OutsideRuntime_IsIgnored()
    {
        using var pair = new ChannelPair();
        pair.Owner.Poll(pair.Now);

        Assert.False(pair.Owner.Channel.RequestReset(MmbiReason.Requested, pair.Now));
        Assert.False(pair.Discoverer.Channel.RequestReset(MmbiReason.Requested, pair.Now));
        pair.AssertTraffic();
    }

    [Theory, MemberData(nameof(DialectsAndRoles))]
    public void Close_ByEitherSide_TakesTheOtherDown(string dialect, MmbiRole role)
    {
        using var pair = new ChannelPair(ChannelPair.Dialect(dialect));
        pair.AssertTraffic();

        pair.End(role).Channel.Close(pair.Now);
        pair.Run(5);

        Assert.False(pair.Owner.IsUp);
        Assert.False(pair.Discoverer.IsUp);
        Assert.Equal(long.MaxValue, pair.End(role).Channel.NextDeadline);
        MmbiPlacement placement = pair.Owner.Channel.Placement!;
        Assert.Equal(0u, pair.Window.Read32(role == MmbiRole.Owner ? placement.Ros : placement.Rws) & 3);
        pair.Restart(role);
        pair.AssertTraffic();
    }

    [Theory, MemberData(nameof(DialectsAndRoles))]
    public void DeadLink_AllOnes_TakesTheLinkDownUntilItIsBack(string dialect, MmbiRole role)
    {
        using var pair = new ChannelPair(ChannelPair.Dialect(dialect));
        pair.AssertTraffic();
        byte[] content = pair.Window.Span(0, pair.Window.Length).ToArray();
        ChannelEnd end = pair.End(role);

        for (int i = 0; i < 50; i++)
        {
            pair.Window.Span(0, pair.Window.Length).Fill(0xFF);
            end.Poll(pair.Now + i);
        }

        Assert.False(end.IsUp);
        Assert.Equal(1, end.Channel.Statistics.Resets(MmbiReason.DeadLink));
        content.CopyTo(pair.Window.Span(0, content.Length));
        pair.Run(1200);
        pair.AssertTraffic();
    }

    [Theory, MemberData(nameof(DialectsAndRoles))]
    public void PeerVanished_IsToldFromOutside_ComesUpWithTheNextOne(string dialect, MmbiRole role)
    {
        using var pair = new ChannelPair(ChannelPair.Dialect(dialect));
        pair.AssertTraffic();
        ChannelEnd survivor = pair.End(role);

        survivor.Channel.PeerVanished(pair.Now);
        for (int i = 0; i < 3000; i++) survivor.Poll(pair.Now + i);

        Assert.False(survivor.IsUp);
        Assert.Equal(1, survivor.Channel.Statistics.Resets(MmbiReason.PeerVanished));
        pair.Run(3001);
        pair.Restart(role == MmbiRole.Owner ? MmbiRole.Discoverer : MmbiRole.Owner);
        pair.AssertTraffic();
    }

    [Fact]
    public void PeerVanished_BeforeAnyTraffic_DoesNotJoinTheDeadOwner()
    {
        using var pair = new ChannelPair();
        pair.Up();

        pair.Discoverer.Channel.PeerVanished(pair.Now);
        for (int i = 0; i < 3000; i++) pair.Discoverer.Poll(pair.Now + i);

        Assert.False(pair.Discoverer.IsUp);
        Assert.NotEqual(MmbiPhase.Running, pair.Discoverer.Channel.Phase);
    }

    [Fact]
    public void OwnersWords_OverwrittenBySomebody_AreRestored()
    {
        using var pair = new ChannelPair();
        pair.AssertTraffic();
        uint before = pair.Window.Read32(pair.Owner.Channel.Placement!.Ros);
        pair.Window.Write32(pair.Owner.Channel.Placement.Ros, 0x12345678);

        pair.Owner.Poll(pair.Now + 2);

        Assert.Equal(before, pair.Window.Read32(pair.Owner.Channel.Placement.Ros));
        Assert.Equal(1, pair.Owner.Channel.Statistics.OwnWordsRestored);
    }

    [Fact]
    public void OwnerThatNeverResets_AfterACrash_IsNoticedByAHostThatLooksSeldom()
    {
        using ChannelPair pair = new ChannelPair(MmbiDialect.V10Aspeed, neverResets: true).Up();
        pair.AssertTraffic();
        ChannelEnd host = pair.Discoverer;
        int events = host.Events.Count;

        ChannelEnd owner = pair.Restart(MmbiRole.Owner);
        long now = pair.Now;
        for (int i = 1; i <= 1000; i++)
        {
            owner.Poll(now + i);

            // A thread that waits for its processor, or a machine that is emulated.
            if (i % 150 == 0) host.Poll(now + i);
        }

        Assert.Contains(host.Events.Skip(events), change => change.New.Code != MmbiState.NormalRuntime.Code);
        Assert.True(owner.IsUp && host.IsUp);
    }

    [Fact]
    public void Descriptor_DamagedInRuntime_IsPublishedAgain()
    {
        using var pair = new ChannelPair();
        pair.AssertTraffic();
        pair.Window.Clear(0, 64);

        pair.Run(150);

        Assert.True(MmbiRecognition.Find(pair.Window, 0, null).IsAcceptable);
        Assert.Equal(1, pair.Owner.Channel.Statistics.DescriptorsRepaired);
        Assert.Contains(pair.Owner.Events, change => change.Reason == MmbiReason.DescriptorRepaired);
        pair.AssertTraffic();
    }

    [Theory, MemberData(nameof(DialectsAndRoles))]
    public void BadPointersAndHeaders_InRuntime_ResetWithTheirReason(string dialect, MmbiRole victim)
    {
        using var pair = new ChannelPair(ChannelPair.Dialect(dialect));
        pair.AssertTraffic();
        MmbiPlacement placement = pair.Owner.Channel.Placement!;
        int peerWords = victim == MmbiRole.Owner ? placement.Rws : placement.Ros;
        ChannelEnd end = pair.End(victim);

        Damage(peerWords, 0x7FFFFFFE, MmbiReason.BadWritePointer);
        Damage(peerWords + 4, 0x7FFFFFFD, MmbiReason.BadReadPointer);

        void Damage(int word, uint value, MmbiReason reason)
        {
            pair.Window.Write32(word, value);
            end.Poll(pair.Now + 2);
            Assert.Equal(1, end.Channel.Statistics.Resets(reason));
            Assert.False(end.IsUp);
            pair.Run(1500);
            pair.AssertTraffic();
        }
    }

    [Theory, MemberData(nameof(DialectsAndRoles))]
    public void BadHeader_InRuntime_ResetsWithItsReason(string dialect, MmbiRole victim)
    {
        using var pair = new ChannelPair(ChannelPair.Dialect(dialect));
        pair.Up();
        pair.Run(5);
        MmbiPlacement placement = pair.Owner.Channel.Placement!;
        ChannelEnd end = pair.End(victim);
        MmbiRing ring = victim == MmbiRole.Owner ? placement.HostToOwner : placement.OwnerToHost;
        pair.Other(victim).Send(1, 2, 3, 4, 5);
        pair.Window.Write32((int)ring.Start, 0);

        end.Poll(pair.Now);
        end.Poll(pair.Now);

        Assert.Equal(1, end.Channel.Statistics.Resets(MmbiReason.BadHeader));
        pair.AssertTraffic();
    }

    [Theory, MemberData(nameof(DialectsAndRoles))]
    public void UnknownTypes_AreCountedAndSkipped(string dialect, MmbiRole role)
    {
        using var pair = new ChannelPair(ChannelPair.Dialect(dialect), configured: true);
        pair.Up();
        pair.Run(3);
        for (int type = 0; type < 16; type++)
        {
            Assert.True(pair.End(role).Channel.TryReserve(6, (MmbiPacketType)type, out MmbiSlot slot));
            slot.Append([1, 2, 3, 4, 5, (byte)type]);
        }

        pair.End(role).Channel.Flush();
        pair.Run(3);

        Assert.Equal([1, 2, 3, 4, 5, 4], Assert.Single(pair.Other(role).Received));
        Assert.Equal(15, pair.Other(role).Channel.Statistics.PacketsSkipped);
        Assert.Equal(1, pair.Other(role).Channel.Statistics.Skipped(MmbiPacketType.Ipmi));
        Assert.Equal(0, pair.Other(role).Channel.Statistics.Skipped(MmbiPacketType.Mctp));
    }
}
