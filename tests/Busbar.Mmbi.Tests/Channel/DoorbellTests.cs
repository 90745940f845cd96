// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using Busbar.Memory;
using Xunit;

namespace Busbar.Mmbi.Tests;

/// <summary>When bells ring, when they do not, and that no sleeper is forgotten.</summary>
public sealed class DoorbellTests
{
    public static TheoryData<string> Dialects => ChannelPair.Dialects;

    [Theory, MemberData(nameof(Dialects))]
    public void Flush_ManyPackets_RingsOnce(string dialect)
    {
        using var bells = new DoorbellPair();
        using var pair = Pair(dialect, bells);
        pair.Up();
        pair.Run(5);
        bells.Discoverer.SetWanted(true);
        int before = bells.Owner.Rings;

        for (int i = 0; i < 10; i++)
        {
            pair.Owner.Channel.TryReserve(8, MmbiPacketType.Mctp, out MmbiSlot slot);
            slot.Append([1, 0, 0, 0, 0, 0, 0, 0]);
        }

        pair.Owner.Channel.Flush();
        pair.Owner.Channel.Flush();

        Assert.Equal(before + 1, bells.Owner.Rings);
    }

    [Theory, MemberData(nameof(Dialects))]
    public void Flush_PeerPolls_DoesNotRing(string dialect)
    {
        using var bells = new DoorbellPair();
        using var pair = Pair(dialect, bells);

        pair.AssertTraffic(100);

        Assert.Equal(0, bells.Owner.Rings + bells.Discoverer.Rings);
        Assert.Equal(0, pair.Owner.Channel.Statistics.DoorbellsRung);
    }

    [Fact]
    public void PrepareSleep_PeerIsUpButNeverReady_AllowsSleep()
    {
        using var bells = new DoorbellPair();
        using var pair = Pair("v1.1", bells);
        pair.Owner.Poll(pair.Now);

        // A host that raises H_UP and leaves it at that.
        MmbiPlacement placement = pair.Owner.Channel.Placement!;
        pair.Window.Write32(placement.Rws, 2);
        for (long now = pair.Now; now < pair.Now + 5; now++) pair.Owner.Poll(now);

        Assert.Equal(MmbiPhase.Running, pair.Owner.Channel.Phase);
        Assert.False(pair.Owner.Channel.IsUp);
        Assert.True(pair.Owner.Channel.PrepareSleep());
        pair.Owner.Channel.CancelSleep();

        pair.Window.Write32(placement.Rws + 4, 1);
        Assert.False(pair.Owner.Channel.PrepareSleep());
    }

    [Fact]
    public void Read_NearlyFullRing_RingsTheWriter()
    {
        using var bells = new DoorbellPair();
        using var pair = Pair("v1.1", bells);
        pair.Up();
        pair.Run(5);
        while (pair.Owner.Send(ChannelEnd.Payload(1, 100)))
        {
        }

        bells.Owner.SetWanted(true);
        int before = bells.Discoverer.Rings;
        pair.Discoverer.Poll(pair.Now);

        Assert.True(bells.Discoverer.Rings > before);
    }

    [Fact]
    public void Read_Aspeed2024_RingsAfterEveryRead()
    {
        using var bells = new DoorbellPair(tellsWish: false);
        using var pair = Pair("v1.0-aspeed", bells);
        pair.Up();
        pair.Run(5);
        pair.Owner.Send(ChannelEnd.Payload(1, 100));
        int before = bells.Discoverer.Rings;

        pair.Discoverer.Poll(pair.Now);
        pair.Discoverer.Poll(pair.Now);

        Assert.Equal(before + 1, bells.Discoverer.Rings);
    }

    [Fact]
    public void Unread_ForAWhile_RingsAgain()
    {
        using var bells = new DoorbellPair(tellsWish: false);
        using var pair = Pair("v1.1", bells);
        pair.Up();
        pair.Run(5);
        pair.Owner.Send(ChannelEnd.Payload(1, 100));
        int before = bells.Owner.Rings;

        for (int i = 1; i <= 100; i++) pair.Owner.Poll(pair.Now + i);

        Assert.InRange(bells.Owner.Rings - before, 8, 11);
        Assert.InRange(pair.Owner.Channel.Statistics.DoorbellsRepeated, 8, 11);
    }

    [Theory]
    [InlineData(RegionAccess.Ram, null, false)]
    [InlineData(RegionAccess.Mmio, null, true)]
    [InlineData(RegionAccess.Ram, true, true)]
    [InlineData(RegionAccess.Mmio, false, false)]
    public void DoorbellByte_IsWrittenWhereItMakesSense(RegionAccess access, bool? option, bool expected)
    {
        using var window = SharedRegion.Allocate(8192, access);
        var owner = new ChannelEnd(window, new MmbiChannelOptions { Role = MmbiRole.Owner, Dialect = MmbiDialect.V10Aspeed });
        var discoverer = new ChannelEnd(window, new MmbiChannelOptions { WritesDoorbellByte = option });

        for (int now = 0; now < 20; now++)
        {
            owner.Poll(now);
            discoverer.Poll(now);
        }

        Assert.True(discoverer.IsUp);
        Assert.Equal(expected ? 0xC6 : 0, window.Read8(8192 - 8));
    }

    [Fact]
    public void PrepareSleep_NothingNew_AsksToBeRung()
    {
        using var bells = new DoorbellPair();
        using var pair = Pair("v1.1", bells);
        pair.Up();
        pair.Run(5);

        bool mayI = pair.Owner.Channel.PrepareSleep();
        bool wanted = bells.Owner.IsWanted;
        pair.Owner.Channel.CancelSleep();

        Assert.True(mayI);
        Assert.True(wanted);
        Assert.False(bells.Owner.IsWanted);
    }

    [Fact]
    public void CancelSleep_OfOneWhoNeverSlept_TakesBackTheWishThatItJoinedWith()
    {
        using var bells = new DoorbellPair();
        using var pair = Pair("v1.1", bells);

        // What joining a window does on its rendezvous page.
        bells.Owner.SetWanted(true);

        pair.Owner.Channel.CancelSleep();

        Assert.False(bells.Owner.IsWanted);
    }

    [Fact]
    public void PrepareSleep_PacketArrivedInBetween_SaysNo()
    {
        using var bells = new DoorbellPair();
        using var pair = Pair("v1.1", bells);
        pair.Up();
        pair.Run(5);
        pair.Discoverer.Send(ChannelEnd.Payload(1, 20));

        Assert.False(pair.Owner.Channel.PrepareSleep());
        Assert.False(bells.Owner.IsWanted);
    }

    [Fact]
    public void PrepareSleep_StateChangedInBetween_SaysNo()
    {
        using var bells = new DoorbellPair();
        using var pair = Pair("v1.1", bells);
        pair.Up();
        pair.Run(5);
        pair.Discoverer.Channel.RequestReset(MmbiReason.Requested, pair.Now);
        pair.Discoverer.Poll(pair.Now);

        Assert.False(pair.Owner.Channel.PrepareSleep());
    }

    [Fact]
    public void PrepareSleep_TellsThePeerHowFarWeRead()
    {
        using var bells = new DoorbellPair();
        using var pair = Pair("v1.1", bells);
        pair.Up();
        pair.Run(5);
        pair.Discoverer.Send(ChannelEnd.Payload(1, 20));
        pair.Owner.Poll(pair.Now);
        int owed = pair.Owner.Channel.Consumer!.Owed;

        pair.Owner.Channel.PrepareSleep();

        Assert.Equal(24, owed);
        Assert.Equal(0, pair.Owner.Channel.Consumer.Owed);
    }

    [Fact]
    public void PrepareSleep_DiscovererWithoutDescriptor_NoticesOneInTime()
    {
        using var bells = new DoorbellPair();
        using var pair = Pair("v1.1", bells);
        pair.Discoverer.Poll(pair.Now);
        bool before = pair.Discoverer.Channel.PrepareSleep();
        pair.Owner.Poll(pair.Now);

        Assert.True(before);
        Assert.False(pair.Discoverer.Channel.PrepareSleep());
    }

    [Theory]
    [InlineData("v1.1", true)]
    [InlineData("v1.1", false)]
    [InlineData("v1.0-aspeed", true)]
    [InlineData("v1.0-espi", true)]
    public async Task Sleepers_OnTwoThreads_AreNeverForgotten(string dialect, bool tellsWish)
    {
        const int Rounds = 2000;
        using var bells = new DoorbellPair(tellsWish);
        using var pair = Pair(dialect, bells);
        pair.Up();
        pair.Run(5);
        var clock = Stopwatch.StartNew();
        long start = pair.Now;
        long Now() => start + clock.ElapsedMilliseconds;

        // Each side sleeps until it is rung, with a limit that only a lost wake-up reaches; the channel's own deadlines are not honoured.
        Task<int> echo = Task.Run(() => Serve(pair.Owner, bells.Owner, Now, Rounds, isEcho: true));
        int answered = Serve(pair.Discoverer, bells.Discoverer, Now, Rounds, isEcho: false);

        Assert.Equal(Rounds, answered);
        Assert.Equal(Rounds, await echo);
    }

    private static int Serve(ChannelEnd end, DoorbellPair.End bell, Func<long> now, int rounds, bool isEcho)
    {
        int done = 0;
        if (!isEcho) end.Send(ChannelEnd.Payload(0, 16));
        while (done < rounds)
        {
            end.Poll(now());
            if (end.Received.Count == 0)
            {
                if (end.Channel.PrepareSleep() && !bell.Bell.Wait(TimeSpan.FromSeconds(5))) return -done;
                end.Channel.CancelSleep();
                continue;
            }

            end.Received.Clear();
            done++;
            if (isEcho || done < rounds) end.Send(ChannelEnd.Payload(done, 16));
        }

        return done;
    }

    private static ChannelPair Pair(string dialect, DoorbellPair bells) =>
        new(ChannelPair.Dialect(dialect), ownerDoorbell: bells.Owner, discovererDoorbell: bells.Discoverer);
}
