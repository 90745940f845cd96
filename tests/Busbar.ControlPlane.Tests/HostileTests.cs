// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.ControlPlane.Tests;

/// <summary>Peers that answer anything, and people who do anything, in any order. The seed of a failure is part of its name.</summary>
public sealed class HostileTests
{
    [Fact]
    public void Peer_ThatGivesCauseForNotesWithoutEnd_FillsNoLog()
    {
        using var world = new ControlWorld(ControlWorld.DefaultOptions with { RoleOf = static _ => LinkRole.Endpoint });
        var stranger = new ControlRequest(new MctpEndPoint(new Eid(66), MessageType.Control, MctpTag.Owner, 1, 1, new PhysicalAddress([0x66])), new Eid(8));
        byte[] update = [0x80, (byte)ControlCommand.RoutingInformationUpdate, 1, 0, 1, 99, 0x66];
        int before = world.Notes.Count;

        for (int i = 0; i < 5000; i++) world.Host.Arrive(stranger, update);
        Assert.Equal(5000, world.Host.Replies.Count);
        Assert.Equal(NoteGate.Most, world.Notes.Count);
        world.Pass(NoteGate.Window);

        Assert.Equal($"{5000 - (NoteGate.Most - before)} more lines like the last ones were left out within 10 s", world.Notes[^1].Text);
        world.Host.Arrive(stranger, update);
        Assert.Contains("who is not our bus owner", world.Notes[^1].Text, StringComparison.Ordinal);
    }

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 60)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Anything_TablesStayConsistentAndNothingLeaks(int seed)
    {
        var random = new Random(seed);
        using var world = new ControlWorld(ControlWorld.DefaultOptions with
        {
            AutoDiscover = seed % 2 == 0,
            EndpointPoll = seed % 3 == 0 ? TimeSpan.FromMilliseconds(2500) : TimeSpan.Zero,
            DynamicLast = seed % 5 == 0 ? new Eid(30) : new Eid(254),
            ReservedEid = static (_, address) => address == new PhysicalAddress([0x21]) ? new Eid(77) : null,
            ReservedEids = static _ => [new Eid(77)],
        });
        world.Host.AddLink(2, network: 1);
        world.Host.AddLink(3, network: 2);
        world.Host.AddLink(4, network: 1, address: []);
        List<FakePeer> peers = [];
        for (int i = 0; i < 12; i++)
        {
            int link = random.Next(1, 5);
            FakePeer peer = world.Host.AddPeer(link == 4 ? new FakePeer(4) : new FakePeer(link, (byte)(0x20 + i)));
            if (random.Next(2) == 0) peer.WithBehind(random.Next(1, 20));
            if (random.Next(2) == 0) peer.RoutingTable = RandomTable(random);
            peers.Add(peer);
            foreach (FakePeer one in peer.Behind.Prepend(peer)) MakeHostile(one, random);
        }

        List<Task> begun = [];
        for (int step = 0; step < 150; step++)
        {
            world.Context.Post(() => begun.Add(Act(world, random, peers[random.Next(peers.Count)])));
            world.Pass(TimeSpan.FromMilliseconds(random.Next(4) == 0 ? random.Next(4000) : random.Next(20)));
            AssertConsistent(world);
        }

        world.Pass(TimeSpan.FromMinutes(2));
        AssertConsistent(world);
        foreach (Task task in begun)
        {
            Assert.True(task.IsCompleted);
            if (task.Exception is { } failure) Assert.IsType<ControlPlaneException>(failure.InnerException);
        }

        Assert.Equal(0, world.Controller.Statistics.InternalErrors);
        Assert.True(world.Notes.Count < 20_000);
    }

    private static Task Act(ControlWorld world, Random random, FakePeer peer)
    {
        NetworkController controller = world.Controller;
        var eid = new Eid((byte)random.Next(256));
        ManagedEndpoint[] known = [.. controller.Endpoints.All];
        (uint Network, Eid Eid) some = known.Length == 0 ? (1, eid) : (known[random.Next(known.Length)].Network, known[random.Next(known.Length)].Eid);
        int link = random.Next(1, 5);
        switch (random.Next(18))
        {
            case 0 or 1 or 2: return controller.SetupEndpointAsync(peer.Link, peer.Address);
            case 3: return controller.AssignEndpointAsync(peer.Link, peer.Address);
            case 4: return controller.AssignEndpointStaticAsync(peer.Link, peer.Address, eid);
            case 5: return controller.AssignBridgeStaticAsync(peer.Link, peer.Address, eid, new Eid((byte)random.Next(256)), random.Next(-1, 260));
            case 6: return controller.LearnEndpointAsync(peer.Link, peer.Address);
            case 7: return controller.LearnEndpointAsync(some.Network, eid);
            case 8: return controller.RemoveEndpointAsync(some.Network, some.Eid);
            case 9: return controller.RecoverEndpointAsync(some.Network, some.Eid);
            case 10: return controller.SetMtuAsync(some.Network, some.Eid, random.Next(0, 300));
            case 11:
                peer.Reset();
                break;
            case 12:
                peer.IsPresent = !peer.IsPresent;
                break;
            case 13:
                if (controller.Links.Find(link) is not null) world.Host.SetLink(link, isUp: random.Next(2) == 0, network: (uint)random.Next(1, 3));
                break;
            case 14:
                if (controller.Links.Find(3) is not null) world.Host.RemoveLink(3);
                else world.Host.AddLink(3, network: (uint)random.Next(1, 3));
                break;
            case 15:
                world.Host.Refuse = random.Next(2) == 0 ? null : call =>
                {
                    if (call.StartsWith("Add", StringComparison.Ordinal) && call != "AddAddress" && random.Next(3) == 0)
                        throw new HostException(HostError.NotPermitted, "not permitted");
                };
                break;
            case 16:
                if (controller.Links.Find(link) is null) break;
                if (world.Host.Addresses().FirstOrDefault(address => address.Link == link) is { Link: not 0 } own) world.Host.RemoveAddress(link, own.Eid);
                else if (eid.IsAssignable) world.Host.AddAddress(link, eid);
                break;
            default:
                controller.OnDiscoveryNotified(new ControlRequest(new MctpEndPoint(eid, MessageType.Control, MctpTag.Owner, 1, peer.Link, peer.Address), Eid.Null));
                break;
        }

        return Task.CompletedTask;
    }

    private static void MakeHostile(FakePeer peer, Random random)
    {
        int mood = random.Next(4);
        if (mood == 0) return;
        foreach (ControlCommand command in Enum.GetValues<ControlCommand>())
        {
            if (random.Next(3) == 0)
                peer.Overrides[command] = (request, _) => Answer(peer, command, request, random);
        }
    }

    private static byte[]? Answer(FakePeer peer, ControlCommand command, byte[] request, Random random)
    {
        switch (random.Next(8))
        {
            case 0: return null;
            case 1: return FakePeer.Answer(request, (CompletionCode)random.Next(256));
            case 2:
                byte[] noise = new byte[random.Next(0, 80)];
                random.NextBytes(noise);
                return noise;
            case 3:
                byte[] data = new byte[random.Next(0, 60)];
                random.NextBytes(data);
                return FakePeer.Answer(request, CompletionCode.Success, data);
            case 4:
                byte[]? changed = peer.Usual(command, request);
                if (changed is not null) changed[random.Next(changed.Length)] = (byte)random.Next(256);
                return changed;
            case 5:
                byte[]? cut = peer.Usual(command, request);
                return cut?[..random.Next(cut.Length + 1)];
            default: return peer.Usual(command, request);
        }
    }

    private static List<RoutingTableEntry> RandomTable(Random random) =>
    [
        .. Enumerable.Range(0, random.Next(12)).Select(_ => new RoutingTableEntry(
            (byte)random.Next(random.Next(2) == 0 ? 5 : 256), new Eid((byte)random.Next(random.Next(2) == 0 ? 60 : 256)), (RoutingEntryKind)random.Next(4), false,
            (byte)random.Next(3), PhysicalBinding.Smbus, PhysicalMedium.Unspecified, new PhysicalAddress([(byte)random.Next(4)]))),
    ];

    private static void AssertConsistent(ControlWorld world)
    {
        ManagedEndpoint[] all = [.. world.Controller.Endpoints.All];
        Assert.All(all, endpoint => Assert.Same(endpoint, world.Controller.Endpoints.Find(endpoint.Network, endpoint.Eid)));
        Assert.All(all, static endpoint => Assert.True(endpoint.Eid.IsAssignable));
        Assert.All(all, endpoint => Assert.NotNull(world.Controller.Links.Find(endpoint.Link)));
        Assert.All(all, endpoint => Assert.Equal(world.Controller.Links.Find(endpoint.Link)!.Host.Network, endpoint.Network));
        Assert.All(all, endpoint => Assert.True(endpoint.Bridge is null || world.Controller.Endpoints.Has(endpoint.Bridge)));

        // No pool holds an EID that sits in front of it, and pools of one level never overlap.
        foreach (ManagedEndpoint bridge in all.Where(static endpoint => endpoint.HeldPool is not null))
        {
            EidPool pool = bridge.HeldPool!.Value;
            Assert.True(pool.Count > 0 && pool.First.IsAssignable && pool.Last.IsAssignable);
            foreach (ManagedEndpoint other in all.Where(other => other != bridge && other.Network == bridge.Network))
            {
                bool isBehind = other.Bridge is not null || other.IsLocal;
                Assert.True(isBehind || !pool.Contains(other.Eid), $"{other.Eid} is in the pool of {bridge.Eid}");
                if (!isBehind && other.HeldPool is { } theirs && bridge.Bridge is null) Assert.False(theirs.Overlaps(pool), $"the pools of {other.Eid} and {bridge.Eid} overlap");
            }
        }

        // What leads to somebody is known to lead there, and nothing else is left over.
        HostRoute[] routes = [.. all.SelectMany(static endpoint => endpoint.Routes).Select(Key).Order(Comparer)];
        Assert.Equal(routes, world.Host.Routes().Select(Key).Order(Comparer));
        HostNeighbour[] neighbours = [.. all.Where(static endpoint => endpoint.Neighbour is not null).Select(static endpoint => endpoint.Neighbour!.Value)];
        Assert.Equal(neighbours.Length, world.Host.Neighbours().Count);
        Assert.All(neighbours, neighbour => Assert.Contains(neighbour, world.Host.Neighbours()));
    }

    private static Comparer<HostRoute> Comparer { get; } = Comparer<HostRoute>.Create(static (left, right) =>
        (left.Network, left.First.Value, left.Last.Value, left.Link, left.Gateway.Value)
        .CompareTo((right.Network, right.First.Value, right.Last.Value, right.Link, right.Gateway.Value)));

    private static HostRoute Key(HostRoute route) => route with { Mtu = 0 };
}
