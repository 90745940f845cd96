// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.ControlPlane.Tests;

public sealed class LinkTests
{
    [Fact]
    public void Start_LinksAndOwnEids_AreKnown()
    {
        using var world = new ControlWorld(start: false);
        world.Host.AddLink(2, network: 2);
        world.Host.AddAddress(1, new Eid(9));
        world.Start();
        Assert.Equal([1, 2], world.Controller.Links.All.Select(static link => link.Host.Index));
        Assert.Equal(["+1/8", "+1/9"], world.Events);
        Assert.True(world.Endpoint(8).IsLocal);
        Assert.Equal(ControlWorld.DefaultOptions.Uuid, world.Endpoint(8).Uuid);
    }

    [Fact]
    public void Address_ComesAndGoes_ObjectFollows()
    {
        using var world = new ControlWorld();
        world.Host.AddAddress(1, new Eid(20));
        world.Host.RemoveAddress(1, new Eid(8));
        Assert.Equal(["+1/8", "+1/20", "-1/8"], world.Events);
    }

    [Fact]
    public void Address_OnTwoLinksOfANetwork_IsOneEndpointUntilBothAreGone()
    {
        using var world = new ControlWorld();
        world.Host.AddLink(2);
        world.Host.AddAddress(2, new Eid(8));
        world.Host.RemoveAddress(1, new Eid(8));
        Assert.True(world.Endpoint(8).IsLocal);
        world.Host.RemoveAddress(2, new Eid(8));
        Assert.Null(world.Controller.Endpoints.Find(1, new Eid(8)));
    }

    [Fact]
    public void LinkRemoved_OwnEidIsOnAnotherLinkToo_StaysKnown()
    {
        using var world = new ControlWorld();
        world.Host.AddLink(2);
        world.Host.AddAddress(2, new Eid(8));
        world.Host.RemoveLink(1);
        Assert.True(world.Endpoint(8).IsLocal);
        Assert.Equal(2, world.Endpoint(8).Link);
    }

    [Fact]
    public void Address_ThatAPeerHas_PeerGoes()
    {
        using var world = new ControlWorld();
        world.Setup(world.AddPeer(0x1D));
        world.Host.AddAddress(1, new Eid(9));
        Assert.True(world.Endpoint(9).IsLocal);
        Assert.Empty(world.Host.Routes());
        Assert.Equal(1, world.Controller.Statistics.Conflicts);
    }

    [Fact]
    public void Network_Changes_EndpointsMoveWithTheirRoutes()
    {
        using var world = new ControlWorld();
        world.Assign(world.AddBridge(0x1D, behind: 2));
        world.Run(() => world.Controller.LearnEndpointAsync(1u, new Eid(10)));
        world.Host.SetLink(1, network: 2);
        world.Context.Pump();
        Assert.DoesNotContain(world.Controller.Endpoints.All, static endpoint => endpoint.Network == 1);
        Assert.Equal([8, 9, 10], world.Controller.Endpoints.All.Select(static endpoint => (int)endpoint.Eid.Value));
        Assert.Same(world.Endpoint(9, network: 2), world.Endpoint(10, network: 2).Bridge);
        Assert.All(world.Host.Routes(), static route => Assert.Equal(2u, route.Network));
        Assert.Equal(2, world.Host.Routes().Count);
        Assert.Single(world.Host.Neighbours());
    }

    [Fact]
    public void Network_ChangesToOneWithTheSameEid_TheMovedOneIsForgotten()
    {
        using var world = new ControlWorld();
        world.Host.AddLink(2, network: 2);
        FakePeer first = world.AddPeer(0x1D, eid: 30);
        FakePeer second = world.AddPeer(0x1E, eid: 30, link: 2);
        world.Setup(first);
        world.Setup(second);
        world.Host.SetLink(2, network: 1);
        Assert.Equal(first.Address, world.Endpoint(30).Address);
        Assert.Single(world.Host.Neighbours());
        Assert.Null(world.Controller.Endpoints.Find(2, new Eid(30)));
    }

    [Fact]
    public void LinkRemoved_WithPeers_AllGo()
    {
        using var world = new ControlWorld();
        world.Host.AddLink(2);
        byte[] eids = [.. Enumerable.Range(0x11, 3).Select(address => world.Setup(world.AddPeer((byte)address, link: 2)).Eid.Value)];
        world.Setup(world.AddPeer(0x11));
        world.Host.RemoveLink(2);
        Assert.Null(world.Controller.Links.Find(2));
        Assert.All(eids, eid => Assert.Null(world.Controller.Endpoints.Find(1, new Eid(eid))));
        Assert.Single(world.PeerEids);
        Assert.Single(world.Host.Routes());
    }

    [Fact]
    public void LinkRemovedAndAddedAgain_EndpointsAreSetUpAnew()
    {
        using var world = new ControlWorld();
        world.Host.AddLink(10, address: [], name: "mctpnew");
        world.Host.AddAddress(10, new Eid(88));
        FakePeer peer = world.Host.AddPeer(new FakePeer(10));
        Assert.Equal(new Eid(30), world.AssignStatic(peer, 30).Eid);
        Assert.Empty(world.Host.Neighbours());
        world.Host.RemoveLink(10);
        Assert.Null(world.Controller.Endpoints.Find(1, new Eid(30)));

        world.Host.AddLink(11, address: [], name: "mctpnew");
        peer.Link = 11;
        peer.Reset();
        Assert.Equal(new Eid(40), world.AssignStatic(peer, 40).Eid);
        Assert.Equal(11, Assert.Single(world.Host.Routes()).Link);
    }

    [Fact]
    public void LinkRenamed_SameObjectsStay()
    {
        using var world = new ControlWorld();
        world.Setup(world.AddPeer(0x1D));
        ManagedLink link = world.Controller.Links.Find("mctp0")!;
        ManagedEndpoint endpoint = world.Endpoint(9);
        string? before = null;
        world.Controller.Links.Changed += (_, host) => before = host.Name;
        world.Host.ChangeLink(1, static host => host with { Name = "newmctp0" });
        Assert.Same(link, world.Controller.Links.Find("newmctp0"));
        Assert.Equal("mctp0", before);
        Assert.Same(endpoint, world.Endpoint(9));
    }

    [Fact]
    public void Role_Unknown_CanBeSetOnce()
    {
        using var world = new ControlWorld(ControlWorld.DefaultOptions with { RoleOf = static _ => LinkRole.Unknown });
        FakePeer peer = world.AddPeer(0x1D);
        world.Run(() => world.Controller.SetRoleAsync(1, LinkRole.BusOwner));
        Assert.Equal("Role is already set.", world.Fails(() => world.Controller.SetRoleAsync(1, LinkRole.Endpoint)).Message);
        Assert.True(world.Setup(peer).IsNew);
    }
}
