// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.ControlPlane.Tests;

/// <summary>Networks with bridges: who gets which EID, and whether packets find their way there and back.</summary>
public sealed class BridgeTests
{
    [Fact]
    public void Bridge_WithEndpoints_TakesAPoolAndHandsItOn()
    {
        using var net = new BridgedNetwork();
        SimulatedMedium below = net.AddBridge(net.Backbone, 0x20, wants: 10, out WorldNode bridge);
        WorldNode[] endpoints = net.AddEndpoints(below, 3);

        net.SetUp();

        Invariants.Hold(net.World);
        ManagedEndpoint known = net.Top.Controller.Endpoints.All.Single(peer => !peer.IsLocal && peer.Pool is not null);
        EidPool pool = known.Pool!.Value;
        Assert.Equal(10, pool.Count);
        Assert.Equal(known.Eid.Value + 1, pool.First.Value);
        foreach (WorldNode endpoint in endpoints)
        {
            Eid eid = Assert.Single(endpoint.Host.Addresses()).Eid;
            Assert.True(pool.Contains(eid), $"{eid} is not part of the pool");
            Assert.Equal(eid, net.Ping(eid));
        }

        Assert.Equal(known.Eid, Assert.Single(bridge.Host.Addresses(), address => address.Link == 2).Eid);
        Assert.Equal(4, bridge.Controller.Endpoints.All.Count(peer => !peer.IsLocal));
    }

    [Fact]
    public void Bridges_ThreeLevelsDeep_EverybodyIsReached()
    {
        using var net = new BridgedNetwork();
        SimulatedMedium one = net.AddBridge(net.Backbone, 0x20, wants: 40, out _);
        SimulatedMedium two = net.AddBridge(one, 0x21, wants: 20, out _);
        SimulatedMedium three = net.AddBridge(two, 0x22, wants: 8, out _);
        WorldNode[] endpoints = [.. net.AddEndpoints(one, 3), .. net.AddEndpoints(two, 3), .. net.AddEndpoints(three, 3), .. net.AddEndpoints(net.Backbone, 3)];

        net.SetUp();

        Invariants.Hold(net.World);
        foreach (WorldNode node in endpoints)
        {
            Eid eid = Assert.Single(node.Host.Addresses()).Eid;
            Assert.Equal(eid, net.Ping(eid));
        }
    }

    [Fact]
    public void Bridge_ToAPointToPointLink_SetsUpItsOtherEnd()
    {
        using var net = new BridgedNetwork();
        SimulatedMedium below = net.AddBridge(net.Backbone, 0x20, wants: 4, out _, pointToPoint: true);
        WorldNode endpoint = net.AddEndpoints(below, 1)[0];

        net.SetUp();

        Invariants.Hold(net.World);
        Eid eid = Assert.Single(endpoint.Host.Addresses()).Eid;
        Assert.Equal(eid, net.Ping(eid));
    }

    [Fact]
    public void Bridge_ToldAnotherPool_GivesEverybodyNewEids()
    {
        using var net = new BridgedNetwork();
        SimulatedMedium below = net.AddBridge(net.Backbone, 0x20, wants: 10, out _);
        WorldNode[] endpoints = net.AddEndpoints(below, 3);
        net.SetUp();
        ManagedEndpoint known = net.Top.Controller.Endpoints.All.Single(peer => peer.Pool is not null);

        // The same bus owner may change its mind.
        var request = new AllocateEndpointIdsRequest(AllocateEndpointIdsOperation.Allocate, 10, new Eid(100));
        AllocateEndpointIdsResponse? answer = net.World.Finish(
            net.Top.Controller.Queries.AskAsync<AllocateEndpointIdsRequest, AllocateEndpointIdsResponse>(known.ByRoute, request)).Value;
        net.Rest();

        Assert.Equal(new AllocateEndpointIdsResponse(IsRejected: false, 10, new Eid(100)), answer);
        Assert.All(endpoints, endpoint => Assert.InRange(Assert.Single(endpoint.Host.Addresses()).Eid.Value, 100, 109));
    }

    [Theory]
    [InlineData(AllocateEndpointIdsOperation.Allocate, 11, 100, CompletionCode.InvalidData)]
    [InlineData(AllocateEndpointIdsOperation.Allocate, 10, 250, CompletionCode.InvalidData)]
    [InlineData(AllocateEndpointIdsOperation.Allocate, 5, 0, CompletionCode.InvalidData)]
    [InlineData(AllocateEndpointIdsOperation.Allocate, 5, 5, CompletionCode.InvalidData)]
    [InlineData(AllocateEndpointIdsOperation.Allocate, 5, 8, CompletionCode.InvalidData)]
    [InlineData(AllocateEndpointIdsOperation.Force, 9, 0xFF, CompletionCode.InvalidData)]
    [InlineData((AllocateEndpointIdsOperation)3, 5, 100, CompletionCode.InvalidData)]
    [InlineData(AllocateEndpointIdsOperation.Allocate, 0, 0, CompletionCode.Success)]
    [InlineData(AllocateEndpointIdsOperation.GetInformation, 255, 255, CompletionCode.Success)]
    public void Allocate_OfAnyRange_IsJudged(AllocateEndpointIdsOperation operation, byte count, byte first, CompletionCode expected)
    {
        using var net = new BridgedNetwork();
        net.AddBridge(net.Backbone, 0x20, wants: 10, out WorldNode bridge);
        net.SetUp();
        ManagedEndpoint known = net.Top.Controller.Endpoints.All.Single(peer => peer.Pool is not null);

        var request = new AllocateEndpointIdsRequest(operation, count, new Eid(first));
        ControlAnswer answer = net.World.Finish(
            net.Top.Controller.Queries.AskAsync<AllocateEndpointIdsRequest, AllocateEndpointIdsResponse>(known.ByRoute, request)).Answer;
        net.Rest();

        Assert.Equal(expected, answer.Code);
        if (operation == AllocateEndpointIdsOperation.GetInformation) Assert.Equal([0, 10, (byte)(known.Eid.Value + 1)], answer.Data.ToArray());
        if (count == 0) Assert.Equal(0, bridge.Controller.Bridge.DynamicRange(1)!.Value.Count);
    }

    [Theory]
    [InlineData(0, false, null, 4, 1)]
    [InlineData(6, false, null, 6, 1)]
    [InlineData(1, true, null, 1, 1)]
    [InlineData(6, false, 0, 0, 0)]
    [InlineData(2, false, 9, 9, 1)]
    public void Bridge_WithOrWithoutAWantedSize_AsksForWhatItsBusesNeed(int behind, bool pointToPoint, int? wanted, int asked, int status)
    {
        using var net = new BridgedNetwork();
        SimulatedMedium below = net.World.AddMedium("below", pointToPoint ? PhysicalBinding.Serial : PhysicalBinding.Smbus);
        WorldNode bridge = net.World.AddNode("bridge", forwards: true);
        bridge.Connect(net.Backbone, 0x20);
        bridge.Connect(below, pointToPoint ? (byte)0 : (byte)0x10, LinkRole.BusOwner);
        net.AddEndpoints(below, behind);
        bridge.Start(options => options with { WantedPoolSize = wanted });
        net.Top.Start(options => options with { AutoDiscover = false });
        var there = new MctpEndPoint(Eid.Null, MessageType.Control, MctpTag.Owner, 1, net.Top.Links[0].Index, new PhysicalAddress([0x20]));

        SetEndpointIdResponse? set = net.World.Finish(
            net.Top.Controller.Queries.AskAsync<SetEndpointIdRequest, SetEndpointIdResponse>(there, new(SetEndpointIdOperation.Set, new Eid(20)))).Value;

        Assert.Equal((asked, status), ((int)set!.Value.PoolSize, (int)set.Value.Pool));
    }

    [Fact]
    public void BridgeWithoutAWantedSize_SetUp_EverybodyBehindItAnswers()
    {
        using var net = new BridgedNetwork();
        SimulatedMedium below = net.World.AddMedium("below");
        WorldNode bridge = net.World.AddNode("bridge", forwards: true);
        bridge.Connect(net.Backbone, 0x20);
        bridge.Connect(below, 0x10, LinkRole.BusOwner);
        WorldNode[] endpoints = net.AddEndpoints(below, 3);
        bridge.Start();
        net.SetUp();
        net.EverybodyAnswers(endpoints);
    }

    [Fact]
    public void BusOwnerAbove_WhoseRouteIsRefusedOnce_IsReachedAfterItsNextWord()
    {
        using var net = new BridgedNetwork();
        net.AddBridge(net.Backbone, 0x20, wants: 5, out WorldNode bridge);
        bridge.Host.RouteRefusal = HostError.Failed;
        net.Top.Start(options => options with { AutoDiscover = false });
        var there = new MctpEndPoint(Eid.Null, MessageType.Control, MctpTag.Owner, 1, net.Top.Links[0].Index, new PhysicalAddress([0x20]));
        net.World.Finish(net.Top.Controller.Queries.AskAsync<SetEndpointIdRequest, SetEndpointIdResponse>(there, new(SetEndpointIdOperation.Set, new Eid(20))));
        net.Rest();
        Assert.Null(bridge.Controller.Endpoints.Find(1, new Eid(BridgedNetwork.TopEid)));

        bridge.Host.RouteRefusal = null;
        net.World.Finish(net.Top.Controller.Queries.AskAsync<SetEndpointIdRequest, SetEndpointIdResponse>(there, new(SetEndpointIdOperation.Set, new Eid(20))));
        net.Rest();

        Assert.True(bridge.Controller.Endpoints.Find(1, new Eid(BridgedNetwork.TopEid)) is { IsPublished: true });
        Assert.True(bridge.Stack.TryResolve(new Eid(BridgedNetwork.TopEid), 1, out _));
    }

    [Fact]
    public void SecondBus_WithoutForce_IsRejectedAndTakesOverByForce()
    {
        using var net = new BridgedNetwork();
        SimulatedMedium other = net.World.AddMedium("other");
        WorldNode bridge = net.World.AddNode("twice", forwards: true);
        bridge.Connect(net.Backbone, 0x20);
        bridge.Connect(other, 0x20);
        bridge.Connect(net.World.AddMedium("below"), 0x10, LinkRole.BusOwner);
        bridge.Start(options => options with { WantedPoolSize = 5 });
        WorldNode rival = net.World.AddNode("rival", forwards: true);
        rival.Connect(other, 0x10, LinkRole.BusOwner, own: 200);
        rival.Start(options => options with { AutoDiscover = false });
        net.SetUp();
        var there = new MctpEndPoint(Eid.Null, MessageType.Control, MctpTag.Owner, 1, 1, new PhysicalAddress([0x20]));

        SetEndpointIdResponse? set = net.World.Finish(
            rival.Controller.Queries.AskAsync<SetEndpointIdRequest, SetEndpointIdResponse>(there, new(SetEndpointIdOperation.Set, new Eid(201)))).Value;
        Assert.True(set!.Value.IsRejected);
        Assert.Equal(Eid.Null, set.Value.Eid);
        AllocateEndpointIdsResponse? allocated = net.World.Finish(
            rival.Controller.Queries.AskAsync<AllocateEndpointIdsRequest, AllocateEndpointIdsResponse>(there, new(AllocateEndpointIdsOperation.Allocate, 5, new Eid(210)))).Value;
        Assert.True(allocated!.Value.IsRejected);
        set = net.World.Finish(
            rival.Controller.Queries.AskAsync<SetEndpointIdRequest, SetEndpointIdResponse>(there, new(SetEndpointIdOperation.Force, new Eid(201)))).Value;
        Assert.False(set!.Value.IsRejected);
        allocated = net.World.Finish(
            rival.Controller.Queries.AskAsync<AllocateEndpointIdsRequest, AllocateEndpointIdsResponse>(there, new(AllocateEndpointIdsOperation.Force, 5, new Eid(210)))).Value;
        Assert.Equal(new AllocateEndpointIdsResponse(IsRejected: false, 5, new Eid(210)), allocated);
        net.Rest();

        Assert.Equal([(2, 201), (3, 201)], bridge.Host.Addresses().Where(address => address.Link != 1).Select(address => (address.Link, (int)address.Eid.Value)));
    }

    [Fact]
    public void RoutingUpdate_OfTheOwner_SplitsAndReplaces()
    {
        using var net = new BridgedNetwork();
        net.AddBridge(net.Backbone, 0x20, wants: 5, out WorldNode bridge);
        net.SetUp();
        ManagedEndpoint known = net.Top.Controller.Endpoints.All.Single(peer => peer.Pool is not null);

        Update(net, known, CompletionCode.Success, new RoutingUpdateEntry(RoutingEntryKind.RangeWithBridge, 20, new Eid(100), new PhysicalAddress([0x30])));
        Update(net, known, CompletionCode.Success, new RoutingUpdateEntry(RoutingEntryKind.Endpoint, 1, new Eid(105), new PhysicalAddress([0x31])));

        Assert.Equal(
            [
                new RoutingUpdateEntry(RoutingEntryKind.RangeWithBridge, 5, new Eid(100), new PhysicalAddress([0x30])),
                new RoutingUpdateEntry(RoutingEntryKind.Endpoint, 1, new Eid(105), new PhysicalAddress([0x31])),
                new RoutingUpdateEntry(RoutingEntryKind.RangeWithoutBridge, 14, new Eid(106), new PhysicalAddress([0x30])),
            ],
            bridge.Controller.Bridge.UpstreamOf(1).Routes.Entries.Where(entry => entry.First.Value >= 100));
        Assert.True(bridge.Stack.TryResolve(new Eid(105), 1, out ResolvedRoute route));
        Assert.Equal(new PhysicalAddress([0x31]), route.Address);
        Assert.True(bridge.Stack.TryResolve(new Eid(110), 1, out route));
        Assert.Equal(new PhysicalAddress([0x30]), route.Address);
        Assert.True(bridge.Stack.TryResolve(new Eid(90), 1, out route));
        Assert.Equal(new PhysicalAddress([0x10]), route.Address);
    }

    [Fact]
    public void RoutingUpdate_ThatLies_ChangesNothing()
    {
        using var net = new BridgedNetwork();
        SimulatedMedium below = net.AddBridge(net.Backbone, 0x20, wants: 5, out WorldNode bridge);
        WorldNode endpoint = net.AddEndpoints(below, 1)[0];
        net.SetUp();
        ManagedEndpoint known = net.Top.Controller.Endpoints.All.Single(peer => peer.Pool is not null);

        // Over our own pool, outside of 8 to 254, of an unknown kind: the first is plausible and foreign to us, the others are nonsense.
        Update(net, known, CompletionCode.Success, new RoutingUpdateEntry(RoutingEntryKind.RangeWithoutBridge, 200, new Eid(8), new PhysicalAddress([0x30])));
        Update(net, known, CompletionCode.InvalidData, new RoutingUpdateEntry(RoutingEntryKind.RangeWithoutBridge, 200, new Eid(100), new PhysicalAddress([0x30])));
        Update(net, known, CompletionCode.InvalidData, new RoutingUpdateEntry((RoutingEntryKind)7, 1, new Eid(100), new PhysicalAddress([0x30])));
        Update(net, known, CompletionCode.InvalidData, new RoutingUpdateEntry(RoutingEntryKind.Endpoint, 2, new Eid(100), new PhysicalAddress([0x30])));
        Update(net, known, CompletionCode.InvalidData, new RoutingUpdateEntry(RoutingEntryKind.Endpoint, 0, new Eid(100), new PhysicalAddress([0x30])));
        Update(net, known, CompletionCode.InvalidData, new RoutingUpdateEntry(RoutingEntryKind.Endpoint, 1, new Eid(100), default));

        Assert.DoesNotContain(bridge.Controller.Bridge.UpstreamOf(1).Routes.Entries, entry => entry.Address != new PhysicalAddress([0x10]));
        Eid eid = Assert.Single(endpoint.Host.Addresses()).Eid;
        Assert.Equal(eid, net.Ping(eid));
        Invariants.Hold(net.World);
    }

    [Fact]
    public void QueryHop_ThroughTheBridge_NamesTheNextOne()
    {
        using var net = new BridgedNetwork();
        SimulatedMedium one = net.AddBridge(net.Backbone, 0x20, wants: 30, out WorldNode first);
        SimulatedMedium two = net.AddBridge(one, 0x21, wants: 5, out WorldNode second);
        WorldNode endpoint = net.AddEndpoints(two, 1)[0];
        net.SetUp();
        Eid target = Assert.Single(endpoint.Host.Addresses()).Eid;
        Eid firstEid = first.Host.Addresses().Single(address => address.Link == 1).Eid;
        Eid secondEid = second.Host.Addresses().Single(address => address.Link == 1).Eid;

        Assert.Equal(secondEid, Hop(net, firstEid, target));
        Assert.Equal(target, Hop(net, secondEid, target));
        Assert.Equal(Eid.Null, Hop(net, firstEid, firstEid));
        Assert.Equal(Eid.Null, Hop(net, firstEid, new Eid(BridgedNetwork.TopEid)));
        Assert.Null(Hop(net, firstEid, new Eid(250)));
    }

    [Fact]
    public void Owner_AnotherEid_TheOldPoolIsGone()
    {
        using var net = new BridgedNetwork();
        SimulatedMedium below = net.AddBridge(net.Backbone, 0x20, wants: 5, out WorldNode bridge);
        WorldNode endpoint = net.AddEndpoints(below, 1)[0];
        net.SetUp();
        ManagedEndpoint known = net.Top.Controller.Endpoints.All.Single(peer => peer.Pool is not null);
        Eid before = Assert.Single(endpoint.Host.Addresses()).Eid;

        net.World.Finish(net.Top.Controller.RemoveEndpointAsync(1, known.Eid));
        SetupOutcome outcome = net.World.Finish(net.Top.Controller.AssignBridgeStaticAsync(1, new PhysicalAddress([0x20]), new Eid(150), new Eid(160), 5));
        net.Rest();

        Assert.Equal(new EidPool(new Eid(160), 5), outcome.Pool);
        Eid after = Assert.Single(endpoint.Host.Addresses()).Eid;
        Assert.NotEqual(before, after);
        Assert.InRange(after.Value, 160, 164);
        Assert.Equal(after, net.Ping(after));
        Assert.Equal(new Eid(150), bridge.Host.Addresses().Single(address => address.Link == 1).Eid);
        Invariants.Hold(net.World);
    }

    [Fact]
    public void Owner_Restarted_FindsTheBridgeAndItsPoolAgain()
    {
        using var net = new BridgedNetwork();
        SimulatedMedium below = net.AddBridge(net.Backbone, 0x20, wants: 5, out _);
        WorldNode[] endpoints = net.AddEndpoints(below, 3);
        net.SetUp();

        net.Top.Restart();
        net.SetUpTop();
        net.Rest();

        Invariants.Hold(net.World);
        foreach (WorldNode endpoint in endpoints)
        {
            Eid eid = Assert.Single(endpoint.Host.Addresses()).Eid;
            Assert.Equal(eid, net.Ping(eid));
        }
    }

    [Fact]
    public void Bridge_Restarted_GetsItsEidAndPoolBack()
    {
        using var net = new BridgedNetwork();
        SimulatedMedium below = net.AddBridge(net.Backbone, 0x20, wants: 5, out WorldNode bridge);
        WorldNode endpoint = net.AddEndpoints(below, 1)[0];
        net.SetUp();
        ManagedEndpoint known = net.Top.Controller.Endpoints.All.Single(peer => peer.Pool is not null);

        bridge.Restart();
        net.World.Finish(net.Top.Controller.RecoverEndpointAsync(1, known.Eid));
        net.Rest(20_000);

        Invariants.Hold(net.World);
        Assert.Equal(known.Eid, bridge.Host.Addresses().Single(address => address.Link == 1).Eid);
        Eid eid = Assert.Single(endpoint.Host.Addresses()).Eid;
        Assert.Equal(eid, net.Ping(eid));
    }

    [Fact]
    public void DiscoveryNotify_OfANewEndpoint_ReachesTheBusOwner()
    {
        using var world = new World();
        SimulatedMedium pcie = world.AddMedium("pcie", PhysicalBinding.PcieVdm);
        WorldNode owner = world.AddNode("owner");
        owner.Connect(pcie, 0x10, LinkRole.BusOwner, own: 8);
        owner.Start(options => options with { AutoDiscover = false });
        var notified = new List<ControlRequest>();
        owner.Controller.Responder.DiscoveryNotified += notified.Add;
        WorldNode device = world.AddNode("device");
        device.Connect(pcie, 0x55);

        device.Start();
        world.Run(1000);

        Assert.Equal(new PhysicalAddress([0x55]), Assert.Single(notified).From.Address);
        Assert.Equal(1, owner.Controller.ResponderStatistics.Answered);
    }

    [Fact]
    public void DiscoveryNotify_NobodyAnswers_EndsAfterThreeRounds()
    {
        using var world = new World();
        SimulatedMedium pcie = world.AddMedium("pcie", PhysicalBinding.PcieVdm);
        WorldNode silent = world.AddNode("silent");
        silent.Connect(pcie, 0x10);
        WorldNode device = world.AddNode("device");
        device.Connect(pcie, 0x55);

        device.Start();
        world.Run(60_000);

        Assert.Equal(3 * 4, world.Log.Count);
        Assert.True(device.Controller.WhenIdleAsync().IsCompleted);
    }

    private static void Update(BridgedNetwork net, ManagedEndpoint bridge, CompletionCode expected, params RoutingUpdateEntry[] entries)
    {
        byte[] data = new byte[61];
        int length = new RoutingInformationUpdateRequest(entries).Emit(data);
        ControlAnswer answer = net.World.Finish(net.Top.Controller.Queries.AskAsync(bridge.ByRoute, ControlCommand.RoutingInformationUpdate, data.AsMemory(0, length)));
        Assert.Equal(expected, answer.Code);
        net.Rest();
    }

    private static Eid? Hop(BridgedNetwork net, Eid bridge, Eid target)
    {
        var to = new MctpEndPoint(bridge, MessageType.Control, MctpTag.Owner, 1);
        return net.World.Finish(net.Top.Controller.Queries.AskAsync<QueryHopRequest, QueryHopResponse>(to, new(target, MessageType.Control))).Value?.NextBridge;
    }
}
