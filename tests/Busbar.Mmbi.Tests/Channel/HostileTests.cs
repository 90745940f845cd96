// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using Busbar.Memory;
using Xunit;

namespace Busbar.Mmbi.Tests;

/// <summary>
/// Somebody writes into the window while traffic runs. Nothing may throw (an access outside the window would), hang, or stay broken after
/// the writer stops.
/// </summary>
public sealed class HostileTests
{
    private const int WindowLength = 4096;

    private static readonly uint[] s_adversarial =
    [
        0, 1, 2, 3, 4, 8, 0xC, 0x10, 0x13, 0x40, 0x100, 0x7FC, 0x7F8, 0x800, 0x803, 0x1000, 0x10000, 0x7FFFFFFF, 0x80000000, 0x80000003,
        0xFFFFFFF0, 0xFFFFFFFC, 0xFFFFFFFD, 0xFFFFFFFE, 0xFFFFFFFF, 0x04000000, 0x04000004, 0x00000804, 0x04FFFFFF, 0xFCFFFF04,
    ];

    public static TheoryData<string> Dialects => ChannelPair.Dialects;

    [Theory, MemberData(nameof(Dialects))]
    public void EveryControlWord_EveryAdversarialValue_LinkRecovers(string dialect)
    {
        using var plain = new ChannelPair(ChannelPair.Dialect(dialect), WindowLength);
        MmbiPlacement placement = plain.Up().Owner.Channel.Placement!;
        int[] words =
        [
            .. Enumerable.Range(0, 16).Select(k => 4 * k), placement.Ros, placement.Ros + 4, placement.Rws, placement.Rws + 4,
            (int)placement.OwnerToHost.Start, (int)placement.HostToOwner.Start,
        ];
        foreach (int word in words)
        {
            using var pair = new ChannelPair(ChannelPair.Dialect(dialect), WindowLength, timings: Fast);
            pair.Up();
            foreach (uint value in s_adversarial)
            {
                pair.Owner.Send(ChannelEnd.Payload(1, 40));
                pair.Discoverer.Send(ChannelEnd.Payload(1, 40));
                pair.Window.Write32(word, value);
                pair.Run(3);
                pair.Window.Write32(word, value);
                pair.Run(150);
                pair.RunUntil(() => pair.IsUp, 3000, $"the link after 0x{value:X} at 0x{word:X}");
                pair.AssertTraffic(2);
            }
        }
    }

    [Theory, MemberData(nameof(Dialects))]
    public void RandomWrites_BetweenAllSteps_LinkRecovers(string dialect)
    {
        for (int seed = 0; seed < 30; seed++)
        {
            foreach (RegionAccess access in Enum.GetValues<RegionAccess>())
            {
                using var pair = new ChannelPair(ChannelPair.Dialect(dialect), WindowLength, access, Fast);
                var random = new Random(seed);
                int[] targets = [];
                for (int step = 0; step < 400; step++)
                {
                    targets = Targets(pair, targets);
                    Scribble(pair.Window, random, targets);
                    pair.Owner.Send(ChannelEnd.Payload(step, 5 + random.Next(200)));
                    pair.Run(1);
                    Scribble(pair.Window, random, targets);
                    pair.Discoverer.Send(ChannelEnd.Payload(step, 5 + random.Next(200)));
                }

                pair.RunUntil(() => pair.IsUp, 5000, $"the link after seed {seed}");
                pair.Run(200);
                pair.AssertTraffic(5);
            }
        }
    }

    [Theory, MemberData(nameof(Dialects))]
    public void RandomWrites_InFrontOfEveryWriteOfOurs_LinkRecovers(string dialect)
    {
        for (int seed = 0; seed < 30; seed++)
        {
            foreach (MmbiRole victim in Enum.GetValues<MmbiRole>())
            {
                using var pair = new ChannelPair(ChannelPair.Dialect(dialect), WindowLength, timings: Fast);
                var random = new Random(seed);
                bool isOver = false;
                using var view = SharedRegion.Watch(pair.Window, (_, _) =>
                {
                    if (!isOver) Scribble(pair.Window, random, Targets(pair, []));
                });
                pair.Restart(victim, view);
                for (int step = 0; step < 200; step++)
                {
                    pair.Owner.Send(ChannelEnd.Payload(step, 5 + random.Next(200)));
                    pair.Discoverer.Send(ChannelEnd.Payload(step, 5 + random.Next(200)));
                    pair.Run(1);
                }

                isOver = true;
                pair.RunUntil(() => pair.IsUp, 5000, $"the link after seed {seed}");
                pair.Run(200);
                pair.AssertTraffic(5);
            }
        }
    }

    [Theory, MemberData(nameof(Dialects))]
    public async Task RandomWrites_FromAnotherThread_LinkRecovers(string dialect)
    {
        using var pair = new ChannelPair(ChannelPair.Dialect(dialect), WindowLength, timings: Fast);
        pair.Up();
        using var over = new CancellationTokenSource();
        int[] targets = Targets(pair, []);
        Task writer = Task.Run(() =>
        {
            var random = new Random(5);
            while (!over.IsCancellationRequested) Scribble(pair.Window, random, targets);
        });
        Task peer = Task.Run(() => Drive(pair.Owner, over.Token));
        long turns = Drive(pair.Discoverer, over.Token, TimeSpan.FromMilliseconds(600));

        await over.CancelAsync();
        await Task.WhenAll(writer, peer);

        Assert.True(turns > 100);
        AssertRecovered(pair);
    }

    [Fact]
    public void PeerThatOnlyAsksForResets_CostsBoundedWork()
    {
        using var pair = new ChannelPair(timings: Fast);
        pair.Up();
        MmbiPlacement placement = pair.Owner.Channel.Placement!;
        int writes = 0;
        using var view = SharedRegion.Watch(pair.Window, (_, _) => writes++);
        pair.Restart(MmbiRole.Owner, view);
        int most = 0;
        for (int i = 0; i < 2000; i++)
        {
            pair.Window.Write32(placement.Rws + 4, 1);
            pair.Window.Write32(placement.Rws, (uint)(i % 4));
            writes = 0;
            pair.Owner.Poll(pair.Now + i);
            most = Math.Max(most, writes);
        }

        Assert.InRange(most, 1, 60);
    }

    private static MmbiTimings Fast { get; } = MmbiTimings.Default with { AcknowledgeLimit = 50, DrainLimit = 20, RefusalInterval = 50, VerifyInterval = 20 };

    private static void AssertRecovered(ChannelPair pair)
    {
        // The threads used real time; the pair's own clock starts behind it.
        while (pair.Now < 5000) pair.Run(1000);
        pair.RunUntil(() => pair.IsUp, 5000, "the link after the writer stopped");
        pair.Run(200);
        pair.AssertTraffic(5);
    }

    private static long Drive(ChannelEnd end, CancellationToken over, TimeSpan? limit = null)
    {
        var clock = Stopwatch.StartNew();
        long turns = 0;
        while (!over.IsCancellationRequested && (limit is null || clock.Elapsed < limit))
        {
            end.Poll(1100 + clock.ElapsedMilliseconds);
            end.Send(ChannelEnd.Payload((int)turns, 5 + (int)(turns % 200)));
            end.Received.Clear();
            turns++;
            if (turns % 16 == 0) Thread.Yield();
        }

        return turns;
    }

    /// <summary>The words that hurt most: descriptor, status words, and the packet headers that will be read next.</summary>
    private static int[] Targets(ChannelPair pair, int[] known)
    {
        if (known.Length != 0) return known;
        MmbiPlacement? placement = pair.Owner.Channel.Placement;
        if (placement is null) return known;
        return
        [
            0, 4, 8, 12, 16, 20, 32, 36, placement.Ros, placement.Ros + 4, placement.Rws, placement.Rws + 4,
            placement.Ros, placement.Ros + 4, placement.Rws, placement.Rws + 4,
            (int)placement.OwnerToHost.Start, (int)placement.HostToOwner.Start,
        ];
    }

    private static void Scribble(SharedRegion window, Random random, int[] targets)
    {
        int word = targets.Length != 0 && random.Next(2) == 0 ? targets[random.Next(targets.Length)] : 4 * random.Next(window.Length / 4);
        uint value = random.Next(3) switch
        {
            0 => s_adversarial[random.Next(s_adversarial.Length)],
            1 => (uint)random.Next(0, window.Length),
            _ => (uint)random.NextInt64(0, 1L << 32),
        };
        if (random.Next(4) != 0) window.Write32(word, value);
    }
}
