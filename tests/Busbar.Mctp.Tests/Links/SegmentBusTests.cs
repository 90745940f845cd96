// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp.Tests;

/// <summary>A bus in memory with several stations.</summary>
public sealed class SegmentBusTests
{
    private readonly SegmentBus _bus = new("bus", capacity: 16);
    private readonly MctpStack[] _stacks = new MctpStack[4];
    private readonly SegmentLink[] _stations = new SegmentLink[4];
    private readonly byte[] _buffer = new byte[4096];
    private long _now = 1_000;

    public SegmentBusTests()
    {
        for (int i = 0; i < 4; i++)
        {
            _stations[i] = _bus.AddStation(WireEnd.Address($"1{i}"));
            _stacks[i] = new MctpStack();
            _stacks[i].AddLink(_stations[i]);
            _stacks[i].AddAddress(_stations[i], new Eid((byte)(10 + i)));
            for (int other = 0; other < 4; other++)
            {
                if (other == i) continue;
                _stacks[i].AddRoute(MctpRoute.Direct(new Eid((byte)(10 + other)), new Eid((byte)(10 + other)), _stations[i]));
                _stacks[i].SetNeighbour(_stations[i], new Eid((byte)(10 + other)), WireEnd.Address($"1{other}"));
            }
        }
    }

    [Fact]
    public void Packet_ReachesTheStationAtItsAddressAndNoOther()
    {
        MctpSocketCore[] sockets = [.. _stacks.Select(Listen)];
        Assert.Equal(SendStatus.Ok, _stacks[0].Send(_stacks[0].OpenSocket(), Core.Peer(12), Bytes.Pattern(200), _now));
        Turn();

        Assert.Equal([0, 0, 1, 0], sockets.Select(socket => socket.QueuedMessages));
        Assert.True(_stacks[2].TryReceive(sockets[2], _buffer, out MctpReceiveResult result));
        Assert.Equal(WireEnd.Address("10"), result.From.Address);
        Assert.Equal(Bytes.Pattern(200), _buffer[..result.Length]);
        Assert.Equal(0, _bus.Waiting);
    }

    [Fact]
    public void BroadcastEid_WithoutAnAddress_ReachesAllOthers()
    {
        MctpSocketCore[] sockets = [.. _stacks.Select(Listen)];
        var all = new MctpEndPoint(Eid.Broadcast, MessageType.VendorPci, MctpTag.Owner, link: _stations[1].Index);
        Assert.Equal(SendStatus.Ok, _stacks[1].Send(_stacks[1].OpenSocket(), all, [1, 2, 3], _now));
        Assert.Equal(1, _bus.Waiting);
        Turn();

        Assert.Equal([1, 0, 1, 1], sockets.Select(socket => socket.QueuedMessages));
        Assert.Equal(0, _bus.Waiting);
    }

    [Fact]
    public void NullEid_AtAnAddress_ReachesWhoeverSitsThere_AndTheAnswerFindsBack()
    {
        MctpSocketCore client = _stacks[0].OpenSocket();
        MctpSocketCore server = Listen(_stacks[3]);
        Assert.Equal(
            SendStatus.Ok,
            _stacks[0].Send(client, new MctpEndPoint(Eid.Null, MessageType.VendorPci, MctpTag.Owner, link: _stations[0].Index, address: WireEnd.Address("13")), [1], _now));
        Turn();
        Assert.True(_stacks[3].TryReceive(server, _buffer, out MctpReceiveResult request));
        Assert.Equal(SendStatus.Ok, _stacks[3].Send(server, request.From with { Tag = request.From.Tag.ToResponse() }, [2], _now));
        Turn();

        Assert.Equal(1, client.QueuedMessages);
    }

    [Theory]
    [InlineData("77", 12)]
    [InlineData("10", 12)]
    [InlineData("", 12)]
    [InlineData("1213", 12)]
    public void Packet_ThatNoStationTakes_IsCounted(string address, byte eid)
    {
        var to = new MctpEndPoint(new Eid(eid), MessageType.VendorPci, MctpTag.Owner, link: 1, address: WireEnd.Address(address));
        Assert.Equal(SendStatus.Ok, _stacks[0].Send(_stacks[0].OpenSocket(), to, [1], _now));

        Assert.Equal(1, _stations[0].Statistics.Drops[DropReason.NotAcknowledged]);
        Assert.Equal(0, _bus.Waiting);
    }

    [Fact]
    public void FullBus_MakesSendersWait()
    {
        MctpSocketCore socket = _stacks[0].OpenSocket();
        int sent = 0;
        while (_stacks[0].Send(socket, Response(11), [1], _now) == SendStatus.Ok) sent++;
        Assert.Equal(16, sent);
        Assert.Equal(SendStatus.WouldBlock, _stacks[2].Send(_stacks[2].OpenSocket(), Core.Peer(13), [1], _now));

        Turn();
        Assert.Equal(SendStatus.Ok, _stacks[2].Send(_stacks[2].OpenSocket(), Core.Peer(13), [1], _now));
    }

    [Fact]
    public void LongMessage_OverASmallBus_ArrivesWhole()
    {
        MctpSocketCore server = Listen(_stacks[1]);
        byte[] body = Bytes.Pattern(3_000);
        Assert.Equal(SendStatus.Ok, _stacks[0].Send(_stacks[0].OpenSocket(), Core.Peer(11), body, _now));
        for (int i = 0; i < 10; i++) Turn();

        Assert.True(_stacks[1].TryReceive(server, _buffer, out MctpReceiveResult result));
        Assert.Equal(body, _buffer[..result.Length]);
    }

    [Fact]
    public void DeafStation_DoesNotStopTheBus()
    {
        MctpSocketCore socket = _stacks[0].OpenSocket();
        Turn();
        while (_stacks[0].Send(socket, Response(11), [1], _now) == SendStatus.Ok)
        {
        }

        for (int i = 0; i < 9; i++)
        {
            _now += 100;
            foreach (int alive in new[] { 0, 2, 3 }) _stacks[alive].Poll(_now, 100);
            Assert.Equal(SendStatus.WouldBlock, _stacks[0].Send(socket, Response(12), [1], _now));
        }

        _stations[1].Arrived = _ => Assert.Fail("it has lost its packets, and none came since");
        _now += 10_000;
        _stacks[2].Poll(_now, 100);
        _stacks[0].Poll(_now, 100);
        Assert.Equal(SendStatus.Ok, _stacks[0].Send(socket, Response(12), [1], _now));
        Assert.Equal(16, _stations[1].Statistics.Drops[DropReason.NotTaken]);
    }

    [Fact]
    public void UnpluggedStation_FreesItsAddressAndItsRoom()
    {
        MctpSocketCore socket = _stacks[0].OpenSocket();
        _stacks[0].Send(socket, Response(11), [1], _now);
        _stacks[1].RemoveLink(_stations[1], _now);
        Assert.Equal(0, _bus.Waiting);
        Assert.Equal(3, _bus.Stations.Count);

        SegmentLink next = _bus.AddStation(WireEnd.Address("11"));
        Assert.Throws<ArgumentException>(() => _bus.AddStation(WireEnd.Address("11")));
        Assert.Throws<ArgumentException>(() => _bus.AddStation(default));
        Assert.False(_stations[1].SetUp(up: true, _now));
        next.SetUp(up: false, _now);
        Assert.True(_stations[1].SetUp(up: true, _now));
        Assert.Equal(SendRoom.Down, next.Room(1, 68));
    }

    [Fact]
    public void LongAddresses_Work()
    {
        SegmentLink far = _bus.AddStation(WireEnd.Address("aabbccddeeff"));
        var stack = new MctpStack();
        stack.AddLink(far);
        MctpSocketCore server = Listen(stack);
        var to = new MctpEndPoint(Eid.Null, MessageType.VendorPci, MctpTag.Owner, link: 1, address: far.Address);
        Assert.Equal(SendStatus.Ok, _stacks[0].Send(_stacks[0].OpenSocket(), to, [1], _now));
        stack.Poll(_now, 10);

        Assert.Equal(1, server.QueuedMessages);
    }

    [Fact]
    public void Arrived_TellsOncePerBatch()
    {
        int calls = 0;
        _stations[1].Arrived = station => calls += ReferenceEquals(station, _stations[1]) ? 1 : 100;
        MctpSocketCore socket = _stacks[0].OpenSocket();
        for (int i = 0; i < 3; i++) _stacks[0].Send(socket, Response(11), [1], _now);
        Assert.Equal((1, 3), (calls, _stations[1].Waiting));
        Turn();
        _stacks[0].Send(socket, Response(11), [1], _now);

        Assert.Equal(2, calls);
    }

    private static MctpEndPoint Response(byte eid) => new(new Eid(eid), MessageType.VendorPci, MctpTag.Unowned(0), 1);

    private static MctpSocketCore Listen(MctpStack stack)
    {
        MctpSocketCore socket = stack.OpenSocket();
        Assert.Equal(BindStatus.Ok, stack.Bind(socket, new MctpEndPoint(Eid.Any, MessageType.VendorPci)));
        return socket;
    }

    private void Turn()
    {
        _now++;
        foreach (MctpStack stack in _stacks) stack.Poll(_now, 100);
    }
}
