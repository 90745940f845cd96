// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp.Tests;

/// <summary>A bridge with three links: what it passes on, and what it does not.</summary>
public sealed class ForwardingTests
{
    private const byte Whole = Core.Som | Core.Eom | Core.Owner;

    private readonly MctpStack _stack = new(new MctpStackOptions { Forwards = true });
    private readonly WireEnd _a;
    private readonly WireEnd _b;
    private readonly WireEnd _c;
    private long _now = 1_000;

    public ForwardingTests()
    {
        _a = new WireEnd(_stack, mtu: 132);
        _b = new WireEnd(_stack, mtu: 68);
        _c = new WireEnd(_stack, mtu: 132);
        _stack.AddAddress(_a.Near, new Eid(8));
        Add(MctpRoute.Direct(new Eid(10), new Eid(19), _a.Near));
        Add(MctpRoute.Direct(new Eid(20), new Eid(29), _b.Near));
        Add(MctpRoute.Direct(new Eid(30), new Eid(39), _c.Near));
    }

    private DropCounters Drops => _stack.Statistics.Drops;

    [Theory]
    [InlineData(Whole)]
    [InlineData(Core.Som | Core.Eom | 5)]
    [InlineData(Core.Som | Core.Owner | 0x20)]
    [InlineData(0x35)]
    [InlineData(Core.Eom | 0x1F)]
    public void Packet_ForAnEidOfAnotherLink_LeavesThereUnchanged(byte flags)
    {
        byte[] payload = Bytes.Pattern(40);
        _a.Send(10, 21, flags, payload);
        Turn();

        Assert.Equal(new byte[][] { [1, 21, 10, flags, .. payload] }, _b.Take());
        Assert.Empty(_c.Take());
        Assert.Equal(0, Drops.Total);
        Assert.Equal(1, _stack.Statistics.PacketsForwarded);
        Assert.Equal(1, _b.Near.Statistics.PacketsSent);
        Assert.Equal(44, _b.Near.Statistics.BytesSent);
    }

    [Fact]
    public void ReservedBitsOfTheHeader_ArePassedOnAsTheyAre()
    {
        _a.Send("a1 15 0a c8 7e 01");
        Turn();

        Assert.Equal("a1 15 0a c8 7e 01", Bytes.ToHex(_b.Take().Single()));
    }

    [Fact]
    public void Stack_ByDefault_ForwardsNothing()
    {
        _stack.Forwards = false;
        Assert.False(new MctpStack().Forwards);
        _a.Send(10, 21, Whole, [Core.Vendor]);
        Turn();

        Assert.Empty(_b.Take());
        Assert.Equal(1, Drops[DropReason.NotForUs]);

        _stack.Forwards = true;
        _a.Send(10, 21, Whole, [Core.Vendor]);
        Turn();
        Assert.Single(_b.Take());
    }

    [Fact]
    public void InterleavedMessages_KeepTheirOrderAndAreNotPutTogether()
    {
        // Two messages of one sender and one of another, packet by packet, the last packets missing: a bridge does not care.
        byte[][] sent =
        [
            [1, 21, 10, 0x88, .. Bytes.Pattern(64, 1)], [1, 21, 11, 0x89, .. Bytes.Pattern(64, 2)], [1, 21, 10, 0x8A, .. Bytes.Pattern(64, 3)],
            [1, 21, 10, 0x18, .. Bytes.Pattern(64, 4)], [1, 21, 11, 0x39, .. Bytes.Pattern(64, 5)], [1, 21, 10, 0x5A, .. Bytes.Pattern(3, 6)],
        ];
        foreach (byte[] packet in sent) _a.Send(packet);
        Turn();

        Assert.Equal(sent, _b.Take());
        Assert.Equal(0, _stack.RunningAssemblies);
    }

    [Fact]
    public void PacketsForUs_AreNotForwarded()
    {
        MctpSocketCore socket = _stack.OpenSocket();
        _stack.Bind(socket, new MctpEndPoint(Eid.Any, MessageType.VendorPci));
        _b.Send(20, 8, Whole, [Core.Vendor, 1]);
        _b.Send(20, 0, Whole, [Core.Vendor, 2]);
        _b.Send(20, 0xFF, Whole, [Core.Vendor, 3]);
        Turn();

        Assert.Equal(3, socket.QueuedMessages);
        Assert.Empty(_a.Take());
        Assert.Empty(_c.Take());
        Assert.Equal(0, _stack.Statistics.PacketsForwarded);
    }

    [Theory]
    [InlineData(0, 21, Whole, 1, DropReason.NullSource)]
    [InlineData(3, 21, Whole, 1, DropReason.ReservedSource)]
    [InlineData(255, 21, Whole, 1, DropReason.ReservedSource)]
    [InlineData(8, 21, Whole, 1, DropReason.OwnSource)]
    [InlineData(10, 11, Whole, 1, DropReason.RoutedBack)]
    [InlineData(10, 50, Whole, 1, DropReason.NoRoute)]
    [InlineData(0, 50, Whole, 1, DropReason.NullSource)]
    [InlineData(10, 7, Whole, 1, DropReason.NoRoute)]
    [InlineData(10, 21, Whole, 0, DropReason.EmptyPayload)]
    [InlineData(10, 21, Whole, 65, DropReason.TooLargeToForward)]
    public void Packet_ThatMayNotPass_IsDroppedWithItsReason(byte source, byte destination, byte flags, int length, DropReason reason)
    {
        _a.Send(source, destination, flags, new byte[length]);
        Turn();

        Assert.Equal(1, Drops[reason]);
        Assert.Equal(1, Drops.Total);
        Assert.Equal(1, _a.Near.Statistics.Drops[reason]);
        foreach (WireEnd end in new[] { _a, _b, _c }) Assert.Empty(end.Take());
    }

    [Fact]
    public void Packet_OfAnotherHeaderVersion_IsNotForwarded()
    {
        _a.Send("02 15 0a c8 7e 01");
        Turn();

        Assert.Empty(_b.Take());
        Assert.Equal(1, Drops[DropReason.BadVersion]);
    }

    [Fact]
    public void RouteMtu_BelowTheLinks_LimitsWhatIsForwarded()
    {
        Add(MctpRoute.Direct(new Eid(40), new Eid(40), _c.Near, mtu: 100));
        _a.Send(10, 40, Whole, new byte[96]);
        _a.Send(10, 40, Whole, new byte[97]);
        _a.Send(10, 30, Whole, new byte[128]);
        Turn();

        Assert.Equal([100, 132], _c.Take().Select(packet => packet.Length));
        Assert.Equal(1, Drops[DropReason.TooLargeToForward]);
    }

    [Fact]
    public void OtherNetworks_AreNeverReached()
    {
        var other = new WireEnd(_stack, network: 2);
        Assert.Equal(RouteStatus.Ok, _stack.AddRoute(MctpRoute.Direct(new Eid(50), new Eid(59), other.Near)));
        _a.Send(10, 50, Whole, [Core.Vendor]);
        other.Send(50, 10, Whole, [Core.Vendor]);
        Turn();

        Assert.Empty(other.Take());
        Assert.Empty(_a.Take());
        Assert.Equal(2, Drops[DropReason.NoRoute]);
    }

    [Fact]
    public void GatewayRoute_LeadsToTheGatewaysLink()
    {
        Add(MctpRoute.Via(new Eid(60), new Eid(69), new Eid(30)));
        _a.Send(10, 61, Whole, [Core.Vendor, 9]);
        Turn();

        Assert.Equal("01 3d 0a c8 7e 09", Bytes.ToHex(_c.Take().Single()));
    }

    [Fact]
    public void LinkThatIsDown_GetsNothing()
    {
        _b.Near.SetUp(up: false, _now);
        _a.Send(10, 21, Whole, [Core.Vendor]);
        Turn();

        Assert.Equal(1, Drops[DropReason.ForwardDown]);
    }

    [Fact]
    public void RawSocket_SeesWhatPasses()
    {
        MctpSocketCore raw = _stack.OpenSocket(MctpSocketKind.Raw);
        _stack.Bind(raw, new MctpEndPoint(Eid.Any, default, link: _a.Near.Index));
        _a.Send(10, 21, Whole, [Core.Vendor]);
        Turn();

        Assert.Equal(1, raw.QueuedMessages);
        Assert.Single(_b.Take());
    }

    [Fact]
    public void RouteCounters_CountWhatIsSentAndWhatIsForwarded()
    {
        _a.Send(10, 21, Whole, new byte[10]);
        _a.Send(10, 22, Whole, new byte[20]);
        _a.Send(10, 23, Whole, new byte[65]);
        Turn();
        Assert.Equal(SendStatus.Ok, _stack.Send(_stack.OpenSocket(), Core.Peer(25), new byte[100], _now));
        Assert.Equal(SendStatus.Ok, _stack.Send(_stack.OpenSocket(), new MctpEndPoint(new Eid(30), MessageType.VendorPci, MctpTag.Owner, link: _c.Near.Index), [1], _now));

        MctpRoute route = _stack.Routes().Single(route => route.First.Value == 20);
        Assert.Equal(4, route.Packets);
        Assert.Equal(14 + 24 + 68 + 4 + 37, route.Bytes);
        Assert.Equal(0, _stack.Routes().Where(other => other.First.Value != 20).Sum(other => other.Packets));
    }

    [Fact]
    public void RouteCounters_OfAGatewayRoute_AreThoseOfTheRouteThatCoversTheEid()
    {
        Add(MctpRoute.Via(new Eid(60), new Eid(69), new Eid(30)));
        _a.Send(10, 61, Whole, [Core.Vendor, 9]);
        Turn();

        Assert.Equal([60], _stack.Routes().Where(route => route.Packets != 0).Select(route => (int)route.First.Value));
    }

    [Fact]
    public void ManyPackets_OfOneTurn_AreFlushedOnce()
    {
        var stack = new MctpStack(new MctpStackOptions { Forwards = true });
        AddressedEnd from = new AddressedEnd(stack).Attach();
        AddressedEnd to = new AddressedEnd(stack).Attach();
        stack.AddRoute(MctpRoute.Direct(new Eid(20), new Eid(20), to));
        for (int i = 0; i < 10; i++) from.Deliver("10", source: 9, destination: 20, Whole, [Core.Vendor]);
        stack.Poll(_now, 100);

        Assert.Equal(10, to.Sent.Count);
        Assert.Equal(1, to.Flushes);
    }

    [Fact]
    public void SharedMedium_PassesBetweenNeighboursButNotBackToTheSender()
    {
        var stack = new MctpStack(new MctpStackOptions { Forwards = true });
        AddressedEnd bus = new AddressedEnd(stack).Attach();
        stack.AddRoute(MctpRoute.Direct(new Eid(20), new Eid(22), bus));
        stack.SetNeighbour(bus, new Eid(20), WireEnd.Address("20"));
        stack.SetNeighbour(bus, new Eid(21), WireEnd.Address("21"));
        bus.Deliver("20", source: 20, destination: 21, Whole, [Core.Vendor]);
        bus.Deliver("21", source: 20, destination: 21, Whole, [Core.Vendor]);
        bus.Deliver("20", source: 20, destination: 22, Whole, [Core.Vendor]);
        stack.Poll(_now, 100);

        Assert.Equal([WireEnd.Address("21")], bus.Sent.Select(sent => sent.To));
        Assert.Equal(2, stack.Statistics.Drops[DropReason.RoutedBack]);
    }

    [Fact]
    public void GatewayOnASharedMedium_GetsThePacketAtItsPhysicalAddress()
    {
        var stack = new MctpStack(new MctpStackOptions { Forwards = true });
        AddressedEnd from = new AddressedEnd(stack).Attach();
        AddressedEnd bus = new AddressedEnd(stack).Attach();
        stack.AddRoute(MctpRoute.Direct(new Eid(20), new Eid(20), bus));
        stack.AddRoute(MctpRoute.Via(new Eid(50), new Eid(50), new Eid(20)));
        stack.SetNeighbour(bus, new Eid(20), WireEnd.Address("1d"));
        from.Deliver("10", source: 9, destination: 50, Whole, [Core.Vendor]);
        stack.Poll(_now, 100);

        Assert.Equal((WireEnd.Address("1d"), "01 32 09 c8 7e"), (bus.Sent.Single().To, Bytes.ToHex(bus.Sent.Single().Packet)));
    }

    [Fact]
    public void TwoBridgesInACircle_DoNotSendAPacketRound()
    {
        // A mistake of configuration: each of two bridges, joined by two cables, believes that EID 99 is behind the other.
        var other = new MctpStack(new MctpStackOptions { Forwards = true });
        (PairLink oneA, PairLink oneB) = PairLink.Create(name: "one");
        (PairLink twoA, PairLink twoB) = PairLink.Create(name: "two");
        _stack.AddLink(oneA);
        other.AddLink(oneB);
        _stack.AddLink(twoA);
        other.AddLink(twoB);
        Add(MctpRoute.Direct(new Eid(99), new Eid(99), oneA));
        Assert.Equal(RouteStatus.Ok, other.AddRoute(MctpRoute.Direct(new Eid(99), new Eid(99), oneB)));
        _a.Send(10, 99, Whole, [Core.Vendor]);
        for (int turn = 0; turn < 10; turn++)
        {
            Turn();
            other.Poll(_now, 100);
        }

        Assert.Equal(1, _stack.Statistics.PacketsForwarded);
        Assert.Equal(0, other.Statistics.PacketsForwarded);
        Assert.Equal(1, other.Statistics.Drops[DropReason.RoutedBack]);
    }

    private void Turn() => _stack.Poll(++_now, 1_000);

    private void Add(MctpRoute route) => Assert.Equal(RouteStatus.Ok, _stack.AddRoute(route));
}
