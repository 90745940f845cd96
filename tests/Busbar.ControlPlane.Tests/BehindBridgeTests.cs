// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.ControlPlane.Tests;

public sealed class BehindBridgeTests
{
    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(2500);

    private static NetworkControllerOptions Polling { get; } = ControlWorld.DefaultOptions with { EndpointPoll = s_poll };

    [Fact]
    public void Poll_EndpointsBehindABridge_ArePublished()
    {
        using var world = new ControlWorld(Polling);
        world.Assign(world.AddBridge(0x1D, behind: 2));
        world.Pass(TimeSpan.FromMilliseconds(100));
        Assert.Equal([9, 10, 11], world.PeerEids);
        Assert.Same(world.Endpoint(9), world.Endpoint(10).Bridge);
    }

    [Fact]
    public void Poll_Off_NobodyIsAsked()
    {
        using var world = new ControlWorld();
        FakePeer bridge = world.AddBridge(0x1D, behind: 2);
        world.Assign(bridge);
        world.Pass(TimeSpan.FromMinutes(1));
        Assert.All(bridge.Behind, static behind => Assert.Empty(behind.Requests));
    }

    [Fact]
    public void Poll_SilentEid_IsAskedOnceInEachRound()
    {
        using var world = new ControlWorld(Polling);
        FakePeer bridge = world.AddBridge(0x1D, behind: 1);
        bridge.Behind[0].Overrides[ControlCommand.GetEndpointId] = static (_, _) => null;
        world.Assign(bridge);
        world.Pass(TimeSpan.FromMilliseconds(2400));
        Assert.Equal(1, bridge.Behind[0].CountOf(ControlCommand.GetEndpointId));
        world.Pass(TimeSpan.FromMilliseconds(600));
        Assert.Equal(2, bridge.Behind[0].CountOf(ControlCommand.GetEndpointId));
    }

    [Fact]
    public void Poll_EndpointWasFound_IsNotAskedAgainInThatRound()
    {
        using var world = new ControlWorld(Polling);
        FakePeer bridge = world.AddBridge(0x1D, behind: 1);
        world.Assign(bridge);
        world.Pass(TimeSpan.FromSeconds(2));
        Assert.Equal(1, bridge.Behind[0].CountOf(ControlCommand.GetEndpointId));
    }

    [Fact]
    public void Poll_BridgeRemoved_ThoseBehindGoAndPollingEnds()
    {
        using var world = new ControlWorld(Polling);
        FakePeer bridge = world.AddBridge(0x1D, behind: 2);
        world.Assign(bridge);
        world.Pass(s_poll * 2);
        world.Run(() => world.Controller.RemoveEndpointAsync(1, new Eid(9)));
        Assert.Equal(["-1/10", "-1/11", "-1/9"], world.Events.TakeLast(3));
        long polls = world.Controller.Statistics.Polls;
        world.Pass(TimeSpan.FromMinutes(1));
        Assert.Equal(polls, world.Controller.Statistics.Polls);
    }

    [Fact]
    public void Poll_EndpointVanishes_IsRemovedAfterThreeMissesOverTheReclaimTime()
    {
        using var world = new ControlWorld(Polling);
        FakePeer bridge = world.AddBridge(0x1D, behind: 2);
        world.Assign(bridge);
        world.Pass(s_poll * 2);
        bridge.Behind[1].IsPresent = false;
        world.Pass(s_poll * 2);
        Assert.Equal(Connectivity.Degraded, world.Endpoint(11).Connectivity);
        world.Pass(TimeSpan.FromSeconds(7));
        Assert.Equal([9, 10], world.PeerEids);
        Assert.Equal(1, world.Controller.Statistics.EndpointsLost);

        bridge.Behind[1].IsPresent = true;
        world.Pass(s_poll * 2);
        Assert.Equal([9, 10, 11], world.PeerEids);
    }

    [Fact]
    public void Recover_BehindABridge_SameUuid_BecomesAvailable()
    {
        using var world = new ControlWorld();
        world.Assign(world.AddBridge(0x1D, behind: 1));
        world.Run(() => world.Controller.LearnEndpointAsync(1u, new Eid(10)));
        world.Run(() => world.Controller.RecoverEndpointAsync(1, new Eid(10)));
        world.Settle();
        Assert.Equal(["1/10 Degraded", "1/10 Available"], world.Events.TakeLast(2));
    }

    [Fact]
    public void Recover_BehindABridge_OtherUuid_IsPublishedAnew()
    {
        using var world = new ControlWorld();
        FakePeer bridge = world.AddBridge(0x1D, behind: 1);
        world.Assign(bridge);
        world.Run(() => world.Controller.LearnEndpointAsync(1u, new Eid(10)));
        bridge.Behind[0].Uuid = Guid.AllBitsSet;
        world.Run(() => world.Controller.RecoverEndpointAsync(1, new Eid(10)));
        world.Settle();
        Assert.Equal(["1/10 Degraded", "-1/10", "+1/10"], world.Events.TakeLast(3));
        Assert.Equal(Guid.AllBitsSet, world.Endpoint(10).Uuid);
    }

    [Fact]
    public void Recover_ResetBridge_ThoseBehindAreLookedAtAgain()
    {
        using var world = new ControlWorld();
        FakePeer bridge = world.AddBridge(0x1D, behind: 2);
        world.Assign(bridge);
        world.Run(() => world.Controller.LearnEndpointAsync(1u, new Eid(10)));
        world.Run(() => world.Controller.LearnEndpointAsync(1u, new Eid(11)));
        (Guid? First, Guid? Second) before = (world.Endpoint(10).Uuid, world.Endpoint(11).Uuid);
        bridge.Reset();
        bridge.Behind.Reverse();
        world.Run(() => world.Controller.RecoverEndpointAsync(1, new Eid(9)));
        world.Settle();
        Assert.Equal((before.Second, before.First), (world.Endpoint(10).Uuid, world.Endpoint(11).Uuid));
    }

    [Fact]
    public void Table_ListsEndpoints_TheyAreFoundWithoutPolling()
    {
        using var world = new ControlWorld();
        FakePeer bridge = world.AddBridge(0x1D, behind: 5);
        bridge.RoutingTable = [.. Enumerable.Range(10, 5).Select(static eid => Entry((byte)eid))];
        world.Assign(bridge);
        world.Settle();
        Assert.Equal([9, 10, 11, 12, 13, 14], world.PeerEids);
        Assert.Equal(bridge.RoutingTable, world.Endpoint(9).RoutingTable);
        Assert.All(bridge.Behind, static behind => Assert.Equal(1, behind.CountOf(ControlCommand.GetEndpointId)));
    }

    [Fact]
    public void Table_GrowsLater_NewEndpointsAreFound()
    {
        using var world = new ControlWorld();
        FakePeer bridge = world.AddBridge(0x1D, behind: 2);
        bridge.RoutingTable = [];
        world.Assign(bridge);
        world.Settle();
        bridge.RoutingTable = [Entry(10), Entry(11)];
        world.Pass(TimeSpan.FromSeconds(1));
        Assert.Equal([9, 10, 11], world.PeerEids);
    }

    [Fact]
    public void Table_DoesNotChange_ReadingEnds()
    {
        using var world = new ControlWorld();
        FakePeer bridge = world.AddBridge(0x1D, behind: 1);
        bridge.RoutingTable = [Entry(10)];
        world.Assign(bridge);
        world.Pass(TimeSpan.FromMinutes(1));
        int reads = bridge.CountOf(ControlCommand.GetRoutingTableEntries);
        Assert.InRange(reads, 5, 15);
        world.Pass(TimeSpan.FromMinutes(10));
        Assert.Equal(reads, bridge.CountOf(ControlCommand.GetRoutingTableEntries));
    }

    [Fact]
    public void Table_BridgeBehindABridge_HoldsItsOwn()
    {
        using var world = new ControlWorld(ControlWorld.DefaultOptions with { MaximumPoolSize = 20 });
        FakePeer outer = world.AddBridge(0x1D, behind: 10);
        FakePeer inner = outer.Behind[1].WithBehind(2);
        outer.RoutingTable = [Entry(10), Entry(11, 3, RoutingEntryKind.RangeWithBridge)];
        inner.RoutingTable = [Entry(12), Entry(13)];
        inner.Behind[0].Eid = new Eid(12);
        inner.Behind[1].Eid = new Eid(13);
        outer.Behind.RemoveRange(2, 8);
        for (int i = 0; i < 8; i++) outer.Behind.Add(new FakePeer(1) { IsPresent = false });

        world.Assign(outer);
        world.Pass(TimeSpan.FromSeconds(1));
        Assert.Equal([9, 10, 11, 12, 13], world.PeerEids);
        Assert.Equal(new EidPool(new Eid(12), 2), world.Endpoint(11).Pool);
        Assert.Same(world.Endpoint(11), world.Endpoint(12).Bridge);
        Assert.Same(world.Endpoint(9), world.Endpoint(11).Bridge);
    }

    [Fact]
    public void Table_LoopsWithoutEnd_IsCutAndNoted()
    {
        using var world = new ControlWorld();
        FakePeer bridge = world.AddBridge(0x1D, behind: 1);
        bridge.RoutingTable = [];
        bridge.Overrides[ControlCommand.GetRoutingTableEntries] = static (request, _) =>
            FakePeer.Answer(request, CompletionCode.Success, (byte)(request[2] ^ 1), 1, 1, 10, 0, 1, 0, 0);
        world.Assign(bridge);
        world.Settle();
        Assert.Equal([9, 10], world.PeerEids);
        Assert.Single(world.Notes, static note => note.Text.Contains("has no end", StringComparison.Ordinal));
        Assert.InRange(bridge.CountOf(ControlCommand.GetRoutingTableEntries), 2, 4);
    }

    [Fact]
    public void Table_NamesEidsOfOthers_NobodyIsLost()
    {
        using var world = new ControlWorld();
        FakePeer victim = world.AddPeer(0x30);
        world.Setup(victim);
        FakePeer bridge = world.AddBridge(0x1D, behind: 2);
        bridge.RoutingTable = [Entry(9), Entry(8), Entry(10), Entry(200), Entry(250, 200), Entry(3), Entry(11, 0)];
        world.Assign(bridge);
        world.Settle();
        Assert.Equal([9, 10], world.PeerEids);
        Assert.Equal(victim.Address, world.Endpoint(9).Address);
        Assert.Null(world.Endpoint(9).Bridge);
        Assert.True(world.Controller.Statistics.BridgeLies >= 4);
        Assert.Contains(world.Notes, static note => note.Text.Contains("names EID 200, which nobody was given", StringComparison.Ordinal));
    }

    [Fact]
    public void Table_NestedPoolsOverlapOrLieOutside_AreIgnored()
    {
        using var world = new ControlWorld();
        FakePeer bridge = world.AddBridge(0x1D, behind: 6);
        bridge.Behind[0].WithBehind(1);
        bridge.Behind[3].WithBehind(1);
        bridge.RoutingTable = [Entry(10, 4, RoutingEntryKind.RangeWithBridge), Entry(13, 3, RoutingEntryKind.RangeWithBridge), Entry(15, 9, RoutingEntryKind.RangeWithBridge)];
        world.Assign(bridge);
        world.Settle();
        Assert.Equal(new EidPool(new Eid(11), 3), world.Endpoint(10).Pool);
        Assert.Null(world.Endpoint(15).Pool);
        Assert.True(world.Controller.Statistics.BridgeLies >= 1);
    }

    [Fact]
    public void Table_StopsNamingAnEndpoint_ItIsAskedNotRemoved()
    {
        using var world = new ControlWorld();
        FakePeer bridge = world.AddBridge(0x1D, behind: 2);
        bridge.RoutingTable = [Entry(10), Entry(11)];
        world.Assign(bridge);
        world.Settle();
        int asked = bridge.Behind[1].CountOf(ControlCommand.GetEndpointId);
        bridge.RoutingTable = [Entry(10)];
        world.Pass(TimeSpan.FromSeconds(1));
        Assert.Equal(asked + 1, bridge.Behind[1].CountOf(ControlCommand.GetEndpointId));
        Assert.Equal([9, 10, 11], world.PeerEids);
    }

    [Fact]
    public void Endpoint_BehindABridgeClaimsAnotherEid_IsNotTaken()
    {
        using var world = new ControlWorld(Polling);
        FakePeer bridge = world.AddBridge(0x1D, behind: 1);
        bridge.Behind[0].Overrides[ControlCommand.GetEndpointId] = static (request, _) => FakePeer.Answer(request, CompletionCode.Success, 8, 0, 0);
        world.Assign(bridge);
        world.Pass(s_poll * 2);
        Assert.Equal([9], world.PeerEids);
        Assert.True(world.Endpoint(8).IsLocal);
    }

    private static RoutingTableEntry Entry(byte first, byte count = 1, RoutingEntryKind kind = RoutingEntryKind.Endpoint) =>
        new(count, new Eid(first), kind, IsStatic: false, Port: 1, PhysicalBinding.Smbus, PhysicalMedium.Unspecified, new PhysicalAddress([first]));
}
