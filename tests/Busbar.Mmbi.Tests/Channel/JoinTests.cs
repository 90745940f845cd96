// SPDX-License-Identifier: Apache-2.0
using Busbar.Memory;
using Xunit;

namespace Busbar.Mmbi.Tests;

/// <summary>Coming up, in every dialect and from every kind of memory, and finding somebody else's leftovers.</summary>
public sealed class JoinTests
{
    public static TheoryData<string> Dialects => ChannelPair.Dialects;

    [Theory, MemberData(nameof(Dialects))]
    public void FreshWindow_BothEnds_ReachRuntimeAndTalk(string dialect)
    {
        foreach (RegionAccess access in Enum.GetValues<RegionAccess>())
        {
            using var pair = new ChannelPair(ChannelPair.Dialect(dialect), access: access);

            pair.Up();

            Assert.Equal([0x8, 0xA], pair.Owner.StatesSeen);
            Assert.Equal(MmbiState.NormalRuntime, pair.Discoverer.Channel.State);
            Assert.Equal(dialect, pair.Discoverer.Channel.Dialect!.Name);
            pair.AssertTraffic();
        }
    }

    [Theory, MemberData(nameof(Dialects))]
    public void ConfiguredDialect_BothEnds_Talk(string dialect)
    {
        using var pair = new ChannelPair(ChannelPair.Dialect(dialect), configured: true);

        pair.AssertTraffic();

        Assert.Contains("configured", pair.Discoverer.Channel.Recognition!.Explanation, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("v1.1", 7)]
    [InlineData("v1.0-espi", 8)]
    public void ManyInstances_EachWithItsOwnEnds_DoNotDisturbEachOther(string dialect, int instances)
    {
        using var window = SharedRegion.Allocate(64 << 10);
        var owners = new List<ChannelEnd>();
        var discoverers = new List<ChannelEnd>();
        for (int k = 0; k < instances; k++)
        {
            var options = new MmbiChannelOptions { Instance = k, Instances = instances };
            owners.Add(new ChannelEnd(window, options with { Role = MmbiRole.Owner, Dialect = ChannelPair.Dialect(dialect) }));
            discoverers.Add(new ChannelEnd(window, options));
        }

        Step(1, 20);
        owners[1].Channel.RequestReset(MmbiReason.Requested, 21);
        Step(21, 60);
        for (int k = 0; k < instances; k++) Assert.True(discoverers[k].Send(1, 2, 3, 4, (byte)k));
        Step(61, 65);

        Assert.All(owners, owner => Assert.True(owner.IsUp));
        for (int k = 0; k < instances; k++)
        {
            Assert.Equal([1, 2, 3, 4, (byte)k], Assert.Single(owners[k].Received));
            Assert.Equal(k == 1 ? 2 : 1, owners[k].Channel.Statistics.Joins);
        }

        void Step(long from, long to)
        {
            for (long now = from; now <= to; now++)
            {
                owners.ForEach(end => end.Poll(now));
                discoverers.ForEach(end => end.Poll(now));
            }
        }
    }

    [Fact]
    public void Discoverer_InstanceThatIsNotThere_IsRejectedOnce()
    {
        using var pair = new ChannelPair(instances: 2);
        var lost = new ChannelEnd(pair.Window, new MmbiChannelOptions { Instance = 5 });
        pair.Up();

        for (int i = 0; i < 50; i++) lost.Poll(pair.Now + i);

        Assert.False(lost.IsUp);
        Assert.Equal(MmbiReason.DescriptorRejected, Assert.Single(lost.Events).Reason);
    }

    [Fact]
    public void Discoverer_BeforeItsOwner_WaitsWithoutWriting()
    {
        using var window = SharedRegion.Allocate(8192);
        int writes = 0;
        using var watched = SharedRegion.Watch(window, (_, _) => writes++);
        var discoverer = new ChannelEnd(watched, new MmbiChannelOptions());

        for (int now = 0; now < 100; now++) discoverer.Poll(now);

        Assert.Equal(0, writes);
        Assert.Equal(MmbiPhase.Searching, discoverer.Channel.Phase);
    }

    [Theory, MemberData(nameof(Dialects))]
    public void Discoverer_FindsRuntimeOfAPredecessor_AsksForAResetFirst(string dialect)
    {
        using var pair = new ChannelPair(ChannelPair.Dialect(dialect));
        pair.AssertTraffic();

        pair.Restart(MmbiRole.Discoverer);
        pair.Run(1);
        pair.AssertTraffic();

        Assert.Equal(1, pair.Discoverer.Channel.Statistics.Resets(MmbiReason.StalePointers));
        Assert.Equal(1, pair.Owner.Channel.Statistics.Resets(MmbiReason.RequestedByPeer));
    }

    [Theory, MemberData(nameof(Dialects))]
    public void Owner_Restarted_TakesTheDiscovererAlong(string dialect)
    {
        using var pair = new ChannelPair(ChannelPair.Dialect(dialect));
        pair.AssertTraffic();

        pair.Restart(MmbiRole.Owner);
        pair.Run(1);

        pair.AssertTraffic();
        Assert.Equal(1, pair.Discoverer.Channel.Statistics.Resets(MmbiReason.SurpriseReset));
    }

    [Theory, MemberData(nameof(Dialects))]
    public void Discoverer_DescriptorChangedBeforeItJoined_IsReadAgain(string dialect)
    {
        using var pair = new ChannelPair(ChannelPair.Dialect(dialect), length: 16384);
        pair.AssertTraffic();
        MmbiPlacement before = pair.Discoverer.Channel.Placement!;

        // The owner comes back with another dialect, so everything lies elsewhere.
        MmbiDialect other = MmbiDialect.All.First(candidate => candidate.Name != dialect);
        var owner = new ChannelEnd(pair.Window, new MmbiChannelOptions { Role = MmbiRole.Owner, Dialect = other });
        for (int i = 1; i < 200; i++)
        {
            owner.Poll(pair.Now + i);
            pair.Discoverer.Poll(pair.Now + i);
        }

        Assert.True(owner.IsUp);
        Assert.Equal(other.Name, pair.Discoverer.Channel.Dialect!.Name);
        Assert.True(pair.Discoverer.Send(1, 2, 3, 4, 5));
        owner.Poll(pair.Now + 300);
        Assert.Equal([1, 2, 3, 4, 5], Assert.Single(owner.Received));
        _ = before;
    }

    [Theory]
    [InlineData(24, 9)]
    [InlineData(16, 0x7F)]
    public void Discoverer_UnacceptableDescriptor_RefusesUntilItIsRepaired(int at, byte value)
    {
        using var pair = new ChannelPair(timings: MmbiTimings.Default with { VerifyInterval = 3000 });
        pair.Owner.Poll(pair.Now);
        pair.Window.Write8(at, value);

        pair.Run(5);

        // The owner answers a refusal by publishing its descriptor again (T6), which is what repairs it here.
        Assert.Contains((byte)0x9, pair.Owner.StatesSeen);
        Assert.Equal(1, pair.Owner.Channel.Statistics.Resets(MmbiReason.Mismatch));
        pair.AssertTraffic();
    }

    [Fact]
    public void Discoverer_DescriptorThatStaysBad_RefusesNowAndThenOnly()
    {
        using var pair = new ChannelPair();
        MmbiDescriptor bad = MmbiLayout.Create(MmbiDialect.V11, pair.Window.Length).DescriptorOf(0);
        bad = bad with { Instances = [bad.Instances[0] with { BufferType = 3 }] };
        bad.Emit(MmbiDialect.V11, pair.Window.Span(0, 64));
        int ros = (int)bad.Instances[0].Ros;
        int rws = (int)bad.Instances[0].Rws;
        int refusals = 0;

        for (int now = 0; now < 5000; now++)
        {
            pair.Discoverer.Poll(now);
            if ((pair.Window.Read32(rws) & 3) == 1)
            {
                // The owner's answer: everything zero, then up again with the same descriptor.
                refusals++;
                pair.Window.Clear(ros, 8);
                pair.Window.Clear(rws, 8);
            }

            pair.Window.Write32(ros, 2);
        }

        Assert.InRange(refusals, 4, 6);
        Assert.False(pair.Discoverer.IsUp);
        Assert.StartsWith("BUF_T: 3", pair.Discoverer.Channel.Recognition!.Faults[0].ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Owner_JoinWithOldPointers_StartsOver()
    {
        using var pair = new ChannelPair();
        pair.Owner.Poll(pair.Now);
        MmbiPlacement placement = pair.Owner.Channel.Placement!;
        pair.Window.Write32(placement.Rws + 4, 0x11);
        pair.Window.Write32(placement.Rws, 0x22);

        pair.Owner.Poll(pair.Now + 1);

        Assert.Equal(1, pair.Owner.Channel.Statistics.Resets(MmbiReason.StalePointers));
        Assert.Equal(0u, pair.Window.Read32(placement.Rws));
        Assert.Equal(MmbiState.InitCompleted, pair.Owner.Channel.State);
        pair.AssertTraffic();
    }

    [Fact]
    public void Discoverer_OwnersOldPointersAt0x8_MakesItStartOver()
    {
        using var pair = new ChannelPair();
        pair.Owner.Poll(pair.Now);
        MmbiPlacement placement = pair.Owner.Channel.Placement!;
        pair.Window.Write32(placement.Ros, 0x42);

        for (int i = 0; i < 60; i++) pair.Discoverer.Poll(pair.Now + i);

        Assert.Equal(MmbiState.InitMismatch, pair.Discoverer.Channel.State);
        pair.Run(100);
        pair.AssertTraffic();
    }

    [Theory, MemberData(nameof(Dialects))]
    public void Discoverer_EveryLeftoverOfEitherSide_GetsThroughToRuntime(string dialect)
    {
        uint[] leftovers = [0, 1, 2, 3, 0x10, 0x11, 0x12, 0x13, 0x7FFFFFFF, 0xFFFFFFFF];
        foreach (uint word0 in leftovers)
        {
            foreach (uint word1 in (uint[])[0, 1, 0x20, 0x21, 0xFFFFFFFF])
            {
                using var pair = new ChannelPair(ChannelPair.Dialect(dialect));
                pair.Owner.Poll(pair.Now);
                MmbiPlacement placement = pair.Owner.Channel.Placement!;
                pair.Window.Write32(placement.Rws, word0);
                pair.Window.Write32(placement.Rws + 4, word1);

                pair.RunUntil(() => pair.IsUp, 3000, $"the link after {word0:X} {word1:X}");
                pair.AssertTraffic(3);
            }
        }
    }
}
