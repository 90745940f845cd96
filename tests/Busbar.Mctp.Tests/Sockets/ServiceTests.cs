// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp.Tests;

/// <summary>Services that answer inside the stack's turn.</summary>
public sealed class ServiceTests
{
    private readonly Core _core = new();
    private readonly Echo _echo = new();

    public ServiceTests() => _core.Stack.SetService(MessageType.VendorPci, _echo);

    [Fact]
    public void Service_AnswersInTheSameTurn()
    {
        _core.Arrive(9, 8, tag: 3, body: [1, 2]);
        _core.Poll();

        Assert.Equal("01 09 08 c3 7e 01 02", Bytes.ToHex(_core.Wire.Take().Single()));
        Assert.Equal(1, _core.Stack.Statistics.MessagesReceived);
        Assert.Equal(1, _core.Stack.Statistics.MessagesSent);
    }

    [Fact]
    public void Service_SeesAMessageInPacketsAsOneBody()
    {
        byte[] body = Bytes.Pattern(100);
        _core.Wire.Send(9, 8, Core.Flags(som: true), [0xFE, .. body[..63]]);
        _core.Wire.Send(9, 8, Core.Flags(eom: true, sequence: 1), body[63..]);
        _core.Poll();

        Assert.Equal([0xFE, .. body], _core.Wire.Take().SelectMany(packet => packet[4..]).ToArray());
        Assert.Equal(new MctpEndPoint(new Eid(9), new MessageType(0xFE), MctpTag.Owned(0), 1, _core.Link.Index), _echo.LastFrom);
        Assert.Same(_core.Link, _echo.LastLink);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(8, 8)]
    [InlineData(255, 8)]
    public void Answer_ComesFromTheDestinationOfTheRequest(byte destination, byte source)
    {
        _core.Arrive(9, destination);
        _core.Poll();

        Assert.Equal(source, _core.Wire.Take().Single()[2]);
        Assert.Equal(new Eid(destination), _echo.LastLocal);
    }

    [Fact]
    public void Answer_GoesBackToThePhysicalSource()
    {
        var stack = new MctpStack();
        AddressedEnd end = new AddressedEnd(stack).Attach();
        stack.SetService(MessageType.VendorPci, new Echo());
        end.Deliver("42", Core.Flags(som: true, eom: true, tag: 1), [Core.Vendor, 7]);
        stack.Poll(0, 100);

        Assert.Equal(WireEnd.Address("42"), end.Sent.Single().To);
        Assert.Equal("01 00 00 c1 7e 07", Bytes.ToHex(end.Sent.Single().Packet));
    }

    [Fact]
    public void BoundSocket_ComesBeforeTheService()
    {
        MctpSocketCore socket = _core.OpenBound(eid: 8);
        _core.Arrive(9, 8);
        _core.Arrive(9, 0);
        _core.Poll();

        Assert.Equal(1, socket.QueuedMessages);
        Assert.Equal(1, _echo.Handled);
    }

    [Fact]
    public void Answers_ThatFindNoRoom_AreStagedAndKeepTheirOrder()
    {
        var core = new Core(mtu: 68, capacity: 1024);
        core.Stack.SetService(MessageType.VendorPci, new Echo());
        var answers = new List<byte[]>();
        for (byte i = 0; i < 10; i++) core.Arrive(9, 8, tag: i & 7, body: [i, .. new byte[50]]);
        core.Poll();
        for (byte i = 10; i < 20; i++) core.Arrive(9, 8, tag: i & 7, body: [i, .. new byte[50]]);
        core.Poll();
        int staged = core.Stack.StagedMessages;
        for (int i = 0; i < 5; i++)
        {
            answers.AddRange(core.Wire.Take());
            core.Poll();
        }

        Assert.True(staged > 0);
        Assert.Equal(Enumerable.Range(0, 20), answers.Select(packet => (int)packet[5]));
    }

    [Fact]
    public void Answers_BeyondTheStagingBuffer_AreCounted()
    {
        var options = new MctpStackOptions { StagedBytes = 65_536 };
        var core = new Core(mtu: 68, options: options, capacity: 1024);
        core.Stack.SetService(MessageType.VendorPci, new Long(60_000));
        for (int i = 0; i < 4; i++) core.Arrive(9, 8, tag: i);
        core.Poll();

        Assert.Equal(3, core.Drops[DropReason.ReplyLost]);
    }

    [Fact]
    public void Requests_BeyondTheServiceQueue_AreCounted()
    {
        var core = new Core(options: new MctpStackOptions { ServiceQueueMessages = 3 });
        var echo = new Echo();
        core.Stack.SetService(MessageType.VendorPci, echo);
        for (int i = 0; i < 5; i++) core.Arrive(9, 8);
        core.Poll();

        Assert.Equal(3, echo.Handled);
        Assert.Equal(2, core.Drops[DropReason.ServiceQueueFull]);
    }

    [Fact]
    public void Answer_OverALinkThatWentDown_IsCounted()
    {
        _echo.Before = () => _core.Wire.Near.SetUp(up: false, 0);
        _core.Arrive(9, 8);
        _core.Poll();

        Assert.False(_echo.LastReply);
        Assert.Equal(1, _core.Drops[DropReason.ReplyLost]);
    }

    [Fact]
    public void Answer_OverALinkThatWasRemoved_IsCounted()
    {
        _echo.Before = () => _core.Stack.RemoveLink(_core.Link, 0);
        _core.Arrive(9, 8);
        _core.Poll();

        Assert.False(_echo.LastReply);
        Assert.Equal(1, _core.Drops[DropReason.ReplyLost]);
    }

    [Fact]
    public void Service_WithADeadline_IsPolledWhenItIsReached()
    {
        _echo.Deadline = 5_000;
        _core.PollAt(4_999);
        int early = _echo.Polls;
        _core.PollAt(5_000);

        Assert.Equal(5_000, _core.Stack.NextDeadline);
        Assert.Equal(0, early);
        Assert.Equal(1, _echo.Polls);
    }

    [Fact]
    public void Service_ThatWasTakenAway_IsNotAskedAnyMore()
    {
        _core.Stack.SetService(MessageType.VendorPci, null);
        _core.Arrive(9, 8);
        _core.Poll();

        Assert.Equal(0, _echo.Handled);
        Assert.Equal(1, _core.Drops[DropReason.NoListener]);
    }

    [Fact]
    public void Service_WhileASocketWaits_IsServedByThatTurn()
    {
        MctpSocketCore socket = _core.OpenBound(type: 5);
        _core.Arrive(9, 8, body: [1]);
        _core.Arrive(9, 8, type: 5, body: [2]);

        Assert.True(_core.Stack.PollInto(socket, new byte[10], _core.Now, 100, out _));
        Assert.Single(_core.Wire.Take());
    }

    private sealed class Echo : IMctpService
    {
        public int Handled { get; private set; }

        public int Polls { get; private set; }

        public long Deadline { get; set; } = long.MaxValue;

        public MctpEndPoint LastFrom { get; private set; }

        public Eid LastLocal { get; private set; }

        public MctpLink? LastLink { get; private set; }

        public bool LastReply { get; private set; }

        public Action? Before { get; set; }

        public long NextDeadline => Deadline;

        public void Handle(MctpStack stack, in MctpMessage message, long now)
        {
            Handled++;
            LastFrom = message.From;
            LastLocal = message.Local;
            LastLink = message.Link;
            Before?.Invoke();
            LastReply = message.Reply(message.Body);
        }

        public void Poll(MctpStack stack, long now) => Polls++;
    }

    private sealed class Long(int length) : IMctpService
    {
        public void Handle(MctpStack stack, in MctpMessage message, long now) => message.Reply(new byte[length]);
    }
}
