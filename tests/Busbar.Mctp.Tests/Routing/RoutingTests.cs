// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp.Tests;

/// <summary>Routes, gateways, neighbours, addresses.</summary>
public sealed class RoutingTests
{
    private readonly MctpStack _stack = new();
    private readonly WireEnd _a;
    private readonly WireEnd _b;

    public RoutingTests()
    {
        _a = new WireEnd(_stack, mtu: 100);
        _b = new WireEnd(_stack, mtu: 200);
    }

    [Fact]
    public void NewestRoute_ThatCoversAnEid_Wins()
    {
        Add(MctpRoute.Direct(new Eid(20), new Eid(20), _a.Near));
        Assert.Same(_a.Near, Resolve(20)!.Value.Link);

        Add(MctpRoute.Direct(new Eid(10), new Eid(30), _b.Near));
        Assert.Same(_b.Near, Resolve(20)!.Value.Link);

        _stack.RemoveRoute(new Eid(20), new Eid(20));
        Add(MctpRoute.Direct(new Eid(20), new Eid(20), _a.Near));
        Assert.Same(_a.Near, Resolve(20)!.Value.Link);
        Assert.Same(_b.Near, Resolve(21)!.Value.Link);
        Assert.Equal(2, _stack.Routes().Count);
    }

    [Fact]
    public void Range_CoversItsEndsAndNothingElse()
    {
        Add(MctpRoute.Direct(new Eid(10), new Eid(12), _a.Near));

        for (int eid = 0; eid < 256; eid++) Assert.Equal(eid is >= 10 and <= 12, Resolve((byte)eid) is not null);
    }

    [Fact]
    public void Routes_OfWrongShape_AreRefused()
    {
        var foreign = new LoopbackLink();

        Assert.Equal(RouteStatus.Invalid, _stack.AddRoute(MctpRoute.Direct(new Eid(7), new Eid(9), _a.Near)));
        Assert.Equal(RouteStatus.Invalid, _stack.AddRoute(MctpRoute.Direct(new Eid(9), new Eid(255), _a.Near)));
        Assert.Equal(RouteStatus.Invalid, _stack.AddRoute(MctpRoute.Direct(new Eid(12), new Eid(9), _a.Near)));
        Assert.Equal(RouteStatus.Invalid, _stack.AddRoute(MctpRoute.Direct(new Eid(9), new Eid(9), _a.Near, mtu: 67)));
        Assert.Equal(RouteStatus.Invalid, _stack.AddRoute(new MctpRoute(new Eid(9), new Eid(9), null, Eid.Null, 0, 1)));
        Assert.Equal(RouteStatus.Invalid, _stack.AddRoute(new MctpRoute(new Eid(9), new Eid(9), _a.Near, new Eid(10), 0, 1)));
        Assert.Equal(RouteStatus.NoNetwork, _stack.AddRoute(MctpRoute.Direct(new Eid(9), new Eid(9), foreign)));
        Assert.Equal(RouteStatus.NoNetwork, _stack.AddRoute(MctpRoute.Via(new Eid(9), new Eid(9), new Eid(10), network: 7)));
        Add(MctpRoute.Direct(new Eid(9), new Eid(9), _a.Near));
        Assert.Equal(RouteStatus.Exists, _stack.AddRoute(MctpRoute.Direct(new Eid(9), new Eid(9), _b.Near)));
        Assert.False(_stack.RemoveRoute(new Eid(9), new Eid(10)));
    }

    [Fact]
    public void GatewayRoute_LeadsToTheGatewaysLinkAndAddress()
    {
        Add(MctpRoute.Direct(new Eid(9), new Eid(9), _a.Near));
        Add(MctpRoute.Via(new Eid(50), new Eid(53), new Eid(9)));
        Add(MctpRoute.Via(new Eid(60), new Eid(60), new Eid(50)));
        _stack.SetNeighbour(_a.Near, new Eid(9), WireEnd.Address("1d"));

        Assert.Equal(new ResolvedRoute(_a.Near, WireEnd.Address("1d"), 100, ViaGateway: true), Resolve(51));
        Assert.Equal(new ResolvedRoute(_a.Near, WireEnd.Address("1d"), 100, ViaGateway: true), Resolve(60));
        Assert.Equal(new ResolvedRoute(_a.Near, WireEnd.Address("1d"), 100, ViaGateway: false), Resolve(9));
    }

    [Fact]
    public void GatewayLoop_LeadsNowhere()
    {
        Add(MctpRoute.Via(new Eid(10), new Eid(10), new Eid(11)));
        Add(MctpRoute.Via(new Eid(11), new Eid(11), new Eid(10)));
        Add(MctpRoute.Via(new Eid(12), new Eid(12), new Eid(12)));

        Assert.Null(Resolve(10));
        Assert.Null(Resolve(12));
        Assert.Equal(SendStatus.NoRoute, _stack.Send(_stack.OpenSocket(), Core.Peer(10), [1], 0));
    }

    [Theory]
    [InlineData(0, 0, 0, 200)]
    [InlineData(68, 0, 0, 68)]
    [InlineData(0, 68, 0, 68)]
    [InlineData(0, 0, 68, 68)]
    [InlineData(90, 80, 70, 70)]
    [InlineData(70, 80, 90, 70)]
    [InlineData(80, 70, 90, 70)]
    [InlineData(300, 300, 300, 200)]
    [InlineData(0, 150, 0, 150)]
    public void GatewayChain_HasTheSmallestMtuOfAll(int first, int second, int third, int expected)
    {
        Add(MctpRoute.Direct(new Eid(10), new Eid(10), _b.Near, first));
        Add(MctpRoute.Via(new Eid(11), new Eid(11), new Eid(10), mtu: second));
        Add(MctpRoute.Via(new Eid(12), new Eid(12), new Eid(11), mtu: third));

        Assert.Equal(expected, Resolve(12)!.Value.Mtu);
    }

    [Fact]
    public void Send_ThroughAGateway_KeepsTheDestinationAndGoesToTheGatewaysAddress()
    {
        var stack = new MctpStack();
        AddressedEnd end = new AddressedEnd(stack).Attach();
        stack.AddAddress(end, new Eid(8));
        stack.AddRoute(MctpRoute.Direct(new Eid(9), new Eid(9), end));
        stack.AddRoute(MctpRoute.Via(new Eid(50), new Eid(50), new Eid(9)));
        stack.SetNeighbour(end, new Eid(9), WireEnd.Address("1d"));

        Assert.Equal(SendStatus.Ok, stack.Send(stack.OpenSocket(), Core.Peer(50), [1], 0));
        Assert.Equal(WireEnd.Address("1d"), end.Sent.Single().To);
        Assert.Equal(50, end.Sent.Single().Packet[1]);
    }

    [Fact]
    public void Send_FromALinkWithoutAnEid_GoesDirectlyButNotThroughAGateway()
    {
        Add(MctpRoute.Direct(new Eid(9), new Eid(9), _a.Near));
        Add(MctpRoute.Via(new Eid(50), new Eid(50), new Eid(9)));
        MctpSocketCore socket = _stack.OpenSocket();

        Assert.Equal(SendStatus.Ok, _stack.Send(socket, Core.Peer(9), [1], 0));
        Assert.Equal(SendStatus.NoSourceAddress, _stack.Send(socket, Core.Peer(50), [1], 0));
        Assert.Equal(0, _a.Take().Single()[2]);
    }

    [Fact]
    public void Answer_ToARequestWithoutASourceEid_IsMatched()
    {
        Add(MctpRoute.Direct(new Eid(9), new Eid(9), _a.Near));
        MctpSocketCore socket = _stack.OpenSocket();
        _stack.Send(socket, Core.Peer(9), [1], 0, out MctpTag tag);
        _a.Send(9, 0, Core.Flags(som: true, eom: true, owner: false, tag: tag.Value), [Core.Vendor, 1]);
        _stack.Poll(0, 100);

        Assert.Equal(1, socket.QueuedMessages);
    }

    [Fact]
    public void Addresses_FirstOneIsTheSource()
    {
        Assert.True(_stack.AddAddress(_a.Near, new Eid(8)));
        Assert.True(_stack.AddAddress(_a.Near, new Eid(30)));
        Assert.False(_stack.AddAddress(_a.Near, new Eid(30)));
        Assert.Equal(new Eid(8), _stack.SourceAddress(_a.Near));

        _stack.SetAddress(_a.Near, new Eid(40));
        Assert.Equal([new Eid(40), new Eid(30)], _stack.Addresses(_a.Near));
        _stack.SetAddress(_a.Near, new Eid(30));
        Assert.Equal([new Eid(30)], _stack.Addresses(_a.Near));
        _stack.SetAddress(_a.Near, Eid.Null);
        Assert.Equal(Eid.Null, _stack.SourceAddress(_a.Near));
        Assert.False(_stack.RemoveAddress(_a.Near, new Eid(30)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(255)]
    public void Addresses_ThatNobodyCanHold_AreAMistakeOfTheCaller(byte eid) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => _stack.AddAddress(_a.Near, new Eid(eid)));

    [Fact]
    public void LocalEid_OfOneLink_IsReachableOverAllLinksOfItsNetwork()
    {
        _stack.AddAddress(_a.Near, new Eid(8));
        MctpSocketCore socket = _stack.OpenSocket();
        _stack.Bind(socket, new MctpEndPoint(Eid.Any, MessageType.VendorPci));
        _b.Send(9, 8, Core.Flags(som: true, eom: true), [Core.Vendor, 1]);
        _stack.Poll(0, 100);

        Assert.Equal(1, socket.QueuedMessages);
    }

    [Fact]
    public void RemovedLink_TakesItsRoutesNeighboursAndAddressesAlong()
    {
        _stack.AddAddress(_a.Near, new Eid(8));
        Add(MctpRoute.Direct(new Eid(9), new Eid(9), _a.Near));
        _stack.SetNeighbour(_a.Near, new Eid(9), WireEnd.Address("1d"));
        int index = _a.Near.Index;
        _stack.RemoveLink(_a.Near, 0);

        Assert.Null(Resolve(9));
        Assert.Empty(_stack.Routes());
        Assert.Empty(_stack.Neighbours());
        Assert.Null(_stack.FindLink(index));
        Assert.Equal([_b.Near], _stack.Links);
        Assert.False(_a.Near.IsUp);
        Assert.Equal(SendStatus.NoLink, _stack.Send(_stack.OpenSocket(), new MctpEndPoint(Eid.Null, default, MctpTag.Owner, link: index), [1], 0));
        _stack.RemoveLink(_a.Near, 0);
    }

    [Fact]
    public void Neighbours_AreReplacedAndRemoved()
    {
        _stack.SetNeighbour(_a.Near, new Eid(9), WireEnd.Address("10"));
        _stack.SetNeighbour(_a.Near, new Eid(9), WireEnd.Address("20"));

        Assert.Equal(WireEnd.Address("20"), _stack.Neighbours().Single().Address);
        Assert.True(_stack.RemoveNeighbour(_a.Near, new Eid(9)));
        Assert.False(_stack.RemoveNeighbour(_a.Near, new Eid(9)));
    }

    [Fact]
    public void AddLink_Twice_IsAMistakeOfTheCaller() =>
        Assert.Throws<InvalidOperationException>(() => _stack.AddLink(_a.Near));

    private void Add(MctpRoute route) => Assert.Equal(RouteStatus.Ok, _stack.AddRoute(route));

    private ResolvedRoute? Resolve(byte eid) => _stack.TryResolve(new Eid(eid), 1, out ResolvedRoute route) ? route : null;
}
