// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.ControlPlane.Tests;

public sealed class RemovalAndRecoveryTests
{
    [Fact]
    public void Remove_Peer_TakesRouteAndNeighbourAlong()
    {
        using var world = new ControlWorld();
        world.Setup(world.AddPeer(0x1D));
        world.Run(() => world.Controller.RemoveEndpointAsync(1, new Eid(9)));
        SetupTests.AssertNothingLeft(world);
        Assert.Equal("-1/9", world.Events[^1]);
    }

    [Fact]
    public void Remove_Bridge_TakesThoseBehindAlong()
    {
        using var world = new ControlWorld();
        world.Assign(world.AddBridge(0x1D, behind: 2));
        world.Run(() => world.Controller.LearnEndpointAsync(1u, new Eid(10)));
        world.Run(() => world.Controller.LearnEndpointAsync(1u, new Eid(11)));
        world.Run(() => world.Controller.RemoveEndpointAsync(1, new Eid(9)));
        Assert.Equal(["-1/10", "-1/11", "-1/9"], world.Events.TakeLast(3));
        SetupTests.AssertNothingLeft(world);
    }

    [Fact]
    public void Methods_OnOurOwnEndpoint_AreRefused()
    {
        using var world = new ControlWorld();
        Assert.Equal("Cannot remove mctpd-local endpoint", world.Fails(() => world.Controller.RemoveEndpointAsync(1, new Eid(8))).Message);
        Assert.Equal("Cannot set local endpoint MTU", world.Fails(() => world.Controller.SetMtuAsync(1, new Eid(8), 68)).Message);
        Assert.Equal(ControlPlaneError.NotAllowed, world.Fails(() => world.Controller.RecoverEndpointAsync(1, new Eid(8))).Error);
        Assert.Equal(ControlPlaneError.NotFound, world.Fails(() => world.Controller.RemoveEndpointAsync(1, new Eid(99))).Error);
    }

    [Fact]
    public void SetMtu_WithinLimits_ChangesTheRoute()
    {
        using var world = new ControlWorld();
        world.Setup(world.AddPeer(0x1D));
        world.Run(() => world.Controller.SetMtuAsync(1, new Eid(9), 254));
        Assert.Equal(254, Assert.Single(world.Host.Routes()).Mtu);
        Assert.Equal("1/9 Mtu", world.Events[^1]);
        Assert.Equal(ControlPlaneError.InvalidArgument, world.Fails(() => world.Controller.SetMtuAsync(1, new Eid(9), 255)).Error);
    }

    [Fact]
    public void Recover_Present_BecomesAvailable()
    {
        using var world = new ControlWorld();
        world.Setup(world.AddPeer(0x1D));
        world.Run(() => world.Controller.RecoverEndpointAsync(1, new Eid(9)));
        world.Settle();
        Assert.Equal(["1/9 Degraded", "1/9 Available"], world.Events.TakeLast(2));
    }

    [Fact]
    public void Recover_Gone_IsRemovedAfterThreeTriesOverTheReclaimTime()
    {
        using var world = new ControlWorld();
        FakePeer peer = world.AddPeer(0x1D);
        world.Setup(peer);
        peer.Overrides[ControlCommand.GetEndpointId] = static (_, _) => null;
        int before = peer.CountOf(ControlCommand.GetEndpointId);
        world.Run(() => world.Controller.RecoverEndpointAsync(1, new Eid(9)));
        world.Pass(TimeSpan.FromSeconds(5));
        Assert.Equal(Connectivity.Degraded, world.Endpoint(9).Connectivity);
        Assert.Equal(before + 3, peer.CountOf(ControlCommand.GetEndpointId));
        world.Pass(TimeSpan.FromSeconds(1));
        Assert.Equal(before + 3, peer.CountOf(ControlCommand.GetEndpointId));
        SetupTests.AssertNothingLeft(world);
        Assert.Equal(1, world.Controller.Statistics.EndpointsLost);
    }

    [Fact]
    public void Recover_Reset_GetsItsEidBack()
    {
        using var world = new ControlWorld();
        FakePeer peer = world.AddPeer(0x1D);
        world.Setup(peer);
        ManagedEndpoint endpoint = world.Endpoint(9);
        peer.IsPresent = false;
        world.Run(() => world.Controller.RecoverEndpointAsync(1, new Eid(9)));
        world.Pass(TimeSpan.FromSeconds(1));
        peer.Reset();
        peer.IsPresent = true;
        world.Settle();
        Assert.Equal(new Eid(9), peer.Eid);
        Assert.Same(endpoint, world.Endpoint(9));
        Assert.Equal(Connectivity.Available, endpoint.Connectivity);
    }

    [Fact]
    public void Recover_ResetBridge_GetsItsPoolBack()
    {
        using var world = new ControlWorld();
        FakePeer bridge = world.AddBridge(0x1D, behind: 2);
        world.Assign(bridge);
        EidPool? pool = bridge.Pool;
        bridge.Reset();
        world.Run(() => world.Controller.RecoverEndpointAsync(1, new Eid(9)));
        world.Settle();
        Assert.Equal(pool, bridge.Pool);
        Assert.Equal(pool, world.Endpoint(9).Pool);
        Assert.Equal(2, world.Host.Routes().Count);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(9)]
    public void Recover_Exchanged_IsANewEndpoint(byte eidOfTheNew)
    {
        using var world = new ControlWorld();
        FakePeer peer = world.AddPeer(0x1D);
        world.Setup(peer);
        peer.IsPresent = false;
        world.Run(() => world.Controller.RecoverEndpointAsync(1, new Eid(9)));
        world.Pass(TimeSpan.FromSeconds(1));
        world.Host.Peers.Remove(peer);
        FakePeer other = world.AddPeer(0x1D, eidOfTheNew);
        other.Uuid = Guid.AllBitsSet;
        world.Settle();
        Assert.Equal(["1/9 Degraded", "-1/9", "+1/10"], world.Events.TakeLast(3));
        Assert.Equal(new Eid(10), other.Eid);
        Assert.Equal(1, world.Controller.Statistics.EndpointsExchanged);
    }

    [Fact]
    public void Recover_Twice_LooksOnce()
    {
        using var world = new ControlWorld();
        world.Setup(world.AddPeer(0x1D));
        world.Run(async () =>
        {
            await world.Controller.RecoverEndpointAsync(1, new Eid(9));
            await world.Controller.RecoverEndpointAsync(1, new Eid(9));
        });
        world.Settle();
        Assert.Equal(1, world.Controller.Statistics.Recoveries);
    }

    [Fact]
    public void Recover_WhileOthersAreSetUp_DoesNotDisturbThem()
    {
        using var world = new ControlWorld();
        FakePeer lost = world.AddPeer(0x1D);
        for (byte i = 0; i < 19; i++) world.Setup(world.AddPeer((byte)(0x30 + i)));
        world.Setup(lost);
        Eid gone = lost.Eid;
        lost.IsPresent = false;
        world.Run(() => world.Controller.RecoverEndpointAsync(1, gone));
        Assert.True(world.Setup(world.AddPeer(0x60)).IsNew);
        Assert.Equal(Connectivity.Degraded, world.Endpoint(gone.Value).Connectivity);
        world.Settle();
        Assert.Null(world.Controller.Endpoints.Find(1, gone));
        Assert.Equal(20, world.PeerEids.Length);
    }

    [Fact]
    public void Recover_RemovedMeanwhile_EndsQuietly()
    {
        using var world = new ControlWorld();
        FakePeer peer = world.AddPeer(0x1D);
        world.Setup(peer);
        peer.IsPresent = false;
        world.Run(() => world.Controller.RecoverEndpointAsync(1, new Eid(9)));
        world.Run(() => world.Controller.RemoveEndpointAsync(1, new Eid(9)));
        peer.IsPresent = true;
        Assert.Equal(new Eid(9), world.Setup(peer).Eid);
        world.Settle();
        Assert.Equal([9], world.PeerEids);
        Assert.Equal(0, world.Controller.Statistics.EndpointsLost);
    }
}
