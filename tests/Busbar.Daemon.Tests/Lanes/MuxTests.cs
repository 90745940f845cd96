// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;
using Busbar.Mctp;
using Busbar.Node;

namespace Busbar.Daemon.Tests;

/// <summary>The demultiplexer's socket, from its clients' side: packets are EID, type byte, payload.</summary>
public sealed class MuxTests : IDisposable
{
    private const byte Mark = 0x5A;

    private readonly PairNode _pair = new();
    private readonly RunningLoop _loop = new();
    private readonly string _name = $"busbar-test-{Guid.NewGuid():N}";
    private readonly ClientCounters _counters = new(8);
    private readonly MuxListener _mux;

    public MuxTests() => _mux = _loop.Do(() => new MuxListener(
        _loop.Loop, UnixListener.BindAbstractPackets(_name), _pair.Node, eid => eid == new Eid(30), _counters, _ => { }));

    public static TheoryData<string, byte[]> BadFirstPackets => new()
    {
        { "control", [0] },
        { "two bytes", [1, 1] },
        { "a type with the integrity bit", [0x81] },
    };

    public void Dispose()
    {
        _loop.Do(_mux.Dispose);
        _loop.Dispose();
        _pair.Dispose();
    }

    [Fact]
    public void Request_OfAClient_GoesOutAndItsAnswerComesBack()
    {
        using UnixPackets client = Connect(1);
        using MctpSocket peer = Peer(MessageType.Pldm);
        byte[] buffer = new byte[64];

        client.TrySend([PairNode.Far.Value, 1, 0x80, 2, 3]);
        MctpReceiveResult request = peer.ReceiveFrom(buffer, RunningLoop.Limit);
        Assert.Equal([0x80, 2, 3], buffer[..request.Length]);
        Assert.True(request.From.Tag.IsOwner);
        peer.SendTo([0, 2, 9], request.From with { Tag = request.From.Tag.ToResponse() });

        Assert.Equal([PairNode.Far.Value, 1, 0, 2, 9], Receive(client));
    }

    [Theory]
    [InlineData(1, new byte[] { 0x80, 2 }, new byte[] { 0x00, 2 })]
    [InlineData(4, new byte[] { 0x08, 2 }, new byte[] { 0x88, 2 })]
    [InlineData(5, new byte[] { 0x10, 0x84 }, new byte[] { 0x10, 0x04 })]
    [InlineData(0x7E, new byte[] { 1, 2 }, new byte[] { 3, 4 })]
    public void Answer_OfAClient_CarriesTheTagOfTheRequest(byte type, byte[] request, byte[] answer)
    {
        using UnixPackets client = Connect(type);
        using MctpSocket peer = _pair.Node.OpenSocket();
        byte[] buffer = new byte[64];

        // The peer sits on link 2 and asks our EID on link 1; several tags, so that the right one is no accident.
        var to = new MctpEndPoint(PairNode.Near, new MessageType(type), MctpTag.Owner, network: 2);
        peer.AllocateTag(to);
        peer.AllocateTag(to);
        MctpTag tag = peer.SendTo(request, to);
        Assert.Equal([PairNode.Far.Value, type, .. request], Receive(client));
        client.TrySend([PairNode.Far.Value, type, .. answer]);
        MctpReceiveResult answered = peer.ReceiveFrom(buffer, RunningLoop.Limit);

        Assert.Equal(tag.ToResponse(), answered.From.Tag);
        Assert.Equal(answer, buffer[..answered.Length]);
    }

    [Fact]
    public void Request_OfAClientThatHasOneToAnswer_StaysARequest()
    {
        using UnixPackets client = Connect(1);
        using MctpSocket peer = Peer(MessageType.Pldm);
        byte[] buffer = new byte[64];
        peer.SendTo([0x80, 2], new MctpEndPoint(PairNode.Near, MessageType.Pldm, MctpTag.Owner, network: 2));
        Receive(client);

        client.TrySend([PairNode.Far.Value, 1, 0x80, 7]);

        Assert.True(peer.ReceiveFrom(buffer, RunningLoop.Limit).From.Tag.IsOwner);
    }

    [Fact]
    public void Message_OfAType_ReachesAllItsClientsAndNoOthers()
    {
        using UnixPackets one = Connect(1);
        using UnixPackets two = Connect(1);
        using UnixPackets other = Connect(5);
        using MctpSocket peer = _pair.Node.OpenSocket();

        peer.SendTo([0x80, 2], new MctpEndPoint(PairNode.Near, MessageType.Pldm, MctpTag.Owner, network: 2));

        Assert.Equal([PairNode.Far.Value, 1, 0x80, 2], Receive(one));
        Assert.Equal([PairNode.Far.Value, 1, 0x80, 2], Receive(two));
        Assert.False(other.Wait(PollEvents.Readable, 50));
    }

    [Fact]
    public void Message_ToOurOwnEid_ComesBack()
    {
        using UnixPackets client = Connect(1);

        client.TrySend([30, 1, 0x80, 5]);

        Assert.Equal([30, 1, 0x80, 5], Receive(client));
    }

    [Theory]
    [MemberData(nameof(BadFirstPackets))]
    public void FirstPacket_ThatNamesNoType_EndsTheConnection(string what, byte[] packet)
    {
        using UnixPackets client = UnixPackets.Connect("@" + _name, timeoutMs: 1000);

        client.TrySend(packet);

        Assert.True(client.Wait(PollEvents.Readable, 10_000), what);
        Assert.Equal(ReceiveResult.Closed, client.TryReceive(new byte[8], out _));
        Assert.Equal(1, _loop.Do(() => _counters.Refused));
    }

    [Fact]
    public void Packet_TooShortOrOfControl_IsDroppedAndCounted()
    {
        using UnixPackets client = Connect(1);

        client.TrySend([9]);
        client.TrySend([PairNode.Far.Value, 0, 0x80, 2]);
        client.TrySend([30, 1, 1]);

        Assert.Equal([30, 1, 1], Receive(client));
        Assert.Equal(2, _loop.Do(() => _counters.Malformed));
    }

    [Fact]
    public void Client_ThatStopsReading_IsDroppedAndCountedAndOthersGoOn()
    {
        using UnixPackets deaf = Connect(1);
        using UnixPackets good = Connect(1);
        byte[] packet = [30, 1, .. new byte[8000]];
        byte[] buffer = new byte[9000];

        for (int i = 0; i < 300; i++)
        {
            Assert.True(good.Wait(PollEvents.Writable, 10_000));
            good.TrySend(packet);
            Assert.True(good.Wait(PollEvents.Readable, 10_000), $"packet {i} did not come back");
            Assert.Equal(ReceiveResult.Received, good.TryReceive(buffer, out _));
        }

        Assert.Equal((1L, 1), _loop.Do(() => (_counters.Stalled, _counters.Connected)));
    }

    [Fact]
    public void Clients_OfTheDemultiplexer_TakeHalfOfThePlacesAtMost()
    {
        var clients = new List<UnixPackets>();
        for (int i = 0; i < 4; i++) clients.Add(Connect(1));
        using UnixPackets fifth = UnixPackets.Connect("@" + _name, timeoutMs: 1000);

        Assert.True(fifth.Wait(PollEvents.Readable, 10_000));
        Assert.Equal(ReceiveResult.Closed, fifth.TryReceive(new byte[8], out _));
        Assert.Equal((1L, 4), _loop.Do(() => (_counters.Refused, _counters.Connected)));
        foreach (UnixPackets client in clients) client.Dispose();
    }

    [Fact]
    public void Clients_ThatStopReadingTogether_AreBoundedTogether()
    {
        _loop.Do(() => _counters.Most = 200);
        var deaf = new List<UnixPackets>();
        for (int i = 0; i < 60; i++) deaf.Add(Connect(2));
        using UnixPackets good = Connect(1);
        using UnixPackets talker = Connect(2);
        byte[] packet = [30, 2, .. new byte[60_000]];

        for (int i = 0; i < 40; i++)
        {
            Assert.True(talker.Wait(PollEvents.Writable, 20_000));
            talker.TrySend(packet);
            Assert.InRange(_loop.Do(() => _mux.WaitingBytes), 0, 16 << 20);
            while (talker.TryReceive(new byte[65_536], out _) == ReceiveResult.Received)
            {
                // Reads what comes back, so that it is not one of them.
            }
        }

        RunningLoop.Await(() => _loop.Do(() => _counters.Stalled) >= 40, "the end of those who do not read");
        good.TrySend([30, 1, 0x80, 5]);
        Assert.Equal([30, 1, 0x80, 5], Receive(good));
        foreach (UnixPackets client in deaf) client.Dispose();
        RunningLoop.Await(() => _loop.Do(() => _mux.WaitingBytes) == 0, "the end of what waited");
    }

    [Fact]
    public void Type_WhoseLastClientWent_IsFreeForOthers()
    {
        UnixPackets client = Connect(1);
        client.Dispose();
        RunningLoop.Await(() => _loop.Do(() => _counters.Connected) == 0, "the end of the connection");

        using MctpSocket own = _pair.Node.OpenSocket();
        own.Bind(new MctpEndPoint(Eid.Any, MessageType.Pldm));
    }

    // Passes over what registrations leave behind; see Connect.
    private static byte[] Receive(UnixPackets client)
    {
        byte[] packet;
        do packet = ReceiveAny(client);
        while (packet[^1] == Mark && packet.Length == 3);
        return packet;
    }

    private static byte[] ReceiveAny(UnixPackets client)
    {
        byte[] buffer = new byte[1024];
        Assert.True(client.Wait(PollEvents.Readable, 10_000), "nothing came");
        Assert.Equal(ReceiveResult.Received, client.TryReceive(buffer, out int count));
        return buffer[..count];
    }

    // Registered when it returns: a packet to our own EID came back to it (and to the other clients of the type).
    private UnixPackets Connect(byte type)
    {
        UnixPackets client = UnixPackets.Connect("@" + _name, timeoutMs: 1000);
        client.TrySend([type]);
        client.TrySend([30, type, Mark]);
        Assert.Equal([30, type, Mark], ReceiveAny(client));
        return client;
    }

    private MctpSocket Peer(MessageType type)
    {
        // The demultiplexer holds the bind for any EID; the peer's own EID comes before it.
        MctpSocket socket = _pair.Node.OpenSocket();
        socket.Bind(new MctpEndPoint(PairNode.Far, type, network: 2));
        return socket;
    }
}
