// SPDX-License-Identifier: Apache-2.0
using Busbar.Memory;
using Xunit;

namespace Busbar.Mmbi.Tests;

/// <summary>
/// Random histories: polls, sends, resets, kills, restarts, closes, hints from outside, time, in any order and interleaved inside each
/// other's writes. Every history must end in a working link, and what arrives must have been sent, in order.
/// </summary>
public sealed class ChaosTests
{
    private const int Seeds = 150;
    private const int Steps = 300;

    private static readonly MmbiTimings s_fast = MmbiTimings.Default with { AcknowledgeLimit = 50, DrainLimit = 20, StaleHold = 10, RefusalInterval = 50 };

    public static TheoryData<string> Dialects => ChannelPair.Dialects;

    [Theory, MemberData(nameof(Dialects))]
    public void RandomHistories_EndInAWorkingLink(string dialect)
    {
        for (int seed = 0; seed < Seeds; seed++) Live(dialect, seed);
    }

    private static void Live(string dialect, int seed)
    {
        using var window = SharedRegion.Allocate(4096);
        var random = new Random(seed);
        MmbiChannelOptions options = new() { Timings = s_fast };
        MmbiChannelOptions[] roles = [options with { Role = MmbiRole.Owner, Dialect = ChannelPair.Dialect(dialect) }, options];
        var ends = new ChannelEnd?[2];
        var views = new SharedRegion[2];
        long now = 0;
        bool isOver = false;
        bool isNested = false;
        for (int i = 0; i < 2; i++)
        {
            int other = 1 - i;
            views[i] = SharedRegion.Watch(window, (_, _) =>
            {
                if (isOver || isNested || random.Next(6) != 0) return;
                isNested = true;
                Act(other);
                isNested = false;
            });
        }

        for (int step = 0; step < Steps; step++)
        {
            Act(random.Next(2));
            if (random.Next(3) == 0) now += random.Next(random.Next(20) == 0 ? 120 : 3);
        }

        // From here on both live on undisturbed.
        isOver = true;
        for (int i = 0; i < 2; i++) ends[i] = ends[i] is { Channel.Phase: not MmbiPhase.Closed } alive ? alive : new ChannelEnd(views[i], roles[i]);
        for (int i = 0; i < 1000; i++) PollBoth();
        Assert.True(ends[0]!.IsUp && ends[1]!.IsUp, $"seed {seed}: owner {ends[0]!.Channel.Phase} in {ends[0]!.Channel.State}, discoverer {ends[1]!.Channel.Phase}");
        for (int i = 0; i < 2; i++)
        {
            ends[1 - i]!.Received.Clear();
            byte[][] sent = [.. Enumerable.Range(0, 5).Select(k => ChannelEnd.Payload(k, 30 + k))];
            foreach (byte[] payload in sent) Assert.True(ends[i]!.Send(payload));
            for (int k = 0; k < 3; k++) PollBoth();
            Assert.Equal(sent, ends[1 - i]!.Received);
        }

        views[0].Dispose();
        views[1].Dispose();

        void PollBoth()
        {
            now++;
            ends[0]!.Poll(now);
            ends[1]!.Poll(now);
        }

        void Act(int who)
        {
            ChannelEnd? end = ends[who];
            switch (random.Next(end is null ? 2 : 24))
            {
                case 0:
                    // Killed without a word, or born.
                    ends[who] = end is null || random.Next(2) == 0 ? new ChannelEnd(views[who], roles[who]) : null;
                    break;
                case 1 when end is null:
                    break;
                case 1:
                    end.Channel.RequestReset(MmbiReason.Requested, now);
                    break;
                case 2:
                    end!.Channel.Close(now);
                    ends[who] = null;
                    break;
                case 3 when random.Next(3) == 0:
                    // True or not: the hint may be wrong.
                    end!.Channel.PeerVanished(now);
                    break;
                case < 9:
                    end!.Send(ChannelEnd.Payload(now.GetHashCode(), 5 + random.Next(150)));
                    break;
                case 9:
                    if (end!.Channel.PrepareSleep()) end.Channel.CancelSleep();
                    break;
                default:
                    end!.Poll(now);
                    break;
            }
        }
    }
}
