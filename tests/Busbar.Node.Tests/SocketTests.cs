// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;
using Xunit;

namespace Busbar.Node.Tests;

/// <summary>The shape of sockets, on a pair of links inside one node: link 1 (EID 20, network 1) is joined with link 2 (EID 21, network 2).</summary>
public sealed class SocketTests : IDisposable
{
    private static readonly Eid s_near = new(20);
    private static readonly Eid s_far = new(21);
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(5);

    private readonly MctpNode _node = new();
    private readonly PairLink _a;
    private readonly PairLink _b;

    public SocketTests()
    {
        (_a, _b) = PairLink.Create();
        _node.AddLink(new PairAttachment(_a, WaitStrategy.Poll));
        _node.AddLink(new PairAttachment(_b, WaitStrategy.Poll), network: 2);
        _node.Use((stack, _) =>
        {
            stack.AddAddress(_a, s_near);
            stack.AddAddress(_b, s_far);
            stack.AddRoute(MctpRoute.Direct(s_far, s_far, _a));
            stack.AddRoute(MctpRoute.Direct(s_near, s_near, _b));
        });
    }

    public void Dispose() => _node.Dispose();

    [Fact]
    public void Sender_AsReceived_SurvivesSockaddrAndCanBeAnswered()
    {
        using MctpSocket server = WaitingTests.Bound(_node, MessageType.Pldm);
        using MctpSocket client = _node.OpenSocket();
        byte[] buffer = new byte[16];
        byte[] sockaddr = new byte[MctpEndPoint.ExtendedSize];

        MctpTag tag = client.SendTo([1, 2, 3], new MctpEndPoint(s_far, new MessageType(0x81), MctpTag.Owner));
        MctpReceiveResult request = server.ReceiveFrom(buffer, s_limit);
        int length = request.From.WriteSockaddr(sockaddr);
        bool read = MctpEndPoint.TryReadSockaddr(sockaddr.AsSpan(0, length), out MctpEndPoint sender);
        server.SendTo([4], sender with { Tag = sender.Tag.ToResponse() });
        MctpReceiveResult answer = client.ReceiveFrom(buffer, s_limit);

        Assert.True(read);
        Assert.Equal(request.From, sender);
        Assert.Equal((s_near, (byte)0x81, 2u, _b.Index, tag), (sender.Eid, sender.Type.Raw, sender.Network, sender.Link, sender.Tag));
        Assert.Equal((s_far, tag.ToResponse(), 1), (answer.From.Eid, answer.From.Tag, answer.Length));
    }

    [Fact]
    public void Bind_OfATypeThatIsTaken_IsRefusedUntilTheOtherCloses()
    {
        MctpSocket first = WaitingTests.Bound(_node, MessageType.Pldm);
        using MctpSocket second = _node.OpenSocket();

        MctpException refusal = Assert.Throws<MctpException>(() => second.Bind(new MctpEndPoint(Eid.Any, MessageType.Pldm)));
        first.Dispose();
        second.Bind(new MctpEndPoint(Eid.Any, MessageType.Pldm));

        MctpException again = Assert.Throws<MctpException>(() => second.Bind(new MctpEndPoint(Eid.Any, MessageType.Spdm)));
        Assert.Equal((MctpError.AddressInUse, MctpError.AddressInUse), (refusal.Error, again.Error));
    }

    [Fact]
    public void Connect_ToAPeer_KeepsOthersOut()
    {
        using MctpSocket picky = _node.OpenSocket();
        picky.Connect(new MctpEndPoint(new Eid(99), MessageType.Pldm, network: 2));
        picky.Bind(new MctpEndPoint(Eid.Any, MessageType.Pldm));
        using MctpSocket client = _node.OpenSocket();

        client.SendTo([1], new MctpEndPoint(s_far, MessageType.Pldm, MctpTag.Owner));

        Assert.False(picky.TryReceiveFrom(new byte[8], TimeSpan.FromMilliseconds(30), out _));
        Assert.Equal(1, _node.Read((stack, _) => stack.Statistics.Drops[DropReason.NoListener]));
    }

    [Theory]
    [InlineData(77, MctpError.NoRoute)]
    [InlineData(3, MctpError.BadAddress)]
    public void Send_ToNowhere_SaysWhy(byte eid, MctpError error)
    {
        using MctpSocket socket = _node.OpenSocket();

        MctpException failure = Assert.Throws<MctpException>(() => socket.SendTo([1], new MctpEndPoint(new Eid(eid), MessageType.Pldm, MctpTag.Owner)));

        Assert.Equal(error, failure.Error);
        Assert.Contains(eid.ToString(), failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Send_OverALinkThatDoesNotExist_SaysNoRoute()
    {
        using MctpSocket socket = _node.OpenSocket();

        MctpException failure = Assert.Throws<MctpException>(() => socket.SendTo([1], new MctpEndPoint(Eid.Null, MessageType.Pldm, MctpTag.Owner, link: 9)));

        Assert.Equal(MctpError.NoRoute, failure.Error);
    }

    [Fact]
    public void Send_OfTooLongAMessageOrWithTooManyTags_SaysSo()
    {
        using MctpSocket socket = _node.OpenSocket();
        var to = new MctpEndPoint(s_far, MessageType.Pldm, MctpTag.Owner);

        MctpException tooLong = Assert.Throws<MctpException>(() => socket.SendTo(new byte[65_536], to));
        for (int i = 0; i < 8; i++) socket.AllocateTag(to);
        MctpException noTag = Assert.Throws<MctpException>(() => socket.AllocateTag(to));
        MctpException noTagEither = Assert.Throws<MctpException>(() => socket.SendTo([1], to));

        Assert.Equal((MctpError.TooLong, MctpError.NoTag, MctpError.NoTag), (tooLong.Error, noTag.Error, noTagEither.Error));
    }

    [Fact]
    public void Receive_IntoAShortBuffer_CutsAndSaysSo()
    {
        using MctpSocket server = WaitingTests.Bound(_node, MessageType.Pldm);
        using MctpSocket client = _node.OpenSocket();
        byte[] buffer = new byte[4];

        client.SendTo([1, 2, 3, 4, 5, 6], new MctpEndPoint(s_far, MessageType.Pldm, MctpTag.Owner));
        MctpReceiveResult result = server.ReceiveFrom(buffer, s_limit);

        Assert.Equal((6, true), (result.Length, result.Truncated));
        Assert.Equal(new byte[] { 1, 2, 3, 4 }, buffer);
    }

    [Fact]
    public void RequestOutstanding_WhenItsLinkGoesDown_FailsTheReceiver()
    {
        using MctpSocket client = _node.OpenSocket();
        client.SendTo([1], new MctpEndPoint(s_far, MessageType.Pldm, MctpTag.Owner));

        _node.Use((_, now) => _a.SetUp(false, now));
        MctpException failure = Assert.Throws<MctpException>(() => client.ReceiveFrom(new byte[8], s_limit));
        MctpException next = Assert.Throws<MctpException>(() => client.SendTo([1], new MctpEndPoint(s_far, MessageType.Pldm, MctpTag.Owner)));

        Assert.Equal((MctpError.LinkDown, MctpError.LinkDown), (failure.Error, next.Error));
    }

    [Fact]
    public void ClosedSocket_ForEverything_SaysClosed()
    {
        MctpSocket socket = _node.OpenSocket();
        socket.Dispose();
        socket.Dispose();

        Assert.Equal(MctpError.Closed, Assert.Throws<MctpException>(() => socket.ReceiveFrom(new byte[8])).Error);
        Assert.Equal(MctpError.Closed, Assert.Throws<MctpException>(() => socket.SendTo([1], new MctpEndPoint(s_far, MessageType.Pldm, MctpTag.Owner))).Error);
        Assert.Equal(MctpError.Closed, Assert.Throws<MctpException>(() => socket.Bind(new MctpEndPoint(Eid.Any, MessageType.Pldm))).Error);
    }

    [Fact]
    public void DisposedNode_ForEverything_SaysSo()
    {
        MctpSocket socket = _node.OpenSocket();
        _node.Dispose();

        Assert.Equal(MctpError.Closed, Assert.Throws<MctpException>(() => socket.SendTo([1], new MctpEndPoint(s_far, MessageType.Pldm, MctpTag.Owner))).Error);
        Assert.Equal(MctpError.Closed, Assert.Throws<MctpException>(() => socket.ReceiveFrom(new byte[8])).Error);
        Assert.Equal(SendStatus.Closed, socket.TrySendTo([1], new MctpEndPoint(s_far, MessageType.Pldm, MctpTag.Owner), out _));
        Assert.Throws<ObjectDisposedException>(() => _node.OpenSocket());
        Assert.Throws<ObjectDisposedException>(() => _node.AddLink(new PairAttachment(PairLink.Create().A)));
    }

    [Fact]
    public void RawSocket_OfOneLink_SeesItsPacketsAndTheMessageGoesItsWay()
    {
        using MctpSocket raw = _node.OpenSocket(MctpSocketKind.Raw);
        raw.Bind(new MctpEndPoint(Eid.Any, default, link: _b.Index));
        using MctpSocket server = WaitingTests.Bound(_node, MessageType.Pldm);
        using MctpSocket client = _node.OpenSocket();
        byte[] packet = new byte[64];

        MctpTag tag = client.SendTo([0xAA], new MctpEndPoint(s_far, MessageType.Pldm, MctpTag.Owner));
        MctpReceiveResult seen = raw.ReceiveFrom(packet, s_limit);
        MctpReceiveResult message = server.ReceiveFrom(new byte[8], s_limit);

        Assert.Equal([1, s_far.Value, s_near.Value, (byte)(0xC8 | tag.Value), 1, 0xAA], packet[..seen.Length]);
        Assert.Equal(1, message.Length);
    }

    [Fact]
    public void Abandon_OfARequest_LetsTheLateAnswerMeetNobody()
    {
        using MctpSocket server = WaitingTests.Bound(_node, MessageType.Pldm);
        using MctpSocket client = _node.OpenSocket();
        var to = new MctpEndPoint(s_far, MessageType.Pldm, MctpTag.Owner);
        byte[] buffer = new byte[8];

        MctpTag tag = client.SendTo([1], to);
        MctpReceiveResult request = server.ReceiveFrom(buffer, s_limit);
        client.Abandon(to, tag);
        server.SendTo([2], request.From with { Tag = request.From.Tag.ToResponse() });

        Assert.False(client.TryReceiveFrom(buffer, TimeSpan.FromMilliseconds(30), out _));
        Assert.Equal(1, _node.Read((stack, _) => stack.Statistics.Drops[DropReason.ExpiredTag]));
    }
}
