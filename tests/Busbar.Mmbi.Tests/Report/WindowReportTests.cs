// SPDX-License-Identifier: Apache-2.0
using Busbar.Memory;
using Xunit;

namespace Busbar.Mmbi.Tests;

/// <summary>An observer's view of a window.</summary>
public sealed class WindowReportTests
{
    public static TheoryData<string> Dialects => ChannelPair.Dialects;

    [Theory, MemberData(nameof(Dialects))]
    public void Read_LiveLink_TellsEverything(string dialect)
    {
        using var pair = new ChannelPair(ChannelPair.Dialect(dialect));
        pair.AssertTraffic();
        pair.Run(3);
        pair.Discoverer.Send(ChannelEnd.Payload(1, 21));
        pair.Discoverer.Send(ChannelEnd.Payload(2, 33));

        var report = MmbiWindowReport.Read(pair.Window);

        Assert.Equal(dialect, report.Recognition.Dialect.Name);
        Assert.Empty(report.Recognition.Faults);
        MmbiInstanceReport instance = Assert.Single(report.Instances);
        Assert.Equal(MmbiState.NormalRuntime, instance.State);
        Assert.True(instance is { IsOwnerUp: true, IsOwnerReady: true, IsHostUp: true, IsHostReady: true, IsOwnerReset: false, IsHostReset: false });
        Assert.Equal((0, 0), (instance.OwnerToHost!.Filled, instance.OwnerToHost.Packets));
        Assert.Equal((28 + 40, 2), (instance.HostToOwner!.Filled, instance.HostToOwner.Packets));
        Assert.Same(ChannelPair.Dialect(dialect).HeaderFormat, instance.HostToOwner.Format);
    }

    [Fact]
    public void Read_LiveLink_WritesNothingAndDisturbsNothing()
    {
        using var pair = new ChannelPair();
        pair.AssertTraffic();
        int writes = 0;
        using var view = SharedRegion.Watch(pair.Window, (_, _) => writes++);

        for (int i = 0; i < 100; i++)
        {
            MmbiWindowReport.Read(view);
            pair.Run(1);
        }

        Assert.Equal(0, writes);
        pair.AssertTraffic();
        Assert.Equal(1, pair.Owner.Channel.Statistics.Joins);
    }

    [Theory]
    [InlineData("v1.1", 7)]
    [InlineData("v1.0-espi", 4)]
    public void Read_ManyInstances_ListsThemAll(string dialect, int instances)
    {
        using var window = SharedRegion.Allocate(64 << 10);
        var layout = MmbiLayout.Create(ChannelPair.Dialect(dialect), window.Length, instances);
        for (int k = 0; k < instances; k++) layout.EnsurePublished(window, k);

        var report = MmbiWindowReport.Read(window);

        Assert.Equal(Enumerable.Range(0, instances), report.Instances.Select(instance => instance.Index));
        Assert.Equal(layout.Placements, report.Instances.Select(instance => instance.Placement));
    }

    [Fact]
    public void Read_EmptyWindow_SaysThatThereIsNothing()
    {
        using var window = SharedRegion.Allocate(4096);

        var report = MmbiWindowReport.Read(window);

        Assert.Empty(report.Instances);
        Assert.False(report.Recognition.IsPresent);
        Assert.StartsWith("signature: 000000000000 is not", Assert.Single(report.Recognition.Faults).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_DraftLayout_NamesIt()
    {
        using var window = SharedRegion.Allocate(4096);
        window.CopyFrom(0, "$MMBI$\u0001"u8);

        var report = MmbiWindowReport.Read(window);

        Assert.Empty(report.Instances);
        Assert.Contains("draft layout", report.Recognition.Faults[0].ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_BadDescriptor_StillShowsTheStatusWords()
    {
        using var pair = new ChannelPair();
        pair.AssertTraffic();
        pair.Window.Write8(24, 5);

        var report = MmbiWindowReport.Read(pair.Window);

        MmbiInstanceReport instance = Assert.Single(report.Instances);
        Assert.Equal(MmbiState.NormalRuntime, instance.State);
        Assert.Null(instance.OwnerToHost);
        Assert.StartsWith("BUF_T: 5", Assert.Single(report.Recognition.Faults).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_PointersOutsideTheRing_AreMarked()
    {
        using var pair = new ChannelPair();
        pair.AssertTraffic();
        pair.Window.Write32(pair.Owner.Channel.Placement!.Ros, 0xFFFFFFF2);

        MmbiRingReport ring = MmbiWindowReport.Read(pair.Window).Instances[0].OwnerToHost!;

        Assert.False(ring.IsPlausible);
        Assert.Equal(0xFFFFFFF0u, ring.WritePointer);
        Assert.Equal(0, ring.Filled);
    }

    [Fact]
    public void Read_AnyBytesAndAnyLength_NeverThrows()
    {
        var random = new Random(11);
        for (int round = 0; round < 3000; round++)
        {
            using var window = SharedRegion.Allocate(8 + random.Next(3000));
            random.NextBytes(window.Span(0, window.Length));
            byte[] seed = round % 3 == 0 ? DescriptorVectors.Aspeed2024 : DescriptorVectors.Aspeed2026Pair;
            window.CopyFrom(0, seed.AsSpan(0, Math.Min(Math.Min(seed.Length, window.Length), random.Next(seed.Length))));
            var options = new MmbiChannelOptions { Instance = random.Next(9) };
            var discoverer = new ChannelEnd(window, options);

            var report = MmbiWindowReport.Read(window);
            for (int now = 0; now < 10; now++) discoverer.Poll(now);

            Assert.NotNull(report.Recognition.Explanation);
        }
    }

    [Fact]
    public void Read_SmallestWindows_WithEveryAlignment_NeverThrow()
    {
        foreach (MmbiDialect dialect in MmbiDialect.All)
        {
            int instances = dialect.MaximumInstances;
            var layout = MmbiLayout.Create(dialect, 16 << 10, instances);
            for (int length = 60; length < 16 << 10; length += 61)
            {
                using var window = SharedRegion.Allocate(16 << 10);
                for (int k = 0; k < instances; k++) layout.EnsurePublished(window, k);
                using var cut = SharedRegion.Allocate(length);
                cut.CopyFrom(0, window.Span(0, length));
                var discoverer = new ChannelEnd(cut, new MmbiChannelOptions { Instance = instances - 1 });

                Assert.NotNull(MmbiWindowReport.Read(cut));
                for (int now = 0; now < 5; now++) discoverer.Poll(now);
                Assert.False(discoverer.IsUp);
            }
        }
    }
}
