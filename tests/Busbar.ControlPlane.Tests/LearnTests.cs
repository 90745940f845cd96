// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.ControlPlane.Tests;

public sealed class LearnTests
{
    [Fact]
    public void Learn_EndpointWithEid_IsTakenAsItIs()
    {
        using var world = new ControlWorld();
        FakePeer peer = world.AddPeer(0x1E, eid: 15);
        Assert.Equal(new SetupOutcome(new Eid(15), 1, IsNew: true), world.Learn(peer));
        Assert.Equal(0, peer.CountOf(ControlCommand.SetEndpointId));
        Assert.Equal([15], world.PeerEids);
        Assert.Single(world.Host.Routes());
    }

    [Fact]
    public void Learn_EndpointWithoutEid_FindsNothing()
    {
        using var world = new ControlWorld();
        FakePeer peer = world.AddPeer(0x1E);
        Assert.False(world.Learn(peer).IsNew);
        Assert.Equal(Eid.Null, peer.Eid);
        SetupTests.AssertNothingLeft(world);
    }

    [Fact]
    public void Learn_AnswerOfAnotherCommand_RequestFailed()
    {
        using var world = new ControlWorld();
        FakePeer peer = world.AddPeer(0x1E, eid: 15);
        peer.Overrides[ControlCommand.GetEndpointId] = static (request, _) => [(byte)(request[0] & 0x1F), 0x05, 0, 2, 0, 1];
        Assert.Equal("Request failed", world.Fails(() => world.Controller.LearnEndpointAsync(1, peer.Address)).Message);
        Assert.Equal(4, world.Controller.Statistics.BadAnswers);
    }

    [Fact]
    public void Learn_AnswerWithOtherInstanceId_RequestFailed()
    {
        using var world = new ControlWorld();
        FakePeer peer = world.AddPeer(0x1E, eid: 15);
        peer.Overrides[ControlCommand.GetEndpointId] = (request, _) => peer.Usual(ControlCommand.GetEndpointId, [(byte)(request[0] ^ 1), .. request[1..]]);
        Assert.Equal("Request failed", world.Fails(() => world.Controller.LearnEndpointAsync(1, peer.Address)).Message);
    }

    [Fact]
    public void Learn_AnswerTooShort_RequestFailed()
    {
        using var world = new ControlWorld();
        FakePeer peer = world.AddPeer(0x1E, eid: 15);
        peer.Overrides[ControlCommand.GetEndpointId] = static (request, _) => FakePeer.Answer(request, CompletionCode.Success, 15);
        Assert.Equal("Request failed", world.Fails(() => world.Controller.LearnEndpointAsync(1, peer.Address)).Message);
    }

    [Fact]
    public void LearnByEid_BehindNeighbourWithItsOwnRoute_IsFound()
    {
        using var world = new ControlWorld();
        FakePeer bridge = world.AddBridge(0x1D, behind: 1);
        bridge.Behind[0].Eid = new Eid(10);
        world.Host.AddRoute(new HostRoute(new Eid(10), new Eid(11), 1, Eid.Null, 1, 0));
        world.Host.AddNeighbour(new HostNeighbour(1, new Eid(10), bridge.Address));
        SetupOutcome outcome = world.Run(() => world.Controller.LearnEndpointAsync(1u, new Eid(10)));
        Assert.Equal(new SetupOutcome(new Eid(10), 1, IsNew: true), outcome);
        Assert.Equal(bridge.Behind[0].Types, world.Endpoint(10).MessageTypes);
    }

    [Fact]
    public void LearnByEid_BehindKnownBridge_HasThatBridge()
    {
        using var world = new ControlWorld();
        world.Assign(world.AddBridge(0x1D, behind: 2));
        world.Run(() => world.Controller.LearnEndpointAsync(1u, new Eid(11)));
        Assert.Same(world.Endpoint(9), world.Endpoint(11).Bridge);
    }

    [Fact]
    public void LearnByEid_NobodyThere_Fails()
    {
        using var world = new ControlWorld();
        Assert.Equal("Request failed", world.Fails(() => world.Controller.LearnEndpointAsync(1u, new Eid(10))).Message);
        world.Host.AddRoute(new HostRoute(new Eid(10), new Eid(10), 1, Eid.Null, 1, 0));
        Assert.Equal("MCTP Endpoint did not respond", world.Fails(() => world.Controller.LearnEndpointAsync(1u, new Eid(10))).Message);
        Assert.Empty(world.PeerEids);
    }

    public static TheoryData<string> BadVendorLists => ["short", "long", "format", "repeating", "jump", "unsupported"];

    [Theory]
    [MemberData(nameof(BadVendorLists))]
    public void Setup_BrokenVendorList_IsIgnored(string how)
    {
        using var world = new ControlWorld();
        FakePeer peer = world.AddPeer(0x1D);
        peer.Types = [MessageType.VendorPci, MessageType.VendorIana];
        peer.Overrides[ControlCommand.GetVendorDefinedSupport] = (request, _) => how switch
        {
            "short" => FakePeer.Answer(request, CompletionCode.Success, 0xFF, 0, 0xAB, 0xCD, 0),
            "long" => FakePeer.Answer(request, CompletionCode.Success, 0xFF, 0, 0, 0, 0xAB, 0xCD, 0, 1),
            "format" => FakePeer.Answer(request, CompletionCode.Success, 0xFF, 2, 0xAB, 0xCD, 0, 1),
            "repeating" => FakePeer.Answer(request, CompletionCode.Success, 0, 0, 0xAB, 0xCD, 0, 1),
            "jump" => FakePeer.Answer(request, CompletionCode.Success, 7, 0, 0xAB, 0xCD, 0, 1),
            _ => FakePeer.Answer(request, CompletionCode.UnsupportedCommand),
        };
        world.Setup(peer);
        Assert.Empty(world.Endpoint(9).VendorSets);
        Assert.InRange(peer.CountOf(ControlCommand.GetVendorDefinedSupport), 1, 2);
    }

    [Fact]
    public void Setup_VendorSets_AreRead()
    {
        using var world = new ControlWorld();
        FakePeer peer = world.AddPeer(0x1D);
        peer.Types = [MessageType.VendorPci, MessageType.VendorIana];
        peer.VendorSets.AddRange([new(VendorIdFormat.Pci, 0xABCD, 1), new(VendorIdFormat.Iana, 0x1234ABCD, 0x5678)]);
        world.Setup(peer);
        Assert.Equal(peer.VendorSets, world.Endpoint(9).VendorSets);
    }
}
