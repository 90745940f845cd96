// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;
using Busbar.Memory;
using Xunit;

namespace Busbar.Mmbi.Tests;

/// <summary>MCTP over MMBI from socket to socket.</summary>
public sealed class MmbiLinkTests
{
    public static TheoryData<string> Dialects => ChannelPair.Dialects;

    [Theory, MemberData(nameof(Dialects))]
    public void Messages_OfEverySize_ArriveIntact(string dialect)
    {
        foreach (RegionAccess access in Enum.GetValues<RegionAccess>())
        {
            using LinkPair pair = new LinkPair(ChannelPair.Dialect(dialect), access: access).Up();
            foreach (int length in (int[])[0, 1, 2, 3, 4, 62, 63, 64, 65, 1000, 4095, 4096, 32768, 65531, 65534, 65535])
            {
                byte[] body = RingPair.Bytes(length, length);

                Assert.Equal(SendStatus.Ok, pair.SendToOwner(body));
                Assert.Equal(SendStatus.Ok, pair.SendToHost(body));
                pair.Run(3);

                Assert.Equal(body, pair.ReceiveAtOwner());
                Assert.Equal(body, pair.ReceiveAtHost());
            }
        }
    }

    [Theory]
    [InlineData(2 << 20, null, 65_540)]
    [InlineData(256 << 10, null, 32_756)]
    [InlineData(4096, null, 500)]
    [InlineData(2 << 20, 68, 68)]
    [InlineData(2 << 20, 4_100, 4_100)]
    [InlineData(1024, 65_540, 236)]
    public void Mtu_FollowsRingAndOption(int window, int? option, int expected)
    {
        using LinkPair pair = new LinkPair(length: window, mtu: option).Up();

        Assert.Equal(expected, pair.OwnerLink.Mtu);
        Assert.Equal(SendStatus.Ok, pair.SendToHost(new byte[20]));
        pair.Run(2);
        Assert.Equal(new byte[20], pair.ReceiveAtHost());
    }

    [Fact]
    public void Reset_ThatPassesBetweenTwoLooks_IsReportedAllTheSame()
    {
        using LinkPair pair = new LinkPair().Up();
        MmbiChannel channel = pair.OwnerLink.Channel!;
        Assert.True(pair.HostLink.Channel!.RequestReset(MmbiReason.Requested, pair.Now));

        // The owner's channel goes through the whole reset while its link does not look.
        for (int i = 1; i <= 2000 && channel.Statistics.Joins < 2; i++)
        {
            channel.Poll(pair.Now + i);
            pair.HostStack.Poll(pair.Now + i, 64);
        }

        pair.OwnerStack.Poll(pair.Now + 2001, 64);

        Assert.Equal([true, false, true], pair.OwnerChanges);
    }

    [Fact]
    public void Receive_LargerThanOurMtu_IsAccepted()
    {
        using LinkPair pair = new LinkPair(length: 2 << 20, mtu: 68).Up();
        byte[] body = RingPair.Bytes(65_535);

        // The peer sends its message in one packet of 65,540 bytes although we send in packets of 68.
        var header = new MctpHeader(LinkPair.HostEid, LinkPair.OwnerEid, som: true, eom: true, 0, owner: true, 1);
        pair.OwnerLink.Write(default, header, [0x7E], body);
        pair.OwnerLink.Flush();
        pair.Run(2);

        Assert.Equal(body, pair.ReceiveAtHost());
    }

    [Fact]
    public void SmallMtu_MessageLargerThanTheRing_GoesInParts()
    {
        using LinkPair pair = new LinkPair(length: 8192, mtu: 68).Up();
        byte[] body = RingPair.Bytes(20_000);

        Assert.Equal(SendStatus.Ok, pair.SendToOwner(body));
        pair.Run(60);

        Assert.Equal(body, pair.ReceiveAtOwner());
    }

    [Fact]
    public void Reset_InTheMiddle_DropsReassemblyAndTrafficGoesOn()
    {
        using LinkPair pair = new LinkPair(length: 8192, mtu: 68).Up();
        Assert.Equal(SendStatus.Ok, pair.SendToOwner(RingPair.Bytes(20_000)));
        pair.Run(2);
        Assert.Equal(1, pair.OwnerStack.RunningAssemblies);

        Assert.True(pair.OwnerLink.Channel!.RequestReset(MmbiReason.Requested, pair.Now));
        pair.Run(20);

        Assert.Equal(0, pair.OwnerStack.RunningAssemblies);
        Assert.Equal([true, false, true], pair.OwnerChanges);
        Assert.Null(pair.ReceiveAtOwner());
        Assert.Equal(SendStatus.Ok, pair.SendToOwner([1, 2, 3]));
        pair.Run(2);
        Assert.Equal([1, 2, 3], pair.ReceiveAtOwner());
    }

    [Fact]
    public void Window_GoneAndBack_LinkFollows()
    {
        using LinkPair pair = new LinkPair().Up();

        pair.HostLink.DetachChannel(pair.Now);
        bool wasUp = pair.HostLink.IsUp;
        SendStatus status = pair.SendToOwner([1]);
        pair.Run(5);
        pair.AttachHost();
        pair.Up();

        Assert.False(wasUp);
        Assert.Equal(SendStatus.LinkDown, status);
        Assert.Equal(SendStatus.Ok, pair.SendToOwner([2]));
        pair.Run(2);
        Assert.Equal([2], pair.ReceiveAtOwner());
    }

    [Fact]
    public void RemovedFromItsStack_TellsThePeer()
    {
        using LinkPair pair = new LinkPair().Up();

        pair.HostStack.RemoveLink(pair.HostLink, pair.Now);
        pair.Run(5);

        Assert.False(pair.OwnerLink.IsUp);
        Assert.Equal(MmbiPhase.Closed, pair.HostLink.Channel!.Phase);
    }

    [Fact]
    public void PeerVanished_TakesTheLinkDownAtOnce()
    {
        using LinkPair pair = new LinkPair().Up();

        pair.OwnerLink.PeerVanished(pair.Now);

        Assert.False(pair.OwnerLink.IsUp);
        pair.AttachHost();
        pair.Up();
        Assert.Equal(SendStatus.Ok, pair.SendToHost([7]));
        pair.Run(2);
        Assert.Equal([7], pair.ReceiveAtHost());
    }

    [Fact]
    public void NoChannel_IsDownAndHarmless()
    {
        var link = new MmbiLink("mmbi0");
        var stack = new MctpStack();
        stack.AddLink(link);

        stack.Poll(1, 10);
        link.PeerVanished(1);
        link.Flush();
        link.CancelSleep();

        Assert.False(link.IsUp);
        Assert.True(link.PrepareSleep());
        Assert.Equal(SendRoom.Down, link.Room(1, 68));
        Assert.False(link.Write(default, default, [1], default));
        Assert.Equal(long.MaxValue, link.NextDeadline);
        stack.RemoveLink(link, 2);
    }

    [Fact]
    public void OtherTypesAndRunts_AreSkippedAndCounted()
    {
        using LinkPair pair = new LinkPair().Up();
        MmbiChannel channel = pair.OwnerLink.Channel!;
        Stage(channel, MmbiPacketType.Ipmi, 40);
        Stage(channel, MmbiPacketType.Mctp, 3);
        channel.Flush();
        pair.SendToHost([5]);
        pair.Run(3);

        Assert.Equal([5], pair.ReceiveAtHost());
        MmbiStatistics counted = pair.HostLink.Channel!.Statistics;
        Assert.Equal((1, 1), (counted.Skipped(MmbiPacketType.Ipmi), counted.Skipped(MmbiPacketType.Mctp)));

        static void Stage(MmbiChannel channel, MmbiPacketType type, int length)
        {
            Assert.True(channel.TryReserve(length, type, out MmbiSlot slot));
            slot.Append(RingPair.Bytes(length, 1));
        }
    }

    [Fact]
    public void FloodOfOtherTypes_DoesNotHoldATurnForEver()
    {
        using LinkPair pair = new LinkPair(length: 64 << 10).Up();
        MmbiChannel channel = pair.OwnerLink.Channel!;
        while (channel.TryReserve(1, MmbiPacketType.Ipmi, out MmbiSlot slot)) slot.Append([1]);
        channel.Flush();

        pair.HostStack.Poll(pair.Now, 64);

        Assert.Equal(256, pair.HostLink.Channel!.Statistics.PacketsSkipped);
    }

    [Fact]
    public void Budget_IsKept()
    {
        using LinkPair pair = new LinkPair().Up();
        for (int i = 0; i < 10; i++) pair.SendToHost([(byte)i]);

        pair.HostStack.Poll(pair.Now, 3);
        long first = pair.HostLink.Statistics.PacketsReceived;
        pair.HostStack.Poll(pair.Now, 100);

        // Some of the ten found no tag.
        Assert.Equal(3, first);
        Assert.Equal(pair.OwnerLink.Statistics.PacketsSent, pair.HostLink.Statistics.PacketsReceived);
    }

    [Fact]
    public void Echo_FromSocketToSocket_AllocatesNothing()
    {
        using LinkPair pair = new LinkPair().Up();
        byte[] buffer = new byte[256];
        byte[] body = RingPair.Bytes(60);
        Exchange(pair, body, buffer, 3000);
        long before = GC.GetAllocatedBytesForCurrentThread();

        int done = Exchange(pair, body, buffer, 10_000);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(10_000, done);
    }

    [Theory]
    [InlineData(67)]
    [InlineData(65_541)]
    public void Create_ImpossibleMtu_Throws(int mtu) => Assert.Throws<ArgumentOutOfRangeException>(() => new MmbiLink("mmbi0", mtu));

    private static int Exchange(LinkPair pair, byte[] body, byte[] buffer, int rounds)
    {
        int done = 0;
        var peer = new MctpEndPoint(LinkPair.OwnerEid, new MessageType(0x7E));
        MctpTag tag = pair.HostStack.AllocateTag(pair.HostSocket, peer, pair.Now)!.Value;
        for (int i = 0; i < rounds; i++)
        {
            pair.HostStack.Send(pair.HostSocket, peer with { Tag = tag }, body, pair.Now);
            if (!pair.OwnerStack.PollInto(pair.OwnerSocket, buffer, pair.Now, 16, out MctpReceiveResult request)) continue;
            MctpEndPoint back = request.From;
            pair.OwnerStack.Send(pair.OwnerSocket, back with { Tag = back.Tag.ToResponse() }, buffer.AsSpan(0, request.Length), pair.Now);
            if (pair.HostStack.PollInto(pair.HostSocket, buffer, pair.Now, 16, out MctpReceiveResult answer) && answer.Length == body.Length) done++;
        }

        pair.HostStack.ReleaseTag(pair.HostSocket, peer, tag, pair.Now);
        return done;
    }
}
