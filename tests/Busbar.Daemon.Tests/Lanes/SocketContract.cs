// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;
using Busbar.Node;

namespace Busbar.Daemon.Tests;

/// <summary>What sockets do, wherever their stack is: the same cases for a node of this process and for one behind a daemon's socket.</summary>
public abstract class SocketContract : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(10);

    private readonly PairNode _pair = new();
    private IMctpSocketSource? _source;

    private IMctpSocketSource Source => _source ??= CreateSource(_pair.Node);

    private static MctpEndPoint Request => new(PairNode.Far, MessageType.Pldm, MctpTag.Owner);

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    [Fact]
    public void Request_AndItsAnswer_CarryAddressesTagsAndBytes()
    {
        using MctpSocket server = Bound();
        using MctpSocket client = Source.OpenSocket();
        byte[] buffer = new byte[16];

        MctpTag tag = client.SendTo([1, 2, 3], Request with { Type = new MessageType(0x81) });
        MctpReceiveResult request = server.ReceiveFrom(buffer, s_limit);
        Assert.Equal([1, 2, 3], buffer[..3]);
        server.SendTo([4], request.From with { Tag = request.From.Tag.ToResponse() });
        MctpReceiveResult answer = client.ReceiveFrom(buffer, s_limit);

        Assert.Equal((PairNode.Near, (byte)0x81, 2u, 2, tag), (request.From.Eid, request.From.Type.Raw, request.From.Network, request.From.Link, request.From.Tag));
        Assert.Equal((PairNode.Far, 3, false), (request.Local, request.Length, request.Truncated));
        Assert.Equal((PairNode.Far, tag.ToResponse(), 1, (byte)4), (answer.From.Eid, answer.From.Tag, answer.Length, buffer[0]));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(64)]
    [InlineData(4_000)]
    [InlineData(65_535)]
    public void Message_OfAnySize_ArrivesWhole(int length)
    {
        using MctpSocket server = Bound();
        using MctpSocket client = Source.OpenSocket();
        byte[] sent = [.. Enumerable.Range(0, length).Select(i => (byte)(i * 7))];
        byte[] received = new byte[70_000];

        client.SendTo(sent, Request);
        MctpReceiveResult result = server.ReceiveFrom(received, s_limit);

        Assert.Equal(length, result.Length);
        Assert.Equal(sent, received[..length]);
    }

    [Fact]
    public void Bind_OfATypeThatIsTaken_IsRefusedUntilTheOtherCloses()
    {
        MctpSocket first = Bound();
        using MctpSocket second = Source.OpenSocket();

        MctpException refusal = Assert.Throws<MctpException>(() => second.Bind(new MctpEndPoint(Eid.Any, MessageType.Pldm)));
        first.Dispose();
        BindSoon(second);
        MctpException again = Assert.Throws<MctpException>(() => second.Bind(new MctpEndPoint(Eid.Any, MessageType.Spdm)));

        Assert.Equal((MctpError.AddressInUse, MctpError.AddressInUse), (refusal.Error, again.Error));
        Assert.Contains("close the other socket", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Connect_ToAPeer_KeepsOthersOut()
    {
        using MctpSocket picky = Source.OpenSocket();
        picky.Connect(new MctpEndPoint(new Eid(99), MessageType.Pldm, network: 2));
        picky.Bind(new MctpEndPoint(Eid.Any, MessageType.Pldm));
        using MctpSocket client = Source.OpenSocket();

        client.SendTo([1], Request);

        Assert.False(picky.TryReceiveFrom(new byte[8], TimeSpan.FromMilliseconds(50), out _));
    }

    [Theory]
    [InlineData(77, MctpError.NoRoute)]
    [InlineData(3, MctpError.BadAddress)]
    public void Send_ToNowhere_SaysWhy(byte eid, MctpError error)
    {
        using MctpSocket socket = Source.OpenSocket();

        MctpException failure = Assert.Throws<MctpException>(() => socket.SendTo([1], Request with { Eid = new Eid(eid) }));

        Assert.Equal(error, failure.Error);
    }

    [Fact]
    public void Send_ByExtendedAddress_NeedsNoRoute()
    {
        using MctpSocket server = Bound();
        using MctpSocket client = Source.OpenSocket();

        client.SendTo([9], new MctpEndPoint(Eid.Null, MessageType.Pldm, MctpTag.Owner, link: 1));
        MctpReceiveResult request = server.ReceiveFrom(new byte[8], s_limit);
        MctpException failure = Assert.Throws<MctpException>(() => client.SendTo([9], new MctpEndPoint(Eid.Null, MessageType.Pldm, MctpTag.Owner, link: 9)));

        Assert.Equal((Eid.Null, PairNode.Near), (request.Local, request.From.Eid));
        Assert.Equal(MctpError.NoRoute, failure.Error);
    }

    [Fact]
    public void Tags_TakenAhead_AreEightAndComeBack()
    {
        using MctpSocket socket = Source.OpenSocket();

        MctpException tooLong = Assert.Throws<MctpException>(() => socket.SendTo(new byte[65_536], Request));
        MctpTag[] tags = [.. Enumerable.Range(0, 8).Select(_ => socket.AllocateTag(Request))];
        MctpException noTag = Assert.Throws<MctpException>(() => socket.AllocateTag(Request));
        MctpException noTagEither = Assert.Throws<MctpException>(() => socket.SendTo([1], Request));
        socket.SendTo([1], Request with { Tag = tags[3] });
        socket.ReleaseTag(Request, tags[5]);
        MctpTag again = socket.AllocateTag(Request);

        Assert.Equal((MctpError.TooLong, MctpError.NoTag, MctpError.NoTag), (tooLong.Error, noTag.Error, noTagEither.Error));
        Assert.Equal(8, tags.Distinct().Count());
        Assert.Equal(tags[5], again);
    }

    [Fact]
    public void Receive_IntoAShortBuffer_CutsAndSaysSo()
    {
        using MctpSocket server = Bound();
        using MctpSocket client = Source.OpenSocket();
        byte[] buffer = new byte[4];

        client.SendTo([1, 2, 3, 4, 5, 6], Request);
        MctpReceiveResult result = server.ReceiveFrom(buffer, s_limit);

        Assert.Equal((6, true), (result.Length, result.Truncated));
        Assert.Equal([1, 2, 3, 4], buffer);
    }

    [Fact]
    public void Receive_WhenNothingComes_TimesOut()
    {
        using MctpSocket server = Bound();

        Assert.False(server.TryReceiveFrom(new byte[8], TimeSpan.Zero, out _));
        Assert.Equal(MctpError.TimedOut, Assert.Throws<MctpException>(() => server.ReceiveFrom(new byte[8], TimeSpan.FromMilliseconds(20))).Error);
    }

    [Fact]
    public void Available_CountsWhatWaits()
    {
        using MctpSocket server = Bound();
        using MctpSocket client = Source.OpenSocket();

        for (int i = 0; i < 3; i++) client.SendTo([1], Request);
        RunningLoop.Await(() => server.Available == 3, "the arrival of three messages");
        server.ReceiveFrom(new byte[8], s_limit);

        RunningLoop.Await(() => server.Available == 2, "the count after a receive");
        Assert.Equal(0, client.Strays);
    }

    [Fact]
    public void RequestOutstanding_WhenItsLinkGoesDown_FailsTheReceiver()
    {
        using MctpSocket client = Source.OpenSocket();
        client.SendTo([1], Request);

        _pair.Node.Use((_, now) => _pair.A.SetUp(false, now));
        MctpException failure = Assert.Throws<MctpException>(() => client.ReceiveFrom(new byte[8], s_limit));
        MctpException next = Assert.Throws<MctpException>(() => client.SendTo([1], Request));

        Assert.Equal((MctpError.LinkDown, MctpError.LinkDown), (failure.Error, next.Error));
    }

    [Fact]
    public void RawSocket_OfOneLink_SeesItsPacketsAndSendsItsOwn()
    {
        using MctpSocket raw = Source.OpenSocket(MctpSocketKind.Raw);
        raw.Bind(new MctpEndPoint(Eid.Any, default, link: 2));
        using MctpSocket server = Bound();
        using MctpSocket client = Source.OpenSocket();
        byte[] packet = new byte[64];

        MctpTag tag = client.SendTo([0xAA], Request);
        MctpReceiveResult seen = raw.ReceiveFrom(packet, s_limit);
        MctpReceiveResult message = server.ReceiveFrom(new byte[8], s_limit);
        byte[] own = [1, PairNode.Far.Value, PairNode.Near.Value, 0xC9, 1, 0xBB];
        SendStatus sent = raw.SendPacket(1, own);
        MctpReceiveResult second = server.ReceiveFrom(packet.AsSpan(32), s_limit);
        SendStatus wrong = raw.SendPacket(1, [1, 2]);

        Assert.Equal([1, PairNode.Far.Value, PairNode.Near.Value, (byte)(0xC8 | tag.Value), 1, 0xAA], packet[..seen.Length]);
        Assert.Equal((1, SendStatus.Ok, 1, (byte)0xBB), (message.Length, sent, second.Length, packet[32]));
        Assert.Equal(SendStatus.BadPacket, wrong);
    }

    [Fact]
    public void Abandon_OfARequest_LetsTheLateAnswerMeetNobody()
    {
        using MctpSocket server = Bound();
        using MctpSocket client = Source.OpenSocket();

        MctpTag tag = client.SendTo([1], Request);
        MctpReceiveResult request = server.ReceiveFrom(new byte[8], s_limit);
        client.Abandon(Request, tag);
        RunningLoop.Await(() => client.Available == 0, "the end of the request");
        server.SendTo([2], request.From with { Tag = request.From.Tag.ToResponse() });

        Assert.False(client.TryReceiveFrom(new byte[8], TimeSpan.FromMilliseconds(50), out _));
    }

    [Fact]
    public void Batch_WithMoreFollowing_ArrivesAfterTheFlush()
    {
        using MctpSocket server = Bound();
        using MctpSocket client = Source.OpenSocket();

        for (int i = 0; i < 4; i++) client.SendTo([(byte)i], Request, more: true);
        client.Flush();

        byte[] buffer = new byte[1];
        for (int i = 0; i < 4; i++)
        {
            server.ReceiveFrom(buffer, s_limit);
            Assert.Equal(i, buffer[0]);
        }
    }

    [Fact]
    public void ClosedSocket_ForEverything_SaysClosed()
    {
        MctpSocket socket = Source.OpenSocket();
        socket.Dispose();
        socket.Dispose();

        Assert.Equal(MctpError.Closed, Assert.Throws<MctpException>(() => socket.ReceiveFrom(new byte[8])).Error);
        Assert.Equal(MctpError.Closed, Assert.Throws<MctpException>(() => socket.SendTo([1], Request)).Error);
        Assert.Equal(MctpError.Closed, Assert.Throws<MctpException>(() => socket.Bind(new MctpEndPoint(Eid.Any, MessageType.Pldm))).Error);
        Assert.Equal(SendStatus.Closed, socket.TrySendTo([1], Request, out _));
    }

    [Fact]
    public async Task Close_WhileAnotherThreadReceives_EndsItsWait()
    {
        MctpSocket socket = Bound();
        Task<MctpError> waiting = Task.Run(() => Assert.Throws<MctpException>(() => socket.ReceiveFrom(new byte[8])).Error);
        socket.Pause(TimeSpan.FromMilliseconds(50));

        socket.Dispose();

        Assert.Equal(MctpError.Closed, await waiting.WaitAsync(s_limit));
    }

    [Fact]
    public async Task ReceiveAsync_BringsWhatComes_AndCanBeCancelled()
    {
        using MctpSocket server = Bound();
        using MctpSocket client = Source.OpenSocket();
        using var giveUp = new CancellationTokenSource();
        byte[] buffer = new byte[8];

        ValueTask<MctpReceiveResult> receiving = server.ReceiveFromAsync(buffer, CancellationToken.None);
        await client.SendToAsync(new byte[] { 7 }, Request, CancellationToken.None);
        MctpReceiveResult result = await receiving.AsTask().WaitAsync(s_limit);
        Task<MctpReceiveResult> second = server.ReceiveFromAsync(buffer, giveUp.Token).AsTask();
        await giveUp.CancelAsync();

        Assert.Equal((1, (byte)7), (result.Length, buffer[0]));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second.WaitAsync(s_limit));
    }

    [Fact]
    public async Task Stream_WithReceiverAndSenderInThreadsOfTheirOwn_KeepsItsOrder()
    {
        const int Count = 2000;
        using MctpSocket server = Bound();
        using MctpSocket client = Source.OpenSocket();
        MctpTag tag = client.AllocateTag(Request);
        Task sending = Task.Run(() =>
        {
            byte[] number = new byte[4];
            for (int i = 0; i < Count; i++)
            {
                BitConverter.TryWriteBytes(number, i);
                client.SendTo(number, Request with { Tag = tag });
            }
        });
        byte[] buffer = new byte[4];
        for (int i = 0; i < Count; i++)
        {
            server.ReceiveFrom(buffer, s_limit);
            Assert.Equal(i, BitConverter.ToInt32(buffer));
        }

        await sending.WaitAsync(s_limit);
    }

    /// <summary>The source under test, over a node.</summary>
    protected abstract IMctpSocketSource CreateSource(MctpNode node);

    protected virtual void Dispose(bool disposing)
    {
        if (disposing) _pair.Dispose();
    }

    private MctpSocket Bound()
    {
        MctpSocket socket = Source.OpenSocket();
        socket.Bind(new MctpEndPoint(Eid.Any, MessageType.Pldm));
        return socket;
    }

    // A daemon learns of a closed socket a moment later.
    private static void BindSoon(MctpSocket socket) => RunningLoop.Await(
        () =>
        {
            try
            {
                socket.Bind(new MctpEndPoint(Eid.Any, MessageType.Pldm));
                return true;
            }
            catch (MctpException refusal) when (refusal.Error == MctpError.AddressInUse)
            {
                return false;
            }
        },
        "the end of the other bind");
}
