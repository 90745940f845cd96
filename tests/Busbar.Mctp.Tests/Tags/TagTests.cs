// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp.Tests;

/// <summary>Tags: eight toward each peer, round robin, expiry, cool-down, and who gets an answer.</summary>
public sealed class TagTests
{
    private readonly Core _core = new();
    private readonly MctpSocketCore _socket;

    public TagTests() => _socket = _core.Stack.OpenSocket();

    [Fact]
    public void Tags_OfAnsweredRequests_GoRound()
    {
        var tags = new List<int>();
        for (int i = 0; i < 10; i++)
        {
            MctpTag tag = _core.Request(_socket);
            tags.Add(tag.Value);
            Answer(tag);
            Assert.NotNull(_core.Receive(_socket));
        }

        Assert.Equal([0, 1, 2, 3, 4, 5, 6, 7, 0, 1], tags);
    }

    [Fact]
    public void NinthRequest_ToOnePeer_FailsAndToAnotherPeerGoes()
    {
        for (int i = 0; i < 8; i++) _core.Request(_socket);

        Assert.Equal(SendStatus.NoTag, _core.Stack.Send(_socket, Core.Peer(9), [1], _core.Now));
        Assert.Equal(SendStatus.Ok, _core.Stack.Send(_socket, Core.Peer(20), [1], _core.Now));
    }

    [Fact]
    public void AnswerToOneOfEight_FreesExactlyThatTag()
    {
        for (int i = 0; i < 8; i++) _core.Request(_socket);
        Answer(MctpTag.Owned(5));
        Assert.NotNull(_core.Receive(_socket));

        Assert.Equal(5, _core.Request(_socket).Value);
        Assert.Equal(SendStatus.NoTag, _core.Stack.Send(_socket, Core.Peer(9), [1], _core.Now));
    }

    [Fact]
    public void Answers_GoToTheSocketThatAsked()
    {
        MctpSocketCore other = _core.Stack.OpenSocket();
        MctpTag first = _core.Request(_socket);
        MctpTag second = _core.Request(other);
        Answer(second, 2);
        Answer(first, 1);
        _core.Poll();

        Assert.NotEqual(first, second);
        Assert.Equal([1], _core.Receive(_socket));
        Assert.Equal([2], _core.Receive(other));
    }

    [Theory]
    [InlineData(9, 8, 0, false, true)]
    [InlineData(8, 9, 0, false, false)]
    [InlineData(10, 8, 0, false, false)]
    [InlineData(9, 8, 1, false, false)]
    [InlineData(9, 8, 0, true, false)]
    [InlineData(9, 0, 0, false, false)]
    public void Answer_IsMatched_OnlyByPeerLocalEidAndTag(int source, int destination, int tag, bool owner, bool delivered)
    {
        Assert.Equal(0, _core.Request(_socket).Value);
        _core.Arrive(source, destination, owner, tag);

        Assert.Equal(delivered, _core.Receive(_socket) is not null);
    }

    [Theory]
    [InlineData(5_999, true)]
    [InlineData(6_000, false)]
    public void Answer_AroundTheExpiry_IsDeliveredOnlyBefore(int delay, bool delivered)
    {
        MctpTag tag = _core.Request(_socket);
        Answer(tag);
        _core.PollAt(1_000 + delay);

        Assert.Equal(delivered, _core.Receive(_socket) is not null);
        Assert.Equal(delivered ? 0 : 1, _core.Drops[DropReason.ExpiredTag]);
        Assert.Equal(delivered ? 0 : 1, _core.Stack.Statistics.RequestsExpired);
    }

    [Fact]
    public void LateAnswer_WhileItsTagCoolsDown_MeetsNobody()
    {
        for (int i = 0; i < 8; i++) _core.Request(_socket);
        _core.PollAt(7_000);
        SendStatus whileCooling = _core.Stack.Send(_socket, Core.Peer(9), [1], 8_999);
        Answer(MctpTag.Owned(0));
        _core.PollAt(8_999);
        int queued = _socket.QueuedMessages;
        _core.PollAt(9_000);

        Assert.Equal(SendStatus.NoTag, whileCooling);
        Assert.Equal(0, queued);
        Assert.Equal(1, _core.Drops[DropReason.ExpiredTag]);
        Assert.Equal(0, _core.Request(_socket).Value);
    }

    [Fact]
    public void CoolDown_WithoutAnyPoll_StillEndsForTheNextSender()
    {
        for (int i = 0; i < 8; i++) _core.Request(_socket);
        _core.PollAt(7_000);

        Assert.Equal(SendStatus.Ok, _core.Stack.Send(_socket, Core.Peer(9), [1], 9_000));
    }

    [Fact]
    public void AbandonedRequest_CoolsDownAndItsAnswerIsDropped()
    {
        MctpTag tag = _core.Request(_socket);

        Assert.True(_core.Stack.AbandonRequest(_socket, Core.Peer(9), tag, _core.Now));
        Assert.False(_core.Stack.AbandonRequest(_socket, Core.Peer(9), tag, _core.Now));
        Answer(tag);
        Assert.Null(_core.Receive(_socket));
        Assert.Equal(1, _core.Drops[DropReason.ExpiredTag]);
    }

    [Fact]
    public void Abandon_OfAnotherSocketsRequest_IsRefused()
    {
        MctpTag tag = _core.Request(_socket);

        Assert.False(_core.Stack.AbandonRequest(_core.Stack.OpenSocket(), Core.Peer(9), tag, _core.Now));
        Answer(tag);
        Assert.NotNull(_core.Receive(_socket));
    }

    [Fact]
    public void ReleasedRequestTag_IsFreeAtOnce()
    {
        for (int i = 0; i < 30; i++)
        {
            MctpTag tag = _core.Request(_socket);
            Assert.True(_core.Stack.ReleaseTag(_socket, Core.Peer(9), tag, _core.Now));
        }
    }

    [Fact]
    public void AnswerInPackets_ThatStartedInTime_KeepsItsTag()
    {
        MctpTag tag = _core.Request(_socket);
        _core.PollAt(6_500);
        _core.Wire.Send(9, 8, Core.Flags(som: true, owner: false, tag: tag.Value), [Core.Vendor, .. new byte[63]]);
        _core.PollAt(6_900);
        _core.Wire.Send(9, 8, Core.Flags(eom: true, sequence: 1, owner: false, tag: tag.Value), [1]);
        _core.PollAt(8_000);

        Assert.Equal(64, _core.Receive(_socket)!.Length);
    }

    [Fact]
    public void AnswerNobodyAskedFor_IsDropped()
    {
        _core.Arrive(9, 8, owner: false, tag: 3);
        _core.Poll();

        Assert.Equal(1, _core.Drops[DropReason.UnknownTag]);
    }

    [Fact]
    public void PreallocatedTag_CarriesManyAnswersAndNeverExpires()
    {
        MctpTag tag = _core.Stack.AllocateTag(_socket, Core.Peer(9), _core.Now)!.Value;
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(SendStatus.Ok, _core.Stack.Send(_socket, Core.Peer(9) with { Tag = tag }, [1], _core.Now, out MctpTag used));
            _core.PollAt(_core.Now + 100_000);
            Answer(tag);
            Answer(tag);

            Assert.Equal(tag, used);
            Assert.NotNull(_core.Receive(_socket));
            Assert.NotNull(_core.Receive(_socket));
        }

        Assert.True(tag.IsPreallocated && tag.IsOwner);
    }

    [Fact]
    public void PreallocatedTags_CountTowardTheEightUntilReleased()
    {
        MctpTag[] tags = [.. Enumerable.Range(0, 8).Select(_ => _core.Stack.AllocateTag(_socket, Core.Peer(9), _core.Now)!.Value)];

        Assert.Null(_core.Stack.AllocateTag(_socket, Core.Peer(9), _core.Now));
        Assert.Equal(SendStatus.NoTag, _core.Stack.Send(_socket, Core.Peer(9), [1], _core.Now));
        Assert.True(_core.Stack.ReleaseTag(_socket, Core.Peer(9), tags[3], _core.Now));
        Assert.False(_core.Stack.ReleaseTag(_socket, Core.Peer(9), tags[3], _core.Now));
        Assert.Equal(3, _core.Request(_socket).Value);
    }

    [Fact]
    public void PreallocatedTag_OfAnotherSocketOrPeer_CannotBeUsed()
    {
        MctpTag tag = _core.Stack.AllocateTag(_socket, Core.Peer(9), _core.Now)!.Value;

        Assert.Equal(SendStatus.TagNotAllocated, _core.Stack.Send(_core.Stack.OpenSocket(), Core.Peer(9) with { Tag = tag }, [1], _core.Now));
        Assert.Equal(SendStatus.TagNotAllocated, _core.Stack.Send(_socket, Core.Peer(20) with { Tag = tag }, [1], _core.Now));
    }

    [Fact]
    public void PreallocatedTag_ReleasedWithAnOpenRequest_CoolsDown()
    {
        MctpTag tag = _core.Stack.AllocateTag(_socket, Core.Peer(9), _core.Now)!.Value;
        _core.Stack.Send(_socket, Core.Peer(9) with { Tag = tag }, [1], _core.Now);
        _core.Stack.ReleaseTag(_socket, Core.Peer(9), tag, _core.Now);
        Answer(tag);
        _core.Poll();

        Assert.Equal(1, _core.Drops[DropReason.ExpiredTag]);
    }

    [Fact]
    public void AllocateTag_WithoutARoute_SaysWhy()
    {
        Assert.Equal(SendStatus.NoRoute, _core.Stack.AllocateTag(_socket, Core.Peer(15), _core.Now, out _));
        Assert.Equal(SendStatus.BadAddress, _core.Stack.AllocateTag(_socket, Core.Peer(3), _core.Now, out _));
        Assert.Null(_core.Stack.AllocateTag(_socket, Core.Peer(15), _core.Now));
    }

    [Fact]
    public void Close_OfASocketWithARequest_DropsTheAnswerAndFreesTheTagLater()
    {
        MctpTag tag = _core.Request(_socket);
        _core.Stack.Close(_socket, _core.Now);
        Answer(tag);
        _core.Poll();
        MctpSocketCore next = _core.Stack.OpenSocket();
        for (int i = 0; i < 7; i++) _core.Request(next);
        SendStatus early = _core.Stack.Send(next, Core.Peer(9), [1], _core.Now);

        Assert.Equal(1, _core.Drops[DropReason.ExpiredTag]);
        Assert.Equal(SendStatus.NoTag, early);
        Assert.Equal(SendStatus.Ok, _core.Stack.Send(next, Core.Peer(9), [1], _core.Now + 2_000));
    }

    [Fact]
    public void Close_OfASocketWithAnIdlePreallocatedTag_FreesItAtOnce()
    {
        _core.Stack.AllocateTag(_socket, Core.Peer(9), _core.Now);
        _core.Stack.Close(_socket, _core.Now);
        MctpSocketCore next = _core.Stack.OpenSocket();

        for (int i = 0; i < 8; i++) _core.Request(next);
    }

    [Fact]
    public void TagSpaces_OfTwoNetworks_AreSeparate()
    {
        var second = new WireEnd(_core.Stack, network: 2);
        _core.Stack.AddAddress(second.Near, new Eid(8));
        _core.Stack.AddRoute(MctpRoute.Direct(new Eid(9), new Eid(9), second.Near));
        MctpSocketCore other = _core.Stack.OpenSocket();
        int tag = _core.Request(_socket).Value;
        _core.Stack.Send(other, new MctpEndPoint(new Eid(9), MessageType.VendorPci, MctpTag.Owner, network: 2), [1], _core.Now, out MctpTag otherTag);
        second.Send(9, 8, Core.Flags(som: true, eom: true, owner: false, tag: tag), [Core.Vendor, 0x22]);
        Answer(MctpTag.Owned(tag), 0x11);
        _core.Poll();

        Assert.Equal(tag, otherTag.Value);
        Assert.Equal([0x11], _core.Receive(_socket));
        Assert.Equal([0x22], _core.Receive(other, out MctpReceiveResult result));
        Assert.Equal(2u, result.From.Network);
    }

    private void Answer(MctpTag tag, byte value = 0xAA) => _core.Arrive(9, 8, owner: false, tag: tag.Value, body: [value]);
}
