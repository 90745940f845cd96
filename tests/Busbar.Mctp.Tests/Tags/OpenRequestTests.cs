// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp.Tests;

/// <summary>Requests whose answerer is not known by its EID: to the null EID and to everybody, over an extended address.</summary>
public sealed class OpenRequestTests
{
    private readonly Core _core = new();
    private readonly MctpSocketCore _socket;

    public OpenRequestTests() => _socket = _core.Stack.OpenSocket();

    private MctpEndPoint Null => new(Eid.Null, MessageType.Control, MctpTag.Owner, link: _core.Link.Index);

    private MctpEndPoint Everybody => new(Eid.Broadcast, MessageType.Control, MctpTag.Owner, link: _core.Link.Index);

    [Theory]
    [InlineData(0)]
    [InlineData(9)]
    [InlineData(200)]
    public void NullEidRequest_IsAnsweredUnderAnyEid(int source)
    {
        int tag = Send(Null);
        _core.Arrive(source, 8, owner: false, tag: tag, type: 0);

        Assert.NotNull(_core.Receive(_socket, out MctpReceiveResult result));
        Assert.Equal(source, result.From.Eid.Value);
        _core.Arrive(source, 8, owner: false, tag: tag, type: 0);
        Assert.Null(_core.Receive(_socket));
    }

    [Fact]
    public void NullEidRequest_IsNotAnsweredOverAnotherLink()
    {
        var second = new WireEnd(_core.Stack);
        _core.Stack.AddAddress(second.Near, new Eid(8));
        int tag = Send(Null);
        second.Send(9, 8, Core.Flags(som: true, eom: true, owner: false, tag: tag), [0, 1]);

        Assert.Null(_core.Receive(_socket));
        Assert.Equal(1, _core.Drops[DropReason.UnknownTag]);
    }

    [Fact]
    public void NullEidRequests_ToTwoPhysicalAddresses_HaveEightTagsEach()
    {
        var stack = new MctpStack();
        AddressedEnd end = new AddressedEnd(stack).Attach();
        MctpSocketCore socket = stack.OpenSocket();
        foreach (string address in new[] { "10", "20" })
        {
            var to = new MctpEndPoint(Eid.Null, MessageType.Control, MctpTag.Owner, link: end.Index, address: WireEnd.Address(address));
            for (int i = 0; i < 8; i++) Assert.Equal(SendStatus.Ok, stack.Send(socket, to, [1], 0));
            Assert.Equal(SendStatus.NoTag, stack.Send(socket, to, [1], 0));
        }
    }

    [Fact]
    public void NullEidRequest_IsNotAnsweredByAnotherPhysicalAddress()
    {
        var stack = new MctpStack();
        AddressedEnd end = new AddressedEnd(stack).Attach();
        MctpSocketCore socket = stack.OpenSocket();
        var to = new MctpEndPoint(Eid.Null, MessageType.Control, MctpTag.Owner, link: end.Index, address: WireEnd.Address("10"));
        stack.Send(socket, to, [1], 0, out MctpTag tag);
        end.Deliver("20", 9, 0, Core.Flags(som: true, eom: true, owner: false, tag: tag.Value), [0, 1]);
        stack.Poll(0, 100);
        int fromTheWrongOne = socket.QueuedMessages;
        end.Deliver("10", 9, 0, Core.Flags(som: true, eom: true, owner: false, tag: tag.Value), [0, 1]);
        stack.Poll(0, 100);

        Assert.Equal(0, fromTheWrongOne);
        Assert.Equal(1, socket.QueuedMessages);
    }

    [Fact]
    public void NullEidRequest_BesideRequestsToKnownEids_TakesAnotherTag()
    {
        MctpSocketCore other = _core.Stack.OpenSocket();
        for (int i = 0; i < 5; i++) _core.Request(other);

        int tag = Send(Null);
        int[] next = [.. Enumerable.Range(0, 2).Select(_ => _core.Request(other).Value)];

        Assert.Equal(5, tag);
        Assert.Equal([6, 7], next);
    }

    [Fact]
    public void BroadcastRequest_IsAnsweredByAllAlsoInInterleavedPackets()
    {
        int tag = Send(Everybody);
        byte[] first = Bytes.Pattern(100, 1);
        byte[] second = Bytes.Pattern(90, 2);
        _core.Wire.Send(20, 8, Core.Flags(som: true, owner: false, tag: tag), [0, .. first[..63]]);
        _core.Wire.Send(30, 8, Core.Flags(som: true, owner: false, tag: tag), [0, .. second[..63]]);
        _core.Arrive(40, 8, owner: false, tag: tag, type: 0, body: [3]);
        _core.Wire.Send(30, 8, Core.Flags(eom: true, sequence: 1, owner: false, tag: tag), second[63..]);
        _core.Wire.Send(20, 8, Core.Flags(eom: true, sequence: 1, owner: false, tag: tag), first[63..]);

        Assert.Equal([3], _core.Receive(_socket));
        Assert.Equal(second, _core.Receive(_socket));
        Assert.Equal(first, _core.Receive(_socket));
    }

    [Fact]
    public void BroadcastRequest_AfterItsExpiry_IsNotAnsweredAnyMore()
    {
        int tag = Send(Everybody);
        _core.Arrive(20, 8, owner: false, tag: tag, type: 0);
        Assert.NotNull(_core.Receive(_socket));
        _core.Arrive(30, 8, owner: false, tag: tag, type: 0);
        _core.PollAt(7_000);

        Assert.Equal(0, _socket.QueuedMessages);
        Assert.Equal(0, _core.Stack.Statistics.RequestsExpired);
    }

    [Fact]
    public void PreallocatedTagForEverybody_TakesAnswersFromAllUntilReleased()
    {
        MctpTag tag = _core.Stack.AllocateTag(_socket, Everybody, _core.Now)!.Value;
        Assert.Equal(SendStatus.Ok, _core.Stack.Send(_socket, Everybody with { Tag = tag }, [1], _core.Now));
        for (int source = 20; source < 30; source++)
        {
            _core.Arrive(source, 8, owner: false, tag: tag.Value, type: 0);
            Assert.NotNull(_core.Receive(_socket));
        }

        Assert.True(_core.Stack.ReleaseTag(_socket, Everybody, tag, _core.Now));
        _core.Arrive(20, 8, owner: false, tag: tag.Value, type: 0);
        Assert.Null(_core.Receive(_socket));
    }

    [Fact]
    public void PreallocatedTagForAnyPeer_WorksOnAllLinks()
    {
        var anybody = new MctpEndPoint(Eid.Any, MessageType.VendorPci, network: 1);
        MctpTag tag = _core.Stack.AllocateTag(_socket, anybody, _core.Now)!.Value;

        Assert.Equal(SendStatus.Ok, _core.Stack.Send(_socket, Core.Peer(9) with { Tag = tag }, [1], _core.Now));
        Assert.Equal(SendStatus.Ok, _core.Stack.Send(_socket, Core.Peer(20) with { Tag = tag }, [1], _core.Now));
        _core.Arrive(9, 8, owner: false, tag: tag.Value);
        _core.Arrive(20, 8, owner: false, tag: tag.Value);
        Assert.NotNull(_core.Receive(_socket));
        Assert.NotNull(_core.Receive(_socket));
    }

    [Fact]
    public void ExactRequest_WinsOverAnOpenOneWithTheSameTag()
    {
        MctpSocketCore open = _core.Stack.OpenSocket();
        for (int i = 0; i < 8; i++) Assert.Equal(SendStatus.Ok, _core.Stack.Send(open, Everybody, [1], _core.Now));
        MctpTag tag = _core.Request(_socket);
        _core.Arrive(9, 8, owner: false, tag: tag.Value, body: [5]);

        Assert.Equal([5], _core.Receive(_socket));
        Assert.Equal(0, open.QueuedMessages);
    }

    private int Send(MctpEndPoint to)
    {
        Assert.Equal(SendStatus.Ok, _core.Stack.Send(_socket, to, [0x80, 2], _core.Now, out MctpTag tag));
        return tag.Value;
    }
}
