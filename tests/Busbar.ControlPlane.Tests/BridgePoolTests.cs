// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.ControlPlane.Tests;

public sealed class BridgePoolTests
{
    [Fact]
    public void AssignBridge_WantsPool_GetsEidsBehindItsOwn()
    {
        using var world = new ControlWorld();
        FakePeer bridge = world.AddBridge(0x1D, behind: 2);
        SetupOutcome outcome = world.Assign(bridge);
        var pool = new EidPool(new Eid(10), 2);
        Assert.Equal(new SetupOutcome(new Eid(9), 1, IsNew: true, pool), outcome);
        Assert.Equal(pool, bridge.Pool);
        Assert.Contains(new HostRoute(new Eid(10), new Eid(11), 0, new Eid(9), 1, 0), world.Host.Routes());
        Assert.Equal(["+1/8", "+1/9", "1/9 Pool"], world.Events);
    }

    [Fact]
    public void Setup_BridgeThatWasAssigned_IsNotNewAndKeepsItsPool()
    {
        using var world = new ControlWorld();
        FakePeer bridge = world.AddBridge(0x1D, behind: 2);
        SetupOutcome assigned = world.Assign(bridge);
        Assert.Equal(EndpointKind.BusOwnerOrBridge, world.Endpoint(9).Kind);
        Assert.Equal(assigned with { IsNew = false }, world.Setup(bridge));
    }

    [Fact]
    public void AssignBridge_WantsMoreThanTheLargestPool_IsCut()
    {
        using var world = new ControlWorld(ControlWorld.DefaultOptions with { MaximumPoolSize = 1 });
        Assert.Equal(new EidPool(new Eid(10), 1), world.Assign(world.AddBridge(0x1D, behind: 2)).Pool);
    }

    [Fact]
    public void AssignBridge_NoPlaceForLargestPool_TakesTheLargestGap()
    {
        using var world = new ControlWorld(ControlWorld.DefaultOptions with { DynamicFirst = new(8), DynamicLast = new(13) });
        world.AssignStatic(world.AddPeer(0x09), 10);
        Assert.Equal(new EidPool(new Eid(12), 2), world.Assign(world.AddBridge(0x1D, behind: 3)).Pool);
    }

    [Fact]
    public void AssignBridge_LessThanLargestPoolLeftButEnough_GetsAll()
    {
        using var world = new ControlWorld(ControlWorld.DefaultOptions with { DynamicFirst = new(10), DynamicLast = new(17), MaximumPoolSize = 5 });
        Assert.Equal(new EidPool(new Eid(11), 3), world.Assign(world.AddBridge(0x30, behind: 3)).Pool);
        Assert.Equal(new EidPool(new Eid(15), 3), world.Assign(world.AddBridge(0x31, behind: 3)).Pool);
    }

    [Fact]
    public void AssignStatic_EidInPool_IsInUseAndTheNextIsFree()
    {
        using var world = new ControlWorld();
        FakePeer bridge = world.AddBridge(0x1D, behind: 3);
        world.Assign(bridge);
        for (byte eid = 10; eid <= 12; eid++)
        {
            FakePeer peer = world.AddPeer((byte)(0x30 + eid));
            byte wanted = eid;
            Assert.Equal("Address in use", world.Fails(() => world.Controller.AssignEndpointStaticAsync(1, peer.Address, new Eid(wanted))).Message);
        }

        Assert.Equal(new Eid(13), world.AssignStatic(world.AddPeer(0x60), 13).Eid);
    }

    [Fact]
    public void Learn_EidInPool_IsRefused()
    {
        using var world = new ControlWorld();
        world.Assign(world.AddBridge(0x1D, behind: 3));
        FakePeer peer = world.AddPeer(0x30, eid: 11);
        ControlPlaneException failure = world.Fails(() => world.Controller.LearnEndpointAsync(1, peer.Address));
        Assert.Equal((ControlPlaneError.EidClaimed, "Endpoint claimed EID 11 which is already used"), (failure.Error, failure.Message));
    }

    [Fact]
    public void Setup_EidInPool_IsAssignedElsewhere()
    {
        using var world = new ControlWorld();
        FakePeer bridge = world.AddBridge(0x1D, behind: 3);
        world.Assign(bridge);
        for (byte eid = 10; eid <= 12; eid++) Assert.False(bridge.Pool!.Value.Contains(world.Setup(world.AddPeer((byte)(0x30 + eid), eid)).Eid));
    }

    [Fact]
    public void Setup_BridgeWithEidOfItsOwn_IsReassignedSoThatItsPoolFits()
    {
        using var world = new ControlWorld();
        world.AssignStatic(world.AddPeer(0x1D), 10);
        FakePeer bridge = world.AddBridge(0x1E, behind: 1, eid: 9);
        SetupOutcome outcome = world.Setup(bridge);
        Assert.NotEqual(new Eid(9), outcome.Eid);
        Assert.Equal(outcome.Eid.Value + 1, bridge.Pool!.Value.First.Value);
    }

    public static TheoryData<string> BadAllocateAnswers => ["error", "other start", "other size", "silence", "short"];

    [Theory]
    [MemberData(nameof(BadAllocateAnswers))]
    public void AssignBridge_AllocateFails_KeepsEidAndHasNoPool(string how)
    {
        using var world = new ControlWorld();
        FakePeer bridge = world.AddBridge(0x1D, behind: 2);
        bridge.Overrides[ControlCommand.AllocateEndpointIds] = (request, _) => how switch
        {
            "error" => FakePeer.Answer(request, CompletionCode.Error),
            "other start" => FakePeer.Answer(request, CompletionCode.Success, 0, request[3], (byte)(request[4] + 1)),
            "other size" => FakePeer.Answer(request, CompletionCode.Success, 0, (byte)(request[3] + 1), request[4]),
            "short" => FakePeer.Answer(request, CompletionCode.Success, 0),
            _ => null,
        };
        SetupOutcome outcome = world.Assign(bridge);
        Assert.Equal(new SetupOutcome(new Eid(9), 1, IsNew: true), outcome);
        Assert.Null(world.Endpoint(9).HeldPool);
        Assert.DoesNotContain(world.Host.Routes(), static route => route.Gateway != Eid.Null);
        Assert.Equal(1, world.Controller.Statistics.PoolsRefused);
        Assert.DoesNotContain("1/9 Pool", world.Events);
    }

    [Fact]
    public void AssignBridge_HoldsAFreePoolFromBefore_KeepsIt()
    {
        using var world = new ControlWorld();
        FakePeer bridge = world.AddBridge(0x1D, behind: 2);
        bridge.Pool = new EidPool(new Eid(40), 2);
        Assert.Equal(new EidPool(new Eid(40), 2), world.Assign(bridge).Pool);
        Assert.Contains(world.Host.Routes(), static route => route.First == new Eid(40) && route.Last == new Eid(41) && route.Gateway == new Eid(9));
        Assert.Single(world.Host.Routes(), static route => route.Gateway != Eid.Null);
    }

    [Theory]
    [InlineData(8, 2)]
    [InlineData(40, 200)]
    [InlineData(250, 10)]
    [InlineData(0, 0)]
    public void AssignBridge_HoldsAPoolThatCannotBe_HasNone(byte first, int count)
    {
        using var world = new ControlWorld();
        FakePeer bridge = world.AddBridge(0x1D, behind: 2);
        bridge.Overrides[ControlCommand.AllocateEndpointIds] = (request, _) => FakePeer.Answer(request, CompletionCode.Success, 1, (byte)count, first);
        Assert.Null(world.Assign(bridge).Pool);
        Assert.DoesNotContain(world.Host.Routes(), static route => route.Gateway != Eid.Null);
        Assert.True(world.Endpoint(8).IsLocal);
    }

    [Fact]
    public void AssignBridgeStatic_FreePool_GetsIt()
    {
        using var world = new ControlWorld();
        FakePeer bridge = world.AddBridge(0x1D, behind: 4);
        SetupOutcome outcome = world.Run(() => world.Controller.AssignBridgeStaticAsync(1, bridge.Address, new Eid(20), new Eid(30), 4));
        Assert.Equal(new SetupOutcome(new Eid(20), 1, IsNew: true, new EidPool(new Eid(30), 4)), outcome);
        Assert.Equal(outcome.Pool, bridge.Pool);
    }

    [Fact]
    public void AssignBridgeStatic_NoStart_PoolFollowsTheEid()
    {
        using var world = new ControlWorld();
        FakePeer bridge = world.AddBridge(0x1D, behind: 4);
        SetupOutcome outcome = world.Run(() => world.Controller.AssignBridgeStaticAsync(1, bridge.Address, new Eid(20), Eid.Null, 4));
        Assert.Equal(new EidPool(new Eid(21), 4), outcome.Pool);
    }

    [Theory]
    [InlineData(9, 30, 4, "Address in use")]
    [InlineData(20, 9, 4, "Ran out of EIDs")]
    [InlineData(20, 7, 4, "Bad pool start EID")]
    [InlineData(20, 19, 4, "Bad pool start EID")]
    [InlineData(20, 253, 4, "Bad pool start EID")]
    [InlineData(20, 0, 245, "Ran out of EIDs")]
    public void AssignBridgeStatic_Conflict_IsRefused(byte eid, byte start, int size, string text)
    {
        using var world = new ControlWorld();
        world.Assign(world.AddPeer(0x1E));
        FakePeer bridge = world.AddBridge(0x1D, behind: 4);
        Assert.Equal(text, world.Fails(() => world.Controller.AssignBridgeStaticAsync(1, bridge.Address, new Eid(eid), new Eid(start), size)).Message);
        Assert.Empty(bridge.Requests);
    }

    [Fact]
    public void AssignBridge_InsistsOnOtherEid_GetsNoPool()
    {
        using var world = new ControlWorld();
        FakePeer bridge = world.AddBridge(0x1D, behind: 2);
        bridge.Overrides[ControlCommand.SetEndpointId] = (request, _) =>
        {
            bridge.Eid = new Eid(99);
            return FakePeer.Answer(request, CompletionCode.Success, 0x11, 99, 2);
        };
        Assert.Equal(new SetupOutcome(new Eid(99), 1, IsNew: true), world.Assign(bridge));
        Assert.Equal(0, bridge.CountOf(ControlCommand.AllocateEndpointIds));
    }

    [Fact]
    public void AssignBridge_TwoAtOnceWithLittleRoom_BothGetAll()
    {
        using var world = new ControlWorld(ControlWorld.DefaultOptions with { DynamicFirst = new(10), DynamicLast = new(17), MaximumPoolSize = 5 });
        FakePeer first = world.AddBridge(0x30, behind: 3);
        FakePeer second = world.AddBridge(0x31, behind: 3);
        first.Delay = second.Delay = TimeSpan.FromMilliseconds(10);
        Task<SetupOutcome> one = world.Begin(() => world.Controller.SetupEndpointAsync(1, first.Address));
        Task<SetupOutcome> two = world.Begin(() => world.Controller.SetupEndpointAsync(1, second.Address));
        Assert.Equal(new EidPool(new Eid(11), 3), world.Finish(one).Pool);
        Assert.Equal(new EidPool(new Eid(15), 3), world.Finish(two).Pool);
    }

    [Fact]
    public void AssignBridge_WhileASilentOneKeepsTheRoom_WaitsNoLongerThanAQuery()
    {
        using var world = new ControlWorld(ControlWorld.DefaultOptions with { DynamicFirst = new(10), DynamicLast = new(17), MaximumPoolSize = 5 });
        FakePeer silent = world.AddBridge(0x30, behind: 3);
        silent.IsPresent = false;
        FakePeer second = world.AddBridge(0x31, behind: 3);
        Task<SetupOutcome> one = world.Begin(() => world.Controller.AssignEndpointAsync(1, silent.Address));
        TimeSpan began = world.Time.Now;
        Assert.NotEqual(Eid.Null, world.Finish(world.Begin(() => world.Controller.AssignEndpointAsync(1, second.Address))).Eid);
        Assert.InRange(world.Time.Now - began, TimeSpan.Zero, TimeSpan.FromMilliseconds(1500));
        Assert.Throws<ControlPlaneException>(() => world.Finish(one));
    }

    [Fact]
    public void AssignBridge_ManyAtOnce_PoolsNeverOverlap()
    {
        using var world = new ControlWorld();
        FakePeer[] bridges = [.. Enumerable.Range(0, 30).Select(number => world.AddBridge((byte)(number + 0x20), behind: 5))];
        foreach (FakePeer bridge in bridges) bridge.Delay = TimeSpan.FromMilliseconds(10);
        Task<SetupOutcome>[] all = [.. bridges.Select(peer => world.Begin(() => world.Controller.SetupEndpointAsync(1, peer.Address)))];
        var taken = new HashSet<int>();
        foreach (Task<SetupOutcome> one in all)
        {
            SetupOutcome outcome = world.Finish(one);
            Assert.True(taken.Add(outcome.Eid.Value));
            for (int i = 0; i < (outcome.Pool?.Count ?? 0); i++) Assert.True(taken.Add(outcome.Pool!.Value.First.Value + i));
        }

        Assert.All(all, static one => Assert.Equal(5, one.Result.Pool?.Count));
    }
}
