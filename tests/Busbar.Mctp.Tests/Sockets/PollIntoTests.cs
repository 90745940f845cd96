// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp.Tests;

/// <summary>A turn with a posted receive.</summary>
public sealed class PollIntoTests
{
    private readonly Core _core = new();
    private readonly byte[] _buffer = new byte[70_000];

    [Fact]
    public void PollInto_OfAWholeMessage_FillsTheBufferAndLeavesTheRestOnTheLink()
    {
        MctpSocketCore socket = _core.OpenBound();
        _core.Arrive(9, 8, tag: 2, body: [1, 2, 3]);
        _core.Arrive(9, 8, body: [4]);

        Assert.True(_core.Stack.PollInto(socket, _buffer, _core.Now, 100, out MctpReceiveResult result));
        Assert.Equal([1, 2, 3], _buffer[..result.Length]);
        Assert.Equal(new MctpEndPoint(new Eid(9), MessageType.VendorPci, MctpTag.Owned(2), 1, _core.Link.Index), result.From);
        Assert.Equal(1, _core.Stack.PacketsReceived);
        Assert.Equal(0, socket.QueuedMessages);
        Assert.True(_core.Stack.PollInto(socket, _buffer, _core.Now, 100, out result));
        Assert.Equal([4], _buffer[..result.Length]);
        Assert.False(_core.Stack.PollInto(socket, _buffer, _core.Now, 100, out _));
    }

    [Fact]
    public void PollInto_WithAQueuedMessage_GivesThatFirst()
    {
        MctpSocketCore socket = _core.OpenBound();
        _core.Arrive(9, 8, body: [1]);
        _core.Poll();
        _core.Arrive(9, 8, body: [2]);

        Assert.True(_core.Stack.PollInto(socket, _buffer, _core.Now, 100, out _));
        Assert.Equal(1, _buffer[0]);
        Assert.True(_core.Stack.PollInto(socket, _buffer, _core.Now, 100, out _));
        Assert.Equal(2, _buffer[0]);
    }

    [Fact]
    public void PollInto_OfAMessageInPackets_ReturnsItWhenComplete()
    {
        MctpSocketCore socket = _core.OpenBound();
        byte[] body = Bytes.Pattern(150);
        _core.Wire.Send(9, 8, Core.Flags(som: true), [Core.Vendor, .. body[..63]]);
        _core.Wire.Send(9, 8, Core.Flags(sequence: 1), body[63..127]);
        _core.Wire.Send(9, 8, Core.Flags(eom: true, sequence: 2), body[127..]);
        _core.Arrive(9, 8, body: [9]);

        Assert.True(_core.Stack.PollInto(socket, _buffer, _core.Now, 100, out MctpReceiveResult result));
        Assert.Equal(body, _buffer[..result.Length]);
        Assert.Equal(3, _core.Stack.PacketsReceived);
    }

    [Fact]
    public void PollInto_OfAnotherSocketsMessage_QueuesItThere()
    {
        MctpSocketCore waiting = _core.OpenBound();
        MctpSocketCore other = _core.OpenBound(type: 5);
        _core.Arrive(9, 8, type: 5);

        Assert.False(_core.Stack.PollInto(waiting, _buffer, _core.Now, 100, out _));
        Assert.Equal(1, other.QueuedMessages);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(40)]
    public void PollInto_AShortBuffer_CutsTheMessage(int room)
    {
        MctpSocketCore socket = _core.OpenBound();
        byte[] body = Bytes.Pattern(41);
        _core.Arrive(9, 8, body: body);
        byte[] small = new byte[room];

        Assert.True(_core.Stack.PollInto(socket, small, _core.Now, 100, out MctpReceiveResult result));
        Assert.Equal(body[..room], small);
        Assert.Equal(41, result.Length);
        Assert.True(result.Truncated);
    }

    [Fact]
    public void PollInto_AtEveryPlaceOfTheRing_PutsWrappedPiecesTogether()
    {
        var core = new Core(mtu: 300, capacity: 1024);
        MctpSocketCore socket = core.OpenBound();
        for (int i = 0; i < 600; i++)
        {
            byte[] body = Bytes.Pattern(1 + (i % 290), i);
            core.Arrive(9, 8, body: body);

            Assert.True(core.Stack.PollInto(socket, _buffer, core.Now, 100, out MctpReceiveResult result));
            Assert.Equal(body, _buffer[..result.Length]);
            byte[] small = new byte[body.Length / 2];
            core.Arrive(9, 8, body: body);
            Assert.True(core.Stack.PollInto(socket, small, core.Now, 100, out _));
            Assert.Equal(body[..small.Length], small);
        }
    }

    [Fact]
    public void PollInto_WithTwoBusyLinks_TakesTurns()
    {
        MctpSocketCore socket = _core.OpenBound();
        var second = new WireEnd(_core.Stack);
        var sources = new List<int>();
        for (int i = 0; i < 6; i++)
        {
            _core.Arrive(9, 8);
            second.Send(60, 0, Core.Flags(som: true, eom: true), [Core.Vendor, 1]);
        }

        for (int i = 0; i < 6; i++)
        {
            Assert.True(_core.Stack.PollInto(socket, _buffer, _core.Now, 100, out MctpReceiveResult result));
            sources.Add(result.From.Eid.Value);
        }

        Assert.Equal([9, 60, 9, 60, 9, 60], sources);
    }

    [Fact]
    public void PollInto_WithARawSocket_GivesThePacket()
    {
        MctpSocketCore raw = _core.Stack.OpenSocket(MctpSocketKind.Raw);
        _core.Stack.Bind(raw, default);
        _core.Wire.Send("01 08 09 c8 7e 01");

        Assert.True(_core.Stack.PollInto(raw, _buffer, _core.Now, 100, out MctpReceiveResult result));
        Assert.Equal("01 08 09 c8 7e 01", Bytes.ToHex(_buffer.AsSpan(0, result.Length)));
    }

    [Fact]
    public void PollInto_OfAnAnswer_FreesItsTag()
    {
        MctpSocketCore socket = _core.Stack.OpenSocket();
        for (int i = 0; i < 20; i++)
        {
            MctpTag tag = _core.Request(socket);
            _core.Arrive(9, 8, owner: false, tag: tag.Value, body: [7]);

            Assert.True(_core.Stack.PollInto(socket, _buffer, _core.Now, 100, out MctpReceiveResult result));
            Assert.Equal(MctpTag.Unowned(tag.Value), result.From.Tag);
        }
    }

    [Fact]
    public void Poll_WithASmallBudget_LeavesTheRestForTheNextTurn()
    {
        MctpSocketCore socket = _core.OpenBound();
        for (int i = 0; i < 5; i++) _core.Arrive(9, 8);

        _core.Stack.Poll(_core.Now, 2);

        Assert.Equal(2, socket.QueuedMessages);
        _core.Stack.Poll(_core.Now, 100);
        Assert.Equal(5, socket.QueuedMessages);
        Assert.Equal(5, _core.Link.Statistics.PacketsReceived);
        Assert.Equal(5 * 6, _core.Link.Statistics.BytesReceived);
    }

    [Fact]
    public void PollInto_FromALinkThatDoesNotStop_KeepsTheFirstMessageAndQueuesTheOthers()
    {
        var stack = new MctpStack();
        AddressedEnd end = new AddressedEnd(stack).Attach();
        end.IgnoresDone = true;
        MctpSocketCore socket = stack.OpenSocket();
        stack.Bind(socket, new MctpEndPoint(Eid.Any, MessageType.VendorPci));
        end.Deliver("10", Core.Flags(som: true, eom: true), [Core.Vendor, 1]);
        end.Deliver("20", Core.Flags(som: true, eom: true), [Core.Vendor, 2]);
        end.Deliver("30", Core.Flags(som: true, eom: true), [Core.Vendor, 3]);

        Assert.True(stack.PollInto(socket, _buffer, 0, 100, out MctpReceiveResult first));
        Assert.Equal((1, WireEnd.Address("10")), (_buffer[0], first.From.Address));
        Assert.True(stack.PollInto(socket, _buffer, 0, 100, out MctpReceiveResult second));
        Assert.Equal((2, WireEnd.Address("20")), (_buffer[0], second.From.Address));
        Assert.Equal(1, socket.QueuedMessages);
        Assert.Equal(3, stack.PacketsReceived);
    }

    [Fact]
    public void PollInto_WithALinkThatNamesNoSender_ForgetsTheOneBefore()
    {
        AddressedEnd end = new AddressedEnd(_core.Stack).Attach();
        MctpSocketCore socket = _core.OpenBound();
        end.Deliver("10", Core.Flags(som: true, eom: true), [Core.Vendor, 1]);
        _core.Stack.PollInto(socket, _buffer, 0, 100, out MctpReceiveResult addressed);
        _core.Arrive(9, 8);
        _core.Stack.PollInto(socket, _buffer, 0, 100, out MctpReceiveResult plain);

        Assert.Equal(WireEnd.Address("10"), addressed.From.Address);
        Assert.Equal(default, plain.From.Address);
    }
}
