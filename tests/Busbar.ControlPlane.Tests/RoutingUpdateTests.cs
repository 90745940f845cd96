// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.ControlPlane.Tests;

public sealed class RoutingUpdateTests
{
    [Fact]
    public void PoolGranted_BridgeIsTold_WhoElseIsThere()
    {
        using var world = new ControlWorld();
        world.Setup(world.AddPeer(0x30));
        FakePeer first = world.AddBridge(0x1D, behind: 2);
        FakePeer second = world.AddBridge(0x1E, behind: 3);
        world.Assign(first);
        world.Assign(second);
        world.Settle();
        Assert.Equal(
            [
                new(RoutingEntryKind.Bridge, 1, new Eid(8), new PhysicalAddress([0x10])),
                new(RoutingEntryKind.Endpoint, 1, new Eid(9), new PhysicalAddress([0x30])),
                new(RoutingEntryKind.RangeWithBridge, 4, new Eid(13), new PhysicalAddress([0x1E])),
            ],
            Told(first));
        Assert.Contains(new RoutingUpdateEntry(RoutingEntryKind.RangeWithBridge, 3, new Eid(10), new PhysicalAddress([0x1D])), Told(second));
    }

    [Fact]
    public void NewEndpoint_BridgeIsTold_OnlyThat()
    {
        using var world = new ControlWorld();
        FakePeer bridge = world.AddBridge(0x1D, behind: 2);
        world.Assign(bridge);
        world.Settle();
        int before = Told(bridge).Count;
        world.Setup(world.AddPeer(0x30));
        world.Settle();
        Assert.Equal([new(RoutingEntryKind.Endpoint, 1, new Eid(12), new PhysicalAddress([0x30]))], Told(bridge).Skip(before));
    }

    [Fact]
    public void EndpointOnAnotherLink_BridgeIsTold_OurOwnAddress()
    {
        using var world = new ControlWorld();
        world.Host.AddLink(2);
        world.Setup(world.AddPeer(0x44, eid: 77, link: 2));
        FakePeer bridge = world.AddBridge(0x1D, behind: 2);
        world.Assign(bridge);
        world.Settle();
        Assert.Contains(new RoutingUpdateEntry(RoutingEntryKind.Endpoint, 1, new Eid(77), new PhysicalAddress([0x10])), Told(bridge));
    }

    [Fact]
    public void ManyEndpoints_MessagesFitOnePacket()
    {
        using var world = new ControlWorld();
        for (int i = 0; i < 100; i++) world.Setup(world.AddPeer((byte)(0x30 + i)));
        FakePeer bridge = world.AddBridge(0x1D, behind: 2);
        world.Assign(bridge);
        world.Settle();
        Assert.Equal(101, Told(bridge).Count);
        Assert.All(bridge.Requests, static request => Assert.True(request.Body.Length <= ControlHeader.LargestMessage));
        Assert.Equal(7, bridge.CountOf(ControlCommand.RoutingInformationUpdate));
    }

    [Fact]
    public void Update_Unsupported_BridgeIsLeftAloneAndWorksOn()
    {
        using var world = new ControlWorld();
        FakePeer bridge = world.AddBridge(0x1D, behind: 2);
        bridge.Refuse(ControlCommand.RoutingInformationUpdate, CompletionCode.UnsupportedCommand);
        world.Assign(bridge);
        world.Settle();
        world.Setup(world.AddPeer(0x30));
        world.Settle();
        world.Pass(TimeSpan.FromHours(1));
        Assert.Equal(1, bridge.CountOf(ControlCommand.RoutingInformationUpdate));
        Assert.Equal(1, world.Controller.Statistics.RoutingUpdatesRefused);
        Assert.NotNull(world.Endpoint(9).Pool);
    }

    [Theory]
    [InlineData(CompletionCode.CommandSpecific)]
    [InlineData(CompletionCode.Error)]
    [InlineData(CompletionCode.NotReady)]
    [InlineData(null)]
    public void Update_RefusedForNow_IsSentAgainAndEverythingArrives(CompletionCode? code)
    {
        using var world = new ControlWorld();
        FakePeer bridge = world.AddBridge(0x1D, behind: 2);
        if (code is { } refusal) bridge.Refuse(ControlCommand.RoutingInformationUpdate, refusal);
        else bridge.Ignore(ControlCommand.RoutingInformationUpdate);
        world.Assign(bridge);
        world.Settle();
        Assert.Equal(0, world.Controller.Statistics.RoutingUpdates);

        bridge.Overrides.Remove(ControlCommand.RoutingInformationUpdate);
        world.Pass(TimeSpan.FromSeconds(11));

        Assert.Equal(1, world.Controller.Statistics.RoutingUpdates);
        Assert.Single(world.Notes, static note => note.Text.Contains("does not take routing updates", StringComparison.Ordinal));
    }

    [Fact]
    public void Update_RefusedForEver_IsSentAtGrowingDistances()
    {
        using var world = new ControlWorld();
        FakePeer bridge = world.AddBridge(0x1D, behind: 2);
        bridge.Refuse(ControlCommand.RoutingInformationUpdate, CompletionCode.CommandSpecific);
        world.Assign(bridge);
        world.Pass(TimeSpan.FromHours(1));
        Assert.InRange(bridge.CountOf(ControlCommand.RoutingInformationUpdate), 10, 25);
        Assert.Single(world.Notes, static note => note.Text.Contains("its table is full", StringComparison.Ordinal));
    }

    [Fact]
    public void Change_WhileALongUpdateIsOnItsWay_TheNewestWordComesLast()
    {
        using var world = new ControlWorld();
        FakePeer moving = world.AddPeer(0x2F);
        world.AssignStatic(moving, 200);
        for (int i = 0; i < 60; i++) world.AssignStatic(world.AddPeer((byte)(0x30 + i)), (byte)(30 + i));
        FakePeer bridge = world.AddBridge(0x1D, behind: 2);
        bridge.Delay = TimeSpan.FromMilliseconds(200);
        world.Assign(bridge);

        // In the middle of the list most endpoints go, and EID 200 moves to another place: what is new is short, and what is left of the old list is long.
        int begun = bridge.CountOf(ControlCommand.RoutingInformationUpdate);
        for (int i = 0; i < 100 && bridge.CountOf(ControlCommand.RoutingInformationUpdate) == begun; i++) world.Pass(TimeSpan.FromMilliseconds(20));
        for (byte eid = 30; eid < 90; eid++)
        {
            byte gone = eid;
            world.Run(() => world.Controller.RemoveEndpointAsync(1, new Eid(gone)));
        }

        world.Run(() => world.Controller.RemoveEndpointAsync(1, new Eid(200)));
        world.AssignStatic(world.AddPeer(0x7F), 200);
        world.Settle();

        RoutingUpdateEntry last = Told(bridge).Last(static entry => entry.First == new Eid(200));
        Assert.Equal(new PhysicalAddress([0x7F]), last.Address);
    }

    [Fact]
    public void Update_AnswersGetLost_IsSentAgain()
    {
        using var world = new ControlWorld();
        FakePeer bridge = world.AddBridge(0x1D, behind: 2);
        bridge.Losses[ControlCommand.RoutingInformationUpdate] = 3;
        world.Assign(bridge);
        world.Settle();
        Assert.Equal(1, world.Controller.Statistics.RoutingUpdates);
    }

    [Fact]
    public void SimpleEndpoints_AreNotTold()
    {
        using var world = new ControlWorld();
        FakePeer first = world.AddPeer(0x30);
        world.Setup(first);
        world.Setup(world.AddPeer(0x31));
        world.Settle();
        Assert.Equal(0, first.CountOf(ControlCommand.RoutingInformationUpdate));
    }

    private static List<RoutingUpdateEntry> Told(FakePeer bridge)
    {
        var all = new List<RoutingUpdateEntry>();
        foreach ((ControlCommand command, byte[] body) in bridge.Requests)
        {
            if (command != ControlCommand.RoutingInformationUpdate) continue;
            Assert.True(RoutingInformationUpdateRequest.TryParse(body.AsSpan(ControlHeader.Size), out RoutingInformationUpdateRequest request));
            all.AddRange(request.Entries);
        }

        return all;
    }
}
