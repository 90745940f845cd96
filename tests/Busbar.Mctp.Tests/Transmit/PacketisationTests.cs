// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp.Tests;

/// <summary>Messages into packets (DSP0236, 8.2 to 8.4).</summary>
public sealed class PacketisationTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 1)]
    [InlineData(63, 1)]
    [InlineData(64, 1)]
    [InlineData(65, 2)]
    [InlineData(66, 2)]
    [InlineData(127, 2)]
    [InlineData(128, 2)]
    [InlineData(129, 3)]
    [InlineData(130, 3)]
    public void Send_AtTheBaselineUnit_MakesFullPacketsButForTheLast(int message, int expected)
    {
        var core = new Core(mtu: 68);
        byte[] body = Bytes.Pattern(message - 1);

        Assert.Equal(SendStatus.Ok, core.Stack.Send(core.Stack.OpenSocket(), Core.Peer(9), body, core.Now));

        List<byte[]> packets = core.Wire.Take();
        Assert.Equal(expected, packets.Count);
        Assert.Equal([Core.Vendor, .. body], packets.SelectMany(packet => packet[4..]).ToArray());
        for (int i = 0; i < expected; i++)
        {
            MctpHeader header = MctpHeader.Read(packets[i]);
            Assert.Equal(1, header.Version);
            Assert.Equal(9, header.Destination.Value);
            Assert.Equal(8, header.Source.Value);
            Assert.Equal(i == 0, header.IsStart);
            Assert.Equal(i == expected - 1, header.IsEnd);
            Assert.Equal(i % 4, header.Sequence);
            Assert.True(header.IsTagOwner);
            if (i < expected - 1) Assert.Equal(68, packets[i].Length);
        }
    }

    [Fact]
    public void Send_OfTwoHundredAndOneBytes_HasTheKnownFlagBytes()
    {
        var core = new Core(mtu: 68);
        MctpSocketCore socket = core.Stack.OpenSocket();
        core.Request(socket);
        core.Request(socket);
        core.Wire.Take();

        core.Request(socket, length: 200);

        List<byte[]> packets = core.Wire.Take();
        Assert.Equal([0x8A, 0x1A, 0x2A, 0x7A], packets.Select(packet => packet[3]).ToArray());
        Assert.Equal([64, 64, 64, 9], packets.Select(packet => packet.Length - 4).ToArray());
    }

    [Fact]
    public void Send_OfSixtyFiveBytes_HasTheKnownFlagBytes()
    {
        var core = new Core(mtu: 68);
        MctpSocketCore socket = core.Stack.OpenSocket();
        core.Request(socket);
        core.Wire.Take();

        core.Request(socket, length: 64);

        Assert.Equal([0x89, 0x59], core.Wire.Take().Select(packet => packet[3]).ToArray());
    }

    [Fact]
    public void Send_OfAControlRequestToNullEid_HasTheKnownBytes()
    {
        var core = new Core(mtu: 68);
        MctpSocketCore socket = core.Stack.OpenSocket();
        var to = new MctpEndPoint(Eid.Null, MessageType.Control, MctpTag.Owner, link: core.Link.Index);
        for (int i = 0; i < 2; i++) core.Stack.Send(socket, to, [0x80, 0x02], core.Now);
        core.Wire.Take();

        Assert.Equal(SendStatus.Ok, core.Stack.Send(socket, to, [0x80, 0x02], core.Now));

        Assert.Equal("01 00 08 ca 00 80 02", Bytes.ToHex(core.Wire.Take().Single()));
    }

    [Fact]
    public void Send_OfAnEmptyBody_CarriesTheTypeByteAlone()
    {
        var core = new Core();

        core.Request(core.Stack.OpenSocket(), length: 0);

        Assert.Equal("01 09 08 c8 7e", Bytes.ToHex(core.Wire.Take().Single()));
    }

    [Fact]
    public void Send_WithRouteMtu_UsesTheSmallerOfLinkAndRoute()
    {
        var core = new Core(mtu: 260);
        core.Stack.RemoveRoute(new Eid(9), new Eid(9));
        core.Stack.AddRoute(MctpRoute.Direct(new Eid(9), new Eid(9), core.Link, mtu: 100));

        core.Request(core.Stack.OpenSocket(), length: 200);

        Assert.Equal([100, 100, 4 + 201 - 192], core.Wire.Take().Select(packet => packet.Length).ToArray());
    }

    [Fact]
    public void Send_AtTheLimit_IsTakenAndOneMoreIsNot()
    {
        var core = new Core(mtu: 65_540);
        MctpSocketCore socket = core.Stack.OpenSocket();

        Assert.Equal(SendStatus.Ok, core.Stack.Send(socket, Core.Peer(9), new byte[65_535], core.Now));
        Assert.Equal(SendStatus.TooLong, core.Stack.Send(socket, Core.Peer(9), new byte[65_536], core.Now));
        Assert.Equal(4 + 65_536, core.Wire.Take().Single().Length);
    }

    [Fact]
    public void Send_WithMore_StaysUnpublishedUntilTheFlush()
    {
        var core = new Core();
        MctpSocketCore socket = core.Stack.OpenSocket();

        core.Stack.Send(socket, Core.Peer(9), [1], core.Now, more: true);
        core.Stack.Send(socket, Core.Peer(9), [2], core.Now, more: true);
        List<byte[]> before = core.Wire.Take();
        core.Stack.Flush();

        Assert.Empty(before);
        Assert.Equal(2, core.Wire.Take().Count);
    }

    [Fact]
    public void Send_WithMoreThenPoll_IsPublishedByTheTurn()
    {
        var core = new Core();

        core.Stack.Send(core.Stack.OpenSocket(), Core.Peer(9), [1], core.Now, more: true);
        core.Poll();

        Assert.Single(core.Wire.Take());
    }

    [Fact]
    public void Send_OnAFullLink_BlocksWithoutASideEffect()
    {
        var core = new Core(mtu: 68, capacity: 1024);
        MctpSocketCore socket = core.Stack.OpenSocket();
        int sent = 0;
        while (core.Stack.Send(socket, Core.Peer((byte)(20 + (sent / 8))), new byte[60], core.Now) == SendStatus.Ok) sent++;

        SendStatus status = core.Stack.Send(socket, Core.Peer(9), new byte[60], core.Now, out MctpTag tag);

        Assert.Equal(SendStatus.WouldBlock, status);
        Assert.Equal(default, tag);
        Assert.Equal(sent, core.Wire.Take().Count);
        Assert.Equal(0, core.Request(socket).Value);
    }

    [Fact]
    public void Send_OfRequestsAndAnswers_CountsThem()
    {
        var core = new Core(mtu: 68);

        core.Request(core.Stack.OpenSocket(), length: 100);

        Assert.Equal(2, core.Link.Statistics.PacketsSent);
        Assert.Equal(101 + 8, core.Link.Statistics.BytesSent);
        Assert.Equal(1, core.Stack.Statistics.MessagesSent);
    }
}
