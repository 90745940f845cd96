// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.ControlPlane.Tests;

public sealed class DiscoveryTests
{
    private static NetworkControllerOptions Discovering { get; } = ControlWorld.DefaultOptions with { AutoDiscover = true };

    [Fact]
    public void Start_PointToPointLinks_OtherEndsAreSetUp()
    {
        using var world = new ControlWorld(Discovering, start: false, bare: true);
        for (int link = 1; link <= 3; link++)
        {
            world.Host.AddLink(link, address: [], binding: PhysicalBinding.Mmbi);
            world.Host.AddPeer(new FakePeer(link));
        }

        world.Host.AddAddress(1, new Eid(8));
        world.Start();
        world.Settle();
        Assert.Equal([9, 10, 11], world.PeerEids);
    }

    [Fact]
    public void Start_WithoutAutoDiscover_NobodyIsAsked()
    {
        using var world = new ControlWorld(start: false, bare: true);
        world.Host.AddLink(1, address: []);
        FakePeer peer = world.Host.AddPeer(new FakePeer(1));
        world.Start();
        world.Settle();
        Assert.Empty(peer.Requests);
    }

    [Fact]
    public void Start_AddressesToScan_AllAreAskedAndSilentOnesDelayNobody()
    {
        using var world = new ControlWorld(
            Discovering with { ScanAddresses = static _ => [.. Enumerable.Range(0x20, 40).Select(static address => new PhysicalAddress([(byte)address]))] }, start: false);
        FakePeer first = world.AddPeer(0x21);
        FakePeer last = world.AddPeer(0x47);
        world.Start();
        world.Pass(TimeSpan.FromMilliseconds(100));
        Assert.True(first.Eid.IsAssignable);
        world.Settle();
        Assert.True(last.Eid.IsAssignable);
        Assert.Equal(2, world.PeerEids.Length);
        Assert.True(world.Time.Now < TimeSpan.FromSeconds(4));
    }

    [Fact]
    public void LinkUp_OtherEnd_IsSetUp()
    {
        using var world = new ControlWorld(Discovering, bare: true);
        world.Host.AddLink(1, address: [], isUp: false);
        FakePeer peer = world.Host.AddPeer(new FakePeer(1));
        world.Settle();
        Assert.Empty(peer.Requests);
        world.Host.SetLink(1, isUp: true);
        world.Settle();
        Assert.Equal(new Eid(8), peer.Eid);
    }

    [Fact]
    public void OtherEnd_AppearsLater_IsSetUp()
    {
        using var world = new ControlWorld(Discovering, bare: true);
        world.Host.AddLink(1, address: []);
        world.Pass(TimeSpan.FromMinutes(2));
        FakePeer peer = world.Host.AddPeer(new FakePeer(1));
        world.Pass(TimeSpan.FromSeconds(31));
        Assert.Equal(new Eid(8), peer.Eid);
        int asked = peer.Requests.Count;
        world.Pass(TimeSpan.FromMinutes(2));
        Assert.Equal(asked, peer.Requests.Count);
    }

    [Fact]
    public void LinkUpAgain_OtherEndWasReset_GetsItsEidBack()
    {
        using var world = new ControlWorld(Discovering, bare: true);
        world.Host.AddLink(1, address: []);
        FakePeer peer = world.Host.AddPeer(new FakePeer(1));
        FakePeer another = world.AddPeer(0x1D, link: 2);
        world.Host.AddLink(2);
        world.Settle();
        world.Setup(another);
        world.Host.SetLink(1, isUp: false);
        peer.Reset();
        world.Host.SetLink(1, isUp: true);
        world.Settle();
        Assert.Equal(new Eid(8), peer.Eid);
        Assert.Equal([8, 9], world.PeerEids);
    }

    [Fact]
    public void OtherEnd_IsLostAndComesBack_IsSetUpAgain()
    {
        using var world = new ControlWorld(Discovering, bare: true);
        world.Host.AddLink(1, address: []);
        FakePeer peer = world.Host.AddPeer(new FakePeer(1));
        world.Settle();
        peer.IsPresent = false;
        world.Run(() => world.Controller.RecoverEndpointAsync(1, new Eid(8)));
        world.Pass(TimeSpan.FromMinutes(1));
        Assert.Empty(world.PeerEids);
        peer.IsPresent = true;
        world.Pass(TimeSpan.FromMinutes(1));
        Assert.Single(world.PeerEids);
    }

    [Fact]
    public void RoleIsSet_OtherEnd_IsSetUp()
    {
        using var world = new ControlWorld(Discovering with { RoleOf = static _ => LinkRole.Unknown }, bare: true);
        world.Host.AddLink(1, address: []);
        FakePeer peer = world.Host.AddPeer(new FakePeer(1));
        world.Settle();
        Assert.Empty(peer.Requests);
        world.Run(() => world.Controller.SetRoleAsync(1, LinkRole.BusOwner));
        world.Settle();
        Assert.Equal(new Eid(8), peer.Eid);
    }

    [Fact]
    public void LinkWithDiscovery_Broadcasts_UntilNobodyNewAnswers()
    {
        using var world = new ControlWorld(Discovering, start: false, bare: true);
        world.Host.AddLink(1, address: [0, 0], binding: PhysicalBinding.PcieVdm);
        FakePeer[] peers = [.. Enumerable.Range(1, 3).Select(number => world.Host.AddPeer(new FakePeer(1, 1, (byte)number)))];
        foreach (FakePeer peer in peers)
        {
            // As the standard has it: who is discovered stays silent until the next Prepare for Endpoint Discovery.
            peer.Overrides[ControlCommand.EndpointDiscovery] = (request, _) =>
                peer.Eid == Eid.Null && peer.IsPresent ? FakePeer.Answer(request, CompletionCode.Success) : null;
        }

        world.Start();
        world.Settle();
        Assert.Equal(3, world.PeerEids.Length);
        Assert.All(peers, static peer => Assert.Equal(1, peer.CountOf(ControlCommand.PrepareForEndpointDiscovery)));
        Assert.All(peers, static peer => Assert.Equal(2, peer.CountOf(ControlCommand.EndpointDiscovery)));
    }

    [Fact]
    public void LinkWithDiscovery_SomebodyAlwaysAnswers_IsSetUpOnce()
    {
        using var world = new ControlWorld(Discovering, start: false, bare: true);
        world.Host.AddLink(1, address: [0, 0], binding: PhysicalBinding.PcieVdm);
        FakePeer peer = world.Host.AddPeer(new FakePeer(1, 1, 1));
        world.Start();
        world.Settle();
        Assert.Equal(2, peer.CountOf(ControlCommand.EndpointDiscovery));
        Assert.Single(world.PeerEids);
    }

    [Fact]
    public void DiscoveryNotify_UnknownEndpoint_IsSetUp()
    {
        using var world = new ControlWorld(Discovering);
        FakePeer peer = world.AddPeer(0x1D);
        Notify(world, peer);
        world.Settle();
        Assert.Equal(new Eid(9), peer.Eid);
    }

    [Fact]
    public void DiscoveryNotify_KnownEndpointAfterReset_GetsItsEidBack()
    {
        using var world = new ControlWorld(Discovering);
        FakePeer peer = world.AddPeer(0x1D);
        world.Setup(peer);
        peer.Reset();
        Notify(world, peer);
        world.Settle();
        Assert.Equal(new Eid(9), peer.Eid);
        Assert.Equal([9], world.PeerEids);
    }

    [Fact]
    public void DiscoveryNotify_Flood_IsBoundedAndCounted()
    {
        using var world = new ControlWorld(Discovering);
        FakePeer peer = world.AddPeer(0x1D);
        for (int i = 0; i < 1000; i++) Notify(world, peer);
        for (int address = 0; address < 256; address++) Notify(world, new FakePeer(1, (byte)address));
        world.Context.Pump();
        Assert.True(world.Host.OpenExchanges <= 256);
        world.Settle();
        Assert.Equal([9], world.PeerEids);
        Assert.True(world.Controller.Statistics.NotificationsIgnored >= 999);
    }

    [Fact]
    public void DiscoveryNotify_OnALinkThatIsNotOurs_IsIgnored()
    {
        using var world = new ControlWorld(Discovering with { RoleOf = static _ => LinkRole.Endpoint });
        FakePeer peer = world.AddPeer(0x1D);
        Notify(world, peer);
        world.Settle();
        Assert.Empty(peer.Requests);
    }

    private static void Notify(ControlWorld world, FakePeer peer) => world.Context.Post(() => world.Controller.OnDiscoveryNotified(
        new ControlRequest(new MctpEndPoint(peer.Eid, MessageType.Control, MctpTag.Owner, 1, peer.Link, peer.Address), Eid.Null)));
}
