// SPDX-License-Identifier: Apache-2.0
using Busbar.Memory;
using Busbar.Mctp;
using Xunit;

namespace Busbar.Mmbi.Tests;

/// <summary>What a packet may cost: no allocation, no needless look at the peer's lines, no needless write.</summary>
public sealed class HotPathTests
{
    public static TheoryData<string> Dialects => ChannelPair.Dialects;

    [Theory, MemberData(nameof(Dialects))]
    public void Packets_AfterWarmUp_AllocateNothing(string dialect)
    {
        using var bells = new DoorbellPair();
        using var pair = new ChannelPair(ChannelPair.Dialect(dialect), ownerDoorbell: bells.Owner, discovererDoorbell: bells.Discoverer);
        pair.Up();
        byte[] payload = new byte[60];
        long received = Exchange(pair, payload, 2000);
        long before = GC.GetAllocatedBytesForCurrentThread();

        received += Exchange(pair, payload, 10_000);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(24_000, received);
    }

    [Fact]
    public void Room_WithinTheRing_AnswersFromTheCache()
    {
        using var pair = new ChannelPair();
        pair.Up();
        pair.Run(5);
        MmbiChannel channel = pair.Owner.Channel;
        int capacity = channel.Producer!.Capacity;

        Assert.Equal(SendRoom.Now, channel.Room(1, capacity - 4));
        Assert.Equal(SendRoom.Never, channel.Room(1, capacity - 3));
        Assert.Equal(SendRoom.Now, channel.Room(4, capacity - 28));
        Assert.Equal(SendRoom.Never, channel.Room(4, capacity - 27));
        while (pair.Owner.Send(ChannelEnd.Payload(1, 100)))
        {
        }

        Assert.Equal(SendRoom.Later, channel.Room(1, 100));
        pair.Run(2);
        Assert.Equal(SendRoom.Now, channel.Room(1, 100));
        channel.Close(pair.Now);
        Assert.Equal(SendRoom.Down, channel.Room(1, 100));
    }

    [Fact]
    public void Room_PromisedForAMessage_IsKept()
    {
        using var pair = new ChannelPair();
        pair.Up();
        pair.Run(5);
        var random = new Random(3);
        int promises = 0;
        for (int round = 0; round < 2000; round++)
        {
            int packets = random.Next(1, 12);
            int[] sizes = [.. Enumerable.Range(0, packets).Select(_ => random.Next(4, 120))];
            if (pair.Owner.Channel.Room(packets, sizes.Sum()) == SendRoom.Now)
            {
                promises++;
                foreach (int size in sizes) Assert.True(pair.Owner.Channel.TryWrite(default, new byte[size - 4], default));
            }

            pair.Owner.Channel.Flush();
            if (round % 7 == 0) pair.Run(1);
        }

        Assert.True(promises > 500);
    }

    [Fact]
    public void PingPong_BothSides_WriteEachWordOncePerRound()
    {
        using var pair = new ChannelPair();
        pair.Up();
        int statusWrites = 0;
        MmbiPlacement placement = pair.Owner.Channel.Placement!;
        using var view = SharedRegion.Watch(pair.Window, (offset, _) =>
        {
            if (offset >= placement.Ros && offset < placement.Ros + 8) statusWrites++;
        });
        pair.Restart(MmbiRole.Owner, view);
        pair.RunUntil(() => pair.IsUp);
        pair.Run(5);
        long now = pair.Now;
        statusWrites = 0;

        for (int i = 0; i < 100; i++)
        {
            pair.Discoverer.Send(1, 2, 3, 4, 5);
            pair.Owner.Poll(now);
            pair.Owner.Send(1, 2, 3, 4, 5);
            pair.Discoverer.Poll(now);
        }

        // Read pointer and write pointer travel together: two stores in one cache line per round, nothing else.
        Assert.Equal(200, statusWrites);
    }

    [Fact]
    public void Poll_Idle_WritesNothing()
    {
        using var pair = new ChannelPair();
        pair.AssertTraffic();
        int writes = 0;
        using var view = SharedRegion.Watch(pair.Window, (_, _) => writes++);
        pair.Restart(MmbiRole.Owner, view);
        pair.RunUntil(() => pair.IsUp);
        pair.Run(5);
        writes = 0;

        pair.Run(1000);

        Assert.Equal(0, writes);
    }

    [Fact]
    public void Stream_OneWay_PublishesTheReadPointerNowAndThen()
    {
        using var pair = new ChannelPair();
        pair.Up();
        int statusWrites = 0;
        MmbiPlacement placement = pair.Owner.Channel.Placement!;
        using var view = SharedRegion.Watch(pair.Window, (offset, _) =>
        {
            if (offset == placement.Ros + 4) statusWrites++;
        });
        pair.Restart(MmbiRole.Owner, view);
        pair.RunUntil(() => pair.IsUp);
        pair.Run(5);
        statusWrites = 0;

        for (int i = 0; i < 200; i++) Assert.True(pair.Discoverer.Send(ChannelEnd.Payload(i, 8)));
        pair.Owner.Poll(pair.Now);

        Assert.Equal(200, pair.Owner.Received.Count);
        Assert.InRange(statusWrites, 1, 5);
    }

    private static long Exchange(ChannelPair pair, byte[] payload, int rounds)
    {
        long received = 0;
        for (int i = 0; i < rounds; i++)
        {
            long now = pair.Now + (i / 100);
            pair.Owner.Channel.TryWrite(default, payload.AsSpan(0, 1), payload.AsSpan(1));
            pair.Owner.Channel.Flush();
            pair.Discoverer.Channel.TryWrite(default, payload.AsSpan(0, 1), payload.AsSpan(1));
            pair.Discoverer.Channel.Flush();
            received += Drain(pair.Owner.Channel, now) + Drain(pair.Discoverer.Channel, now);
            if (i % 50 == 0 && pair.Owner.Channel.PrepareSleep()) pair.Owner.Channel.CancelSleep();
        }

        return received;
    }

    private static int Drain(MmbiChannel channel, long now)
    {
        int count = 0;
        channel.Poll(now);
        while (channel.TryReceive(out _))
        {
            channel.Advance();
            count++;
        }

        return count;
    }
}
