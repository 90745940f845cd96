// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp.Tests;

/// <summary>A link that moves to another network.</summary>
public sealed class NetworkMoveTests
{
    private readonly MctpStack _stack = new();
    private readonly WireEnd _a;
    private readonly WireEnd _b;

    public NetworkMoveTests()
    {
        _a = new WireEnd(_stack);
        _b = new WireEnd(_stack);
        _stack.AddAddress(_a.Near, new Eid(8));
        _stack.AddRoute(MctpRoute.Direct(new Eid(20), new Eid(29), _a.Near, mtu: 68));
        _stack.AddRoute(MctpRoute.Direct(new Eid(25), new Eid(25), _b.Near));
        _stack.AddRoute(MctpRoute.Direct(new Eid(25), new Eid(26), _a.Near));
        _stack.SetNeighbour(_a.Near, new Eid(20), WireEnd.Address("1d"), isLearned: true);
    }

    [Fact]
    public void Move_TakesAddressesRoutesAndNeighboursAlong()
    {
        _stack.Send(_stack.OpenSocket(), Core.Peer(20), [1], 0);
        Assert.Equal(RouteStatus.Ok, _stack.SetNetwork(_a.Near, 5, 1));

        Assert.Equal(5u, _a.Near.Network);
        Assert.Equal([(25, 26), (20, 29)], _stack.Routes(5).Select(route => ((int)route.First.Value, (int)route.Last.Value)));
        Assert.All(_stack.Routes(5), route => Assert.Equal(5u, route.Network));
        Assert.Equal(1, _stack.Routes(5)[1].Packets);
        Assert.Equal([25], _stack.Routes().Select(route => (int)route.First.Value));
        Assert.True(_stack.TryResolve(new Eid(20), 5, out ResolvedRoute resolved));
        Assert.Equal(WireEnd.Address("1d"), resolved.Address);
        Assert.False(_stack.TryResolve(new Eid(20), 1, out _));
        Assert.Empty(_stack.Neighbours());
        Assert.Equal([new Eid(8)], _stack.Addresses(_a.Near));
    }

    [Fact]
    public void Packets_AfterAMove_AreAcceptedInTheNewNetworkOnly()
    {
        MctpSocketCore socket = _stack.OpenSocket();
        _stack.Bind(socket, new MctpEndPoint(Eid.Any, MessageType.VendorPci, network: 5));
        _stack.SetNetwork(_a.Near, 5, 1);
        _a.Send(20, 8, Core.Flags(som: true, eom: true), [Core.Vendor]);
        _b.Send(20, 8, Core.Flags(som: true, eom: true), [Core.Vendor]);
        _stack.Poll(2, 10);

        Assert.Equal(1, socket.QueuedMessages);
        Assert.Equal(1, _b.Near.Statistics.Drops[DropReason.NotForUs]);
    }

    [Fact]
    public void Move_EndsWhatIsInProgress()
    {
        MctpSocketCore socket = _stack.OpenSocket();
        _stack.Bind(socket, new MctpEndPoint(Eid.Any, MessageType.VendorPci));
        _stack.Send(socket, Core.Peer(20), [1], 0, out MctpTag tag);
        _a.Send(20, 8, Core.Flags(som: true), [Core.Vendor, .. new byte[63]]);
        _stack.Poll(1, 10);
        Assert.Equal(1, _stack.RunningAssemblies);

        _stack.SetNetwork(_a.Near, 5, 2);
        _a.Send(20, 8, Core.Flags(eom: true, sequence: 1), [1]);
        _a.Send(20, 8, Core.Flags(som: true, eom: true, owner: false, tag: tag.Value), [Core.Vendor]);
        _stack.Poll(3, 10);

        Assert.Equal(0, _stack.RunningAssemblies);
        Assert.Equal(SocketFault.LinkDown, socket.TakeError());
        Assert.Equal(0, socket.QueuedMessages);
        Assert.True(_a.Near.IsUp);
    }

    [Fact]
    public void Move_IntoANetworkThatRoutesTheSameRange_ChangesNothing()
    {
        var other = new WireEnd(_stack, network: 5);
        _stack.AddRoute(MctpRoute.Direct(new Eid(20), new Eid(29), other.Near));

        Assert.Equal(RouteStatus.Exists, _stack.SetNetwork(_a.Near, 5, 1));
        Assert.Equal(1u, _a.Near.Network);
        Assert.Equal(3, _stack.Routes().Count);
        Assert.Single(_stack.Routes(5));
    }

    [Fact]
    public void Move_BackAndForthThroughManyNetworks_LeavesNothingBehind()
    {
        MctpSocketCore socket = _stack.OpenSocket();
        for (uint network = 2; network < 200; network++)
        {
            Assert.Equal(RouteStatus.Ok, _stack.SetNetwork(_a.Near, network, network));
            Assert.Equal(SendStatus.Ok, _stack.Send(socket, Core.Peer(20) with { Network = network }, [1], network));
            Assert.DoesNotContain(_stack.Routes(network - 1), route => route.Link == _a.Near);
        }

        Assert.Equal(RouteStatus.Ok, _stack.SetNetwork(_a.Near, 1, 300));
        Assert.Equal([1u], _stack.Networks);
        Assert.Equal(3, _stack.Routes().Count);
    }

    [Fact]
    public void Gateways_StayBehindAndLeadNowhereUntilTheirLinkIsBack()
    {
        _stack.AddRoute(MctpRoute.Via(new Eid(60), new Eid(60), new Eid(20)));
        _stack.SetNetwork(_a.Near, 5, 1);
        Assert.False(_stack.TryResolve(new Eid(60), 1, out _));

        _stack.SetNetwork(_a.Near, 1, 2);
        Assert.True(_stack.TryResolve(new Eid(60), 1, out _));
    }
}
