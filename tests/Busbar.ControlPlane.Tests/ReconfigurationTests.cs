// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.ControlPlane.Tests;

/// <summary>A controller whose options change while it runs.</summary>
public sealed class ReconfigurationTests
{
    private static readonly NetworkControllerOptions s_usual = ControlWorld.DefaultOptions;

    [Fact]
    public void Range_Changed_CountsForTheNextOnly()
    {
        using var world = new ControlWorld();
        world.Assign(world.AddPeer(0x1D));

        Reconfigure(world, s_usual with { DynamicFirst = new(100), DynamicLast = new(120), MaximumPoolSize = 2 });

        Assert.Equal([9, 100], [.. world.PeerEids, world.Assign(world.AddPeer(0x1E)).Eid.Value]);
        Assert.Equal(2, world.Assign(world.AddBridge(0x1F, behind: 5)).Pool?.Count);
    }

    [Fact]
    public void Uuid_Changed_StaysWhatItWas()
    {
        using var world = new ControlWorld();
        Reconfigure(world, s_usual with { Uuid = Guid.NewGuid() });
        Assert.Equal(s_usual.Uuid, world.Controller.Options.Uuid);
    }

    [Fact]
    public void Options_ThatAreWrong_ChangeNothing()
    {
        using var world = new ControlWorld();
        Assert.Throws<ArgumentOutOfRangeException>(() => Reconfigure(world, s_usual with { DynamicFirst = new(100), DynamicLast = new(99) }));
        Assert.Same(s_usual, world.Controller.Options);
    }

    [Fact]
    public void Discovery_SwitchedOn_LooksAtOnce()
    {
        using var world = new ControlWorld();
        world.AddPeer(0x1D);
        NetworkControllerOptions scanning = s_usual with { AutoDiscover = true, ScanAddresses = static _ => [new PhysicalAddress([0x1D])] };

        Reconfigure(world, scanning);
        world.Settle();
        Assert.Equal([9], world.PeerEids);

        world.AddPeer(0x1E);
        Reconfigure(world, scanning with { ScanAddresses = static _ => [new PhysicalAddress([0x1D]), new PhysicalAddress([0x1E])] });
        world.Settle();
        Assert.Equal([9, 10], world.PeerEids);
    }

    [Fact]
    public void Polling_SwitchedOnAndOff_BeginsAndEnds()
    {
        using var world = new ControlWorld();
        world.Assign(world.AddBridge(0x1D, behind: 2));
        world.Pass(TimeSpan.FromMinutes(1));
        Assert.Equal([9], world.PeerEids);

        Reconfigure(world, s_usual with { EndpointPoll = TimeSpan.FromSeconds(3) });
        world.Pass(TimeSpan.FromSeconds(10));
        Assert.Equal([9, 10, 11], world.PeerEids);

        Reconfigure(world, s_usual);
        world.Pass(TimeSpan.FromSeconds(4));
        long polls = world.Controller.Statistics.Polls;
        world.Pass(TimeSpan.FromMinutes(10));
        Assert.Equal(polls, world.Controller.Statistics.Polls);
    }

    [Fact]
    public void Role_Changed_LinkGetsItAndWhatAPersonSaidStaysElsewhere()
    {
        using var world = new ControlWorld(s_usual with { RoleOf = static link => link.Index == 1 ? LinkRole.BusOwner : LinkRole.Unknown });
        world.Host.AddLink(2);
        world.Run(() => world.Controller.SetRoleAsync(2, LinkRole.Endpoint));

        Reconfigure(world, s_usual with { RoleOf = static link => link.Index == 1 ? LinkRole.Endpoint : LinkRole.Unknown });

        Assert.Equal([LinkRole.Endpoint, LinkRole.Endpoint], world.Controller.Links.All.Select(static link => link.Role));
        Assert.Equal("Not the bus owner of mctp0", world.Fails(() => world.Controller.SetupEndpointAsync(1, new PhysicalAddress([0x1D]))).Message);
    }

    [Fact]
    public void Role_OfABridgesUpperLink_BecomesBusOwner_PoolGoesAndTheUsualRangeCounts()
    {
        using var world = new ControlWorld(s_usual with { RoleOf = static link => link.Index == 1 ? LinkRole.BusOwner : LinkRole.Endpoint });
        world.Host.AddLink(2);
        Assert.Equal(0, world.Controller.Bridge.DynamicRange(1)!.Value.Count);
        Assert.Empty(world.Controller.FreeEids(1));

        Reconfigure(world, s_usual);

        Assert.Null(world.Controller.Bridge.DynamicRange(1));
        Assert.Equal(246, world.Controller.FreeEids(1).Count);
        Assert.Equal(new Eid(9), world.Assign(world.AddPeer(0x1D)).Eid);
    }

    [Fact]
    public void SystemBelow_IsChangedBeforeAnybodyIsLookedFor()
    {
        using var world = new ControlWorld(s_usual with { AutoDiscover = false });
        FakePeer peer = world.AddPeer(0x1D);
        int asked = -1;

        world.Run(() => world.Controller.ReconfigureAsync(
            s_usual with { AutoDiscover = true, ScanAddresses = static _ => [new PhysicalAddress([0x1D])] },
            () =>
            {
                asked = peer.Requests.Count;
                return Task.CompletedTask;
            }));
        world.Settle();

        Assert.Equal(0, asked);
        Assert.Equal([9], world.PeerEids);
    }

    [Theory]
    [InlineData(LinkRole.Unknown)]
    [InlineData((LinkRole)7)]
    public void SetRole_ThatIsNone_IsRefused(LinkRole role)
    {
        using var world = new ControlWorld(s_usual with { RoleOf = static _ => LinkRole.Unknown });
        Assert.Equal(ControlPlaneError.InvalidArgument, world.Fails(() => world.Controller.SetRoleAsync(1, role)).Error);
    }

    private static void Reconfigure(ControlWorld world, NetworkControllerOptions options) => world.Run(() => world.Controller.ReconfigureAsync(options));
}
