// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp.Tests;

/// <summary>The links in memory: loopback and pair.</summary>
public sealed class MemoryLinkTests
{
    [Fact]
    public void Loopback_BringsAMessageBackToItsOwnStack()
    {
        var stack = new MctpStack();
        var link = new LoopbackLink(mtu: 68);
        stack.AddLink(link);
        stack.AddAddress(link, new Eid(8));
        stack.AddAddress(link, new Eid(9));
        stack.AddRoute(MctpRoute.Direct(new Eid(9), new Eid(9), link));
        MctpSocketCore server = stack.OpenSocket();
        MctpSocketCore client = stack.OpenSocket();
        stack.Bind(server, new MctpEndPoint(new Eid(9), MessageType.VendorPci));
        byte[] buffer = new byte[2_000];

        stack.Send(client, Core.Peer(9), Bytes.Pattern(1_000), 0);
        stack.Poll(0, 100);
        Assert.True(stack.TryReceive(server, buffer, out MctpReceiveResult request));
        Assert.Equal(Bytes.Pattern(1_000), buffer[..request.Length]);

        stack.Send(server, request.From with { Tag = request.From.Tag.ToResponse() }, [1], 0);
        stack.Poll(0, 100);
        Assert.True(stack.TryReceive(client, buffer, out MctpReceiveResult answer));
        Assert.Equal(new Eid(9), answer.From.Eid);
    }

    [Fact]
    public void Pair_CarriesMessagesOfEverySizeBothWays()
    {
        (MctpStack a, MctpStack b) = (new MctpStack(), new MctpStack());
        (PairLink left, PairLink right) = PairLink.Create(mtu: 260, capacity: 1 << 18);
        a.AddLink(left);
        b.AddLink(right);
        a.AddAddress(left, new Eid(8));
        b.AddAddress(right, new Eid(9));
        MctpSocketCore client = a.OpenSocket();
        MctpSocketCore server = b.OpenSocket();
        b.Bind(server, new MctpEndPoint(Eid.Any, MessageType.VendorPci));
        byte[] buffer = new byte[66_000];
        foreach (int length in new[] { 0, 1, 62, 63, 64, 255, 256, 257, 1_000, 4_095, 4_096, 20_000, 65_535 })
        {
            byte[] body = Bytes.Pattern(length, length);
            var to = new MctpEndPoint(new Eid(9), MessageType.VendorPci, MctpTag.Owner, link: left.Index);
            Assert.Equal(SendStatus.Ok, a.Send(client, to, body, 0));
            b.Poll(0, 10_000);
            Assert.True(b.TryReceive(server, buffer, out MctpReceiveResult request));
            Assert.Equal(body, buffer[..request.Length]);

            Assert.Equal(SendStatus.Ok, b.Send(server, request.From with { Tag = request.From.Tag.ToResponse() }, buffer.AsSpan(0, length), 0));
            a.Poll(0, 10_000);
            Assert.True(a.TryReceive(client, buffer, out MctpReceiveResult answer));
            Assert.Equal(body, buffer[..answer.Length]);
        }

        Assert.Equal(0, a.Statistics.Drops.Total + b.Statistics.Drops.Total);
    }

    [Fact]
    public void Pair_WhenUnplugged_LosesWhatWasOnTheWay()
    {
        var core = new Core();
        MctpSocketCore socket = core.OpenBound();
        core.Arrive(9, 8);
        core.Wire.Near.SetUp(up: false, 0);
        core.Wire.Near.SetUp(up: true, 0);

        Assert.Null(core.Receive(socket));
    }

    [Fact]
    public void PrepareSleep_WithAWaitingPacket_RefusesToSleep()
    {
        var core = new Core();
        Assert.True(core.Link.PrepareSleep());
        core.Arrive(9, 8);

        Assert.False(core.Link.PrepareSleep());
        core.Link.CancelSleep();
        core.Poll();
        Assert.True(core.Link.PrepareSleep());
    }

    [Fact]
    public void Room_PromisesExactlyWhatWritesKeep()
    {
        var random = new Random(7);
        (PairLink a, PairLink b) = PairLink.Create(mtu: 300, capacity: 2048);
        var stack = new MctpStack();
        var far = new MctpStack();
        stack.AddLink(a);
        far.AddLink(b);
        for (int i = 0; i < 5_000; i++)
        {
            int packets = random.Next(1, 6);
            int size = random.Next(5, 300);
            if (a.Room(packets, packets * size) == SendRoom.Now)
            {
                for (int p = 0; p < packets; p++) Assert.True(a.Write(default, new MctpHeader(1), default, new byte[size - 4]));
                a.Flush();
            }
            else
            {
                far.Poll(0, random.Next(1, 10));
            }
        }

        Assert.Equal(SendRoom.Never, a.Room(1, 4096));
        a.SetUp(up: false, 0);
        Assert.Equal(SendRoom.Down, a.Room(1, 64));
    }
}
