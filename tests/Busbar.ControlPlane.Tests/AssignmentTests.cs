// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.ControlPlane.Tests;

public sealed class AssignmentTests
{
    [Fact]
    public void AssignStatic_FreeEid_GivesIt()
    {
        using var world = new ControlWorld();
        FakePeer peer = world.AddPeer(0x1D);
        Assert.Equal(new SetupOutcome(new Eid(12), 1, IsNew: true), world.AssignStatic(peer, 12));
        Assert.Equal(new Eid(12), peer.Eid);
        Assert.Equal([new HostNeighbour(1, new Eid(12), peer.Address)], world.Host.Neighbours());
        Assert.Single(world.Host.Routes());
    }

    [Fact]
    public void AssignStatic_SameEidAgain_IsNotNew()
    {
        using var world = new ControlWorld();
        FakePeer peer = world.AddPeer(0x1D);
        world.AssignStatic(peer, 12);
        Assert.False(world.AssignStatic(peer, 12).IsNew);
    }

    [Fact]
    public void AssignStatic_EidOfAnother_IsInUse()
    {
        using var world = new ControlWorld();
        Eid taken = world.Assign(world.AddPeer(0x1D)).Eid;
        FakePeer second = world.AddPeer(0x1E);
        ControlPlaneException failure = world.Fails(() => world.Controller.AssignEndpointStaticAsync(1, second.Address, taken));
        Assert.Equal((ControlPlaneError.AddressInUse, "Address in use"), (failure.Error, failure.Message));
        Assert.Equal(Eid.Null, second.Eid);
    }

    [Theory]
    [InlineData(8)]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(255)]
    public void AssignStatic_OwnOrImpossibleEid_IsRefused(byte eid)
    {
        using var world = new ControlWorld();
        FakePeer peer = world.AddPeer(0x1D);
        world.Fails(() => world.Controller.AssignEndpointStaticAsync(1, peer.Address, new Eid(eid)));
        Assert.Empty(peer.Requests);
    }

    [Fact]
    public void AssignStatic_OtherEidThanBefore_IsRefused()
    {
        using var world = new ControlWorld();
        FakePeer peer = world.AddPeer(0x1D);
        world.AssignStatic(peer, 12);
        ControlPlaneException failure = world.Fails(() => world.Controller.AssignEndpointStaticAsync(1, peer.Address, new Eid(13)));
        Assert.Equal((ControlPlaneError.InvalidArgument, "Already assigned a different EID"), (failure.Error, failure.Message));
    }

    [Fact]
    public void Assign_KnownPeer_IsNotNew()
    {
        using var world = new ControlWorld();
        FakePeer peer = world.AddPeer(0x1D);
        world.Assign(peer);
        Assert.False(world.Assign(peer).IsNew);
    }

    [Fact]
    public void Assign_DynamicRange_BeginsAtItsFirst()
    {
        using var world = new ControlWorld(ControlWorld.DefaultOptions with { DynamicFirst = new(20), DynamicLast = new(254) });
        Assert.Equal(new Eid(20), world.Setup(world.AddPeer(0x1D)).Eid);
    }

    [Fact]
    public void Assign_DynamicRange_EndsAtItsLast()
    {
        using var world = new ControlWorld(ControlWorld.DefaultOptions with { DynamicFirst = new(20), DynamicLast = new(21) });
        Assert.InRange(world.Setup(world.AddPeer(0x01)).Eid.Value, 20, 21);
        Assert.InRange(world.Setup(world.AddPeer(0x02)).Eid.Value, 20, 21);
        FakePeer third = world.AddPeer(0x03);
        ControlPlaneException failure = world.Fails(() => world.Controller.SetupEndpointAsync(1, third.Address));
        Assert.Equal((ControlPlaneError.NoFreeEid, "Ran out of EIDs"), (failure.Error, failure.Message));
        Assert.Equal(Eid.Null, third.Eid);
    }

    [Fact]
    public void Assign_NoRoomForLargestPool_StillGivesAnEid()
    {
        using var world = new ControlWorld(ControlWorld.DefaultOptions with { DynamicFirst = new(10), DynamicLast = new(20), MaximumPoolSize = 11 });
        Assert.Equal(new Eid(10), world.Assign(world.AddPeer(0x1D)).Eid);
    }

    [Fact]
    public void Setup_ReservedEid_IsGivenToItsAddressOnly()
    {
        var owner = new PhysicalAddress([0x1D]);
        using var world = new ControlWorld(ControlWorld.DefaultOptions with
        {
            ReservedEid = (_, address) => address == owner ? new Eid(9) : null,
            ReservedEids = static _ => [new Eid(9)],
        });
        FakePeer stranger = world.AddPeer(0x1E);
        FakePeer squatter = world.AddPeer(0x1F, eid: 9);
        FakePeer reserved = world.AddPeer(0x1D, eid: 50);

        Assert.Equal(new Eid(10), world.Assign(stranger).Eid);
        Assert.Equal(new Eid(11), world.Setup(squatter).Eid);
        Assert.Equal("Address in use", world.Fails(() => world.Controller.AssignEndpointStaticAsync(1, new PhysicalAddress([0x30]), new Eid(9))).Message);
        Assert.Equal(new Eid(9), world.Setup(reserved).Eid);
        Assert.Equal(new Eid(9), reserved.Eid);
    }

    [Fact]
    public void Assign_FreedEids_AreReusedLastAndOldestFirstAndNotBeforeReclaim()
    {
        using var world = new ControlWorld(ControlWorld.DefaultOptions with { DynamicFirst = new(20), DynamicLast = new(22) });
        FakePeer[] peers = [.. Enumerable.Range(1, 3).Select(number => world.AddPeer((byte)number))];
        world.Setup(peers[0]);
        world.Setup(peers[1]);
        world.Run(() => world.Controller.RemoveEndpointAsync(1, new Eid(21)));
        world.Pass(TimeSpan.FromSeconds(1));
        world.Run(() => world.Controller.RemoveEndpointAsync(1, new Eid(20)));
        peers[0].Reset();
        peers[1].Reset();

        Assert.Equal(new Eid(22), world.Setup(peers[2]).Eid);
        Assert.Equal("Ran out of EIDs", world.Fails(() => world.Controller.SetupEndpointAsync(1, peers[0].Address)).Message);
        world.Pass(TimeSpan.FromSeconds(5));
        Assert.Equal(new Eid(21), world.Setup(peers[0]).Eid);
        Assert.Equal(new Eid(20), world.Setup(peers[1]).Eid);
    }

    [Fact]
    public void Assign_EndpointRefusedItsEid_TheEidIsUnusedStill()
    {
        using var world = new ControlWorld();
        FakePeer refusing = world.AddPeer(0x1D);
        refusing.Refuse(ControlCommand.SetEndpointId, CompletionCode.Error);
        world.Fails(() => world.Controller.SetupEndpointAsync(1, refusing.Address));
        Assert.Equal(new Eid(9), world.Setup(world.AddPeer(0x1E)).Eid);
    }

    [Fact]
    public void Assign_AnswerToSetEidLost_TheEidIsNotGivenToTheNext()
    {
        using var world = new ControlWorld();
        FakePeer mute = world.AddPeer(0x1D);
        mute.Ignore(ControlCommand.SetEndpointId);
        world.Fails(() => world.Controller.SetupEndpointAsync(1, mute.Address));
        Assert.Equal(new Eid(10), world.Setup(world.AddPeer(0x1E)).Eid);
    }
}
