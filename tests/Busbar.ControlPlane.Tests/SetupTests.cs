// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.ControlPlane.Tests;

public sealed class SetupTests
{
    [Fact]
    public void Setup_EndpointWithoutEid_AssignsConnectsAndPublishes()
    {
        using var world = new ControlWorld();
        FakePeer peer = world.AddPeer(0x1D);
        peer.Types = [MessageType.Control, MessageType.Pldm, MessageType.Spdm];

        SetupOutcome outcome = world.Setup(peer);

        Assert.Equal(new SetupOutcome(new Eid(9), 1, IsNew: true), outcome);
        Assert.Equal(outcome.Eid, peer.Eid);
        Assert.Equal([new HostNeighbour(1, outcome.Eid, peer.Address)], world.Host.Neighbours());
        Assert.Equal([new HostRoute(outcome.Eid, outcome.Eid, 1, Eid.Null, 1, 68)], world.Host.Routes());
        ManagedEndpoint endpoint = world.Endpoint(9);
        Assert.Equal(peer.Types, endpoint.MessageTypes);
        Assert.Equal(peer.Uuid, endpoint.Uuid);
        Assert.Equal(68, endpoint.Mtu);
        Assert.Equal(["+1/8", "+1/9"], world.Events);
    }

    [Fact]
    public void Setup_AgainWithSameEid_IsNotNew()
    {
        using var world = new ControlWorld();
        FakePeer peer = world.AddPeer(0x1D);
        world.Setup(peer);
        Assert.Equal(new SetupOutcome(peer.Eid, 1, IsNew: false), world.Setup(peer));
    }

    [Fact]
    public void Setup_EndpointWithFreeEid_IsAdopted()
    {
        using var world = new ControlWorld();
        FakePeer peer = world.AddPeer(0x1D, eid: 77);
        Assert.Equal(new SetupOutcome(new Eid(77), 1, IsNew: true), world.Setup(peer));
        Assert.Equal(0, peer.CountOf(ControlCommand.SetEndpointId));
    }

    [Fact]
    public void Setup_TwoDevicesClaimOneEid_SecondGetsAnother()
    {
        using var world = new ControlWorld();
        FakePeer first = world.AddPeer(0x1D);
        world.Setup(first);
        FakePeer second = world.AddPeer(0x1E, eid: first.Eid.Value);
        Assert.NotEqual(first.Eid, world.Setup(second).Eid);
        Assert.Equal(1, world.Controller.Statistics.Conflicts);
    }

    [Fact]
    public void Setup_PeerWithOtherEidThanBefore_IsDroppedAndAssigned()
    {
        using var world = new ControlWorld();
        FakePeer peer = world.AddPeer(0x1D);
        world.Setup(peer);
        peer.Reset();
        SetupOutcome outcome = world.Setup(peer);
        Assert.Equal(new SetupOutcome(new Eid(10), 1, IsNew: true), outcome);
        Assert.Equal(["+1/8", "+1/9", "-1/9", "+1/10"], world.Events);
        Assert.Single(world.Host.Routes());
    }

    [Theory]
    [InlineData(ControlCommand.GetEndpointId, null, "MCTP Endpoint did not respond")]
    [InlineData(ControlCommand.GetEndpointId, CompletionCode.NotReady, "MCTP Endpoint busy")]
    [InlineData(ControlCommand.GetEndpointId, CompletionCode.UnsupportedCommand, "Endpoint replied 'unsupported'")]
    [InlineData(ControlCommand.GetEndpointId, CompletionCode.Error, "MCTP Endpoint replied with failure")]
    [InlineData(ControlCommand.SetEndpointId, null, "MCTP Endpoint did not respond")]
    [InlineData(ControlCommand.SetEndpointId, CompletionCode.InvalidData, "MCTP Endpoint replied with failure")]
    [InlineData(ControlCommand.GetMessageTypeSupport, null, "MCTP Endpoint did not respond")]
    [InlineData(ControlCommand.GetMessageTypeSupport, CompletionCode.UnsupportedCommand, "Endpoint replied 'unsupported'")]
    public void Setup_MandatoryQueryFails_FailsAndLeavesNothing(ControlCommand command, CompletionCode? code, string text)
    {
        using var world = new ControlWorld();
        FakePeer peer = world.AddPeer(0x1D);
        if (code is { } known) peer.Refuse(command, known);
        else peer.Ignore(command);
        Assert.Equal(text, world.Fails(() => world.Controller.SetupEndpointAsync(1, peer.Address)).Message);
        AssertNothingLeft(world);
    }

    [Theory]
    [InlineData(ControlCommand.GetEndpointUuid)]
    [InlineData(ControlCommand.GetVendorDefinedSupport)]
    public void Setup_OptionalQueryFails_Succeeds(ControlCommand command)
    {
        using var world = new ControlWorld();
        FakePeer peer = world.AddPeer(0x1D);
        peer.Types = [MessageType.Control, MessageType.VendorPci];
        peer.VendorSets.Add(new VendorDefinedSet(VendorIdFormat.Pci, 0xABCD, 1));
        peer.Ignore(command);
        Assert.True(world.Setup(peer).IsNew);
        Assert.Equal(command == ControlCommand.GetEndpointUuid, world.Endpoint(9).Uuid is null);
    }

    [Theory]
    [InlineData("AddRoute")]
    [InlineData("AddNeighbour")]
    public void Setup_HostRefuses_FailsAndLeavesNothing(string what)
    {
        using var world = new ControlWorld();
        FakePeer peer = world.AddPeer(0x1D);
        world.Host.Refuse = call =>
        {
            if (call == what) throw new HostException(HostError.NotPermitted, "not permitted");
        };
        Assert.Equal(ControlPlaneError.HostRefused, world.Fails(() => world.Controller.SetupEndpointAsync(1, peer.Address)).Error);
        AssertNothingLeft(world);
    }

    [Theory]
    [InlineData(7, 0x1D, "Unknown MCTP interface")]
    [InlineData(1, -1, "Bad physaddr")]
    public void Setup_BadArgument_IsRefused(int link, int address, string text)
    {
        using var world = new ControlWorld();
        var physical = new PhysicalAddress(address < 0 ? [1, 2] : [(byte)address]);
        Assert.Equal(text, world.Fails(() => world.Controller.SetupEndpointAsync(link, physical)).Message);
    }

    [Fact]
    public void Setup_OnLinkThatIsNotOurs_IsRefused()
    {
        using var world = new ControlWorld(ControlWorld.DefaultOptions with { RoleOf = static _ => LinkRole.Endpoint });
        FakePeer peer = world.AddPeer(0x1D);
        Assert.Equal(ControlPlaneError.NotAllowed, world.Fails(() => world.Controller.SetupEndpointAsync(1, peer.Address)).Error);
    }

    [Fact]
    public void Setup_SetEidAnswersZero_Fails()
    {
        using var world = new ControlWorld();
        FakePeer peer = world.AddPeer(0x1E);
        peer.Overrides[ControlCommand.SetEndpointId] = static (request, _) => FakePeer.Answer(request, CompletionCode.Success, 0, 0, 0);
        Assert.Equal("Endpoint returned failure to Set Endpoint ID", world.Fails(() => world.Controller.SetupEndpointAsync(1, peer.Address)).Message);
        AssertNothingLeft(world);
    }

    [Fact]
    public void Setup_SetEidAnswersOtherFreeEid_IsAdoptedWithItsUuid()
    {
        using var world = new ControlWorld();
        FakePeer peer = world.AddPeer(0x1E);
        peer.Overrides[ControlCommand.SetEndpointId] = (request, _) =>
        {
            peer.Eid = new Eid((byte)(request[3] + 1));
            return FakePeer.Answer(request, CompletionCode.Success, 0, peer.Eid.Value, 0);
        };
        Assert.Equal(new SetupOutcome(new Eid(10), 1, IsNew: true), world.Setup(peer));
        Assert.Equal(peer.Uuid, world.Endpoint(10).Uuid);
        Assert.Equal(new Eid(10), Assert.Single(world.Host.Routes()).First);
        Assert.Equal(new Eid(10), Assert.Single(world.Host.Neighbours()).Eid);
    }

    [Fact]
    public void Setup_SetEidAnswersEidOfAnother_Fails()
    {
        using var world = new ControlWorld();
        FakePeer first = world.AddPeer(0x1D);
        world.Setup(first);
        FakePeer second = world.AddPeer(0x1F);
        second.Overrides[ControlCommand.SetEndpointId] = (request, _) => FakePeer.Answer(request, CompletionCode.Success, 0, first.Eid.Value, 0);
        Assert.Equal(
            "Endpoint requested EID 9 instead of assigned 10, already used", world.Fails(() => world.Controller.SetupEndpointAsync(1, second.Address)).Message);
        Assert.Equal([9], world.PeerEids);
        Assert.Single(world.Host.Routes());
    }

    [Theory]
    [InlineData(2, true)]
    [InlineData(5, false)]
    public void Setup_AnswersGetLost_FourTriesWithOneInstanceId(int losses, bool succeeds)
    {
        using var world = new ControlWorld();
        FakePeer peer = world.AddPeer(0x1D);
        peer.Losses[ControlCommand.GetMessageTypeSupport] = losses;
        if (succeeds) world.Setup(peer);
        else world.Fails(() => world.Controller.SetupEndpointAsync(1, peer.Address));
        byte[][] tries = [.. peer.Requests.Where(static request => request.Command == ControlCommand.GetMessageTypeSupport).Select(static request => request.Body)];
        Assert.Equal(succeeds ? 3 : 4, tries.Length);
        Assert.All(tries, body => Assert.Equal(tries[0], body));
    }

    [Fact]
    public void Setup_LinkGoesMeanwhile_FailsAtOnceAndLeavesNothing()
    {
        using var world = new ControlWorld();
        FakePeer peer = world.AddPeer(0x1D);
        peer.Ignore(ControlCommand.SetEndpointId);
        Task<SetupOutcome> setup = world.Begin(() => world.Controller.SetupEndpointAsync(1, peer.Address));
        world.Pass(TimeSpan.FromMilliseconds(10));
        world.Host.RemoveLink(1);
        world.Pass(TimeSpan.FromMilliseconds(10));
        Assert.True(setup.IsFaulted);
        Assert.IsType<ControlPlaneException>(setup.Exception!.InnerException);
        Assert.Empty(world.Controller.Endpoints.All);
    }

    [Fact]
    public void Setup_SlowPeer_DoesNotDelayOthers()
    {
        using var world = new ControlWorld();
        FakePeer slow = world.AddPeer(0x1D);
        slow.IsPresent = false;
        FakePeer fast = world.AddPeer(0x1E);
        Task<SetupOutcome> waiting = world.Begin(() => world.Controller.SetupEndpointAsync(1, slow.Address));
        Task<SetupOutcome> quick = world.Begin(() => world.Controller.SetupEndpointAsync(1, fast.Address));
        world.Context.Pump();
        Assert.True(quick.IsCompletedSuccessfully);
        Assert.False(waiting.IsCompleted);
        Assert.Throws<ControlPlaneException>(() => world.Finish(waiting));
    }

    [Fact]
    public void Setup_SamePeerTwiceAtOnce_IsSetUpOnce()
    {
        using var world = new ControlWorld();
        FakePeer peer = world.AddPeer(0x1D);
        Task<SetupOutcome> first = world.Begin(() => world.Controller.SetupEndpointAsync(1, peer.Address));
        Task<SetupOutcome> second = world.Begin(() => world.Controller.SetupEndpointAsync(1, peer.Address));
        Assert.True(world.Finish(first).IsNew);
        Assert.False(world.Finish(second).IsNew);
        Assert.Equal(1, peer.CountOf(ControlCommand.SetEndpointId));
    }

    [Fact]
    public void Assign_ManyAtOnce_AllGetEids()
    {
        using var world = new ControlWorld();
        FakePeer[] peers = [.. Enumerable.Range(0, 240).Select(number => world.AddPeer((byte)(number + 11)))];
        Task<SetupOutcome>[] all = [.. peers.Select(peer => world.Begin(() => world.Controller.AssignEndpointAsync(1, peer.Address)))];
        foreach (Task<SetupOutcome> one in all) Assert.True(world.Finish(one).IsNew);
        Assert.Equal(240, world.PeerEids.Distinct().Count());
        Assert.All(peers, peer => Assert.Equal(peer.Address, world.Endpoint(peer.Eid.Value).Address));
    }

    internal static void AssertNothingLeft(ControlWorld world)
    {
        Assert.Empty(world.PeerEids);
        Assert.Empty(world.Host.Routes());
        Assert.Empty(world.Host.Neighbours());
        Assert.All(world.Controller.Endpoints.All, static endpoint => Assert.True(endpoint.IsLocal));
    }
}
