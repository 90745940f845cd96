// SPDX-License-Identifier: Apache-2.0
using Busbar.Memory;
using Xunit;

namespace Busbar.Mmbi.Tests;

/// <summary>
/// Each end is stopped in front of every single write that it makes in a scenario, and started again; and in front of every write the other
/// end gets a turn. Traffic must flow afterwards, always.
/// </summary>
public sealed class CrashPointTests
{
    // More than any scenario has; the loops end when a run makes no more writes.
    private const int MostWrites = 2000;

    // Joining alone takes two; a scenario with fewer did not happen.
    private const int FewestWrites = 2;

    private static readonly MmbiTimings s_fast = MmbiTimings.Default with { AcknowledgeLimit = 60, DrainLimit = 20, StaleHold = 10, RefusalInterval = 60 };

    public static TheoryData<string, MmbiRole> DialectsAndRoles => ChannelPair.DialectsAndRoles;

    [Theory, MemberData(nameof(DialectsAndRoles))]
    public void Joining_StoppedBeforeEachWrite_ComesUpAfterARestart(string dialect, MmbiRole victim) =>
        StopBeforeEachWrite(dialect, victim, static (pair, _) => pair.Run(12));

    [Theory, MemberData(nameof(DialectsAndRoles))]
    public void Resetting_StoppedBeforeEachWrite_ComesUpAfterARestart(string dialect, MmbiRole victim)
    {
        foreach (MmbiRole asking in Enum.GetValues<MmbiRole>())
        {
            StopBeforeEachWrite(dialect, victim, (pair, _) =>
            {
                pair.Run(12);
                pair.End(asking).Channel.RequestReset(MmbiReason.Requested, pair.Now);
                pair.Run(12);
            });
        }
    }

    [Theory, MemberData(nameof(DialectsAndRoles))]
    public void Talking_StoppedBeforeEachWrite_ComesUpAfterARestart(string dialect, MmbiRole victim) =>
        StopBeforeEachWrite(dialect, victim, static (pair, _) =>
        {
            pair.Run(12);
            for (int i = 0; i < 6; i++)
            {
                pair.Owner.Send(ChannelEnd.Payload(i, 40));
                pair.Discoverer.Send(ChannelEnd.Payload(i, 50));
                pair.Run(1);
            }
        });

    [Theory, MemberData(nameof(DialectsAndRoles))]
    public void Closing_StoppedBeforeEachWrite_ComesUpAfterARestart(string dialect, MmbiRole victim) =>
        StopBeforeEachWrite(dialect, victim, static (pair, role) =>
        {
            pair.Run(12);
            pair.End(role).Channel.Close(pair.Now);
            pair.Run(3);
        });

    [Theory, MemberData(nameof(DialectsAndRoles))]
    public void EverythingAtOnce_OtherSideRunsBeforeEachWrite_ComesUp(string dialect, MmbiRole interrupted)
    {
        for (int write = 1; write < MostWrites; write++)
        {
            using var pair = new ChannelPair(ChannelPair.Dialect(dialect), timings: s_fast);
            int count = 0;
            using var view = SharedRegion.Watch(pair.Window, (_, _) =>
            {
                // Two turns, because some steps take one to look and one to act.
                if (++count != write) return;
                pair.Other(interrupted).Poll(pair.Now);
                pair.Other(interrupted).Poll(pair.Now + 3);
            });
            pair.Restart(interrupted, view);

            pair.Run(12);
            pair.Owner.Send(ChannelEnd.Payload(1, 40));
            pair.Discoverer.Send(ChannelEnd.Payload(1, 40));
            pair.Run(2);
            pair.End(interrupted).Channel.RequestReset(MmbiReason.Requested, pair.Now);
            pair.Run(12);
            pair.Other(interrupted).Channel.RequestReset(MmbiReason.Requested, pair.Now);
            pair.Run(12);

            pair.AssertTraffic(3);
            if (count < write) return;
        }

        Assert.Fail("the scenario makes more writes than expected");
    }

    [Theory, MemberData(nameof(DialectsAndRoles))]
    public void EverythingAtOnce_OtherSideRestartsBeforeEachWrite_ComesUp(string dialect, MmbiRole interrupted)
    {
        MmbiRole other = interrupted == MmbiRole.Owner ? MmbiRole.Discoverer : MmbiRole.Owner;
        for (int write = 1; write < MostWrites; write++)
        {
            using var pair = new ChannelPair(ChannelPair.Dialect(dialect), timings: s_fast);
            int count = 0;
            bool isOver = false;
            using var view = SharedRegion.Watch(pair.Window, (_, _) =>
            {
                if (isOver || ++count != write) return;
                pair.Restart(other).Poll(pair.Now);
                pair.End(other).Poll(pair.Now + 1);
            });
            pair.Restart(interrupted, view);

            pair.Run(12);
            pair.End(interrupted).Send(ChannelEnd.Payload(1, 40));
            pair.Run(2);
            pair.End(interrupted).Channel.RequestReset(MmbiReason.Requested, pair.Now);
            pair.Run(12);

            pair.RunUntil(() => pair.IsUp, 1000, $"the link after write {write}");
            pair.Run(30);
            isOver = true;
            pair.AssertTraffic(3);
            if (count < write) return;
        }

        Assert.Fail("the scenario makes more writes than expected");
    }

    private static void StopBeforeEachWrite(string dialect, MmbiRole victim, Action<ChannelPair, MmbiRole> scenario)
    {
        for (int write = 1; write < MostWrites; write++)
        {
            using var pair = new ChannelPair(ChannelPair.Dialect(dialect), timings: s_fast);
            int count = 0;
            using var view = SharedRegion.Watch(pair.Window, (_, _) =>
            {
                if (++count == write) throw new CrashException();
            });
            pair.Restart(victim, view);

            bool crashed = Crashes(() => scenario(pair, victim));
            if (!crashed)
            {
                Assert.True(write > FewestWrites, $"the scenario made only {write - 1} writes");
                return;
            }

            pair.Restart(victim);
            pair.RunUntil(() => pair.IsUp, 1000, $"the link after a stop in front of write {write}");
            pair.Run(30);
            pair.AssertTraffic(3);
        }

        Assert.Fail("the scenario makes more writes than expected");
    }

    private static bool Crashes(Action scenario)
    {
        try
        {
            scenario();
            return false;
        }
        catch (CrashException)
        {
            return true;
        }
    }
}
