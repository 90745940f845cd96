// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.ControlPlane.Tests;

/// <summary>What must be true of a network that has come to rest.</summary>
internal static class Invariants
{
    private const int MostHops = 16;

    /// <summary>Checks everything; the message names the first thing that is wrong, and the seed.</summary>
    public static void Hold(World world)
    {
        foreach (string wrong in Violations(world)) Assert.Fail($"{wrong}; seed {world.Seed}\n{Describe(world)}\n{world.Log}");
    }

    /// <summary>What must be true at any moment, whatever goes on.</summary>
    public static void HoldAlways(World world)
    {
        foreach (WorldNode node in Running(world))
        {
            ManagedEndpoint[] direct = [.. node.Controller.Endpoints.All.Where(static peer => !peer.IsLocal && peer.Bridge is null)];
            foreach (ManagedEndpoint bridge in direct)
            {
                if (bridge.HeldPool is not { } pool) continue;
                ManagedEndpoint? inside = Array.Find(direct, peer => peer.Network == bridge.Network && pool.Contains(peer.Eid));
                if (inside is not null) Assert.Fail($"{node.Name}: {inside.Eid} sits on a link and in the pool of {bridge.Eid}; seed {world.Seed}\n{Describe(world)}");
                ManagedEndpoint? overlapping = Array.Find(direct, peer => peer != bridge && peer.Network == bridge.Network && peer.HeldPool is { } other && other.Overlaps(pool));
                if (overlapping is not null) Assert.Fail($"{node.Name}: the pools of {bridge.Eid} and {overlapping.Eid} overlap; seed {world.Seed}\n{Describe(world)}");
            }

            // What a bridge assigns comes from its own pool.
            if (node.Controller.Bridge.DynamicRange(1) is not { } range) continue;
            ManagedEndpoint? stray = Array.Find(direct, peer => IsBelow(node, peer) && peer.IsPublished && !range.Contains(peer.Eid));
            if (stray is not null) Assert.Fail($"{node.Name}: {stray.Eid} is behind the bridge and not part of its pool; seed {world.Seed}\n{Describe(world)}");
        }
    }

    /// <summary>Nothing is left over of questions that have ended.</summary>
    public static IEnumerable<string> Leaks(World world)
    {
        foreach (WorldNode node in Running(world))
        {
            if (node.Host.OpenExchanges != 0) yield return $"{node.Name} has {node.Host.OpenExchanges} open exchanges";
            if (node.Controller.Queries.Pending != 0) yield return $"{node.Name} has {node.Controller.Queries.Pending} pending queries";
            if (node.Stack.RunningAssemblies != 0) yield return $"{node.Name} has {node.Stack.RunningAssemblies} running assemblies";
        }
    }

    /// <summary>Who can be reached from a node over the route tables of all on the way.</summary>
    public static WorldNode? Follow(World world, WorldNode from, Eid eid, uint network)
    {
        WorldNode node = from;
        for (int hop = 0; hop < MostHops; hop++)
        {
            if (node.Host.Addresses().Any(address => address.Eid == eid)) return node;
            if (!node.Stack.TryResolve(eid, network, out ResolvedRoute route)) return null;
            var link = (SimulatedLink)route.Link;
            if (link.Medium.Find(link, route.Address) is not { } station) return null;
            node = world.Nodes.First(other => other.Links.Contains(station));
        }

        throw new InvalidOperationException($"the way from {from.Name} to {eid} has no end");
    }

    public static string Describe(World world) => string.Join('\n', world.Nodes.Select(Describe));

    private static string Describe(WorldNode node)
    {
        string addresses = string.Join(' ', node.Host.Addresses().Select(static address => $"{address.Link}:{address.Eid}"));
        IEnumerable<ManagedEndpoint> known = node.Controller?.Endpoints.All.Where(static peer => !peer.IsLocal) ?? [];
        string peers = string.Join(' ', known.Select(static peer => $"{peer.Eid}{(peer.Pool is { } pool ? $"[{pool.First}-{pool.Last}]" : "")}"));
        string routes = string.Join(
            ' ', node.Host.Routes().Select(static route => $"{route.First}-{route.Last}>{(route.Link != 0 ? $"#{route.Link}" : $"gw{route.Gateway}")}"));
        string notes = string.Join('\n', node.Notes.TakeLast(8).Select(static note => $"      {note.Text}"));
        return $"{node.Name}: own {addresses} | peers {peers} | routes {routes}\n{notes}";
    }

    private static IEnumerable<string> Violations(World world) => SharedEids(world).Concat(WrongTables(world)).Concat(WrongRoutes(world)).Concat(Leaks(world));

    private static bool IsBelow(WorldNode node, ManagedEndpoint peer) => !peer.IsLocal && node.Controller.Links.Find(peer.Link)?.Role == LinkRole.BusOwner;

    private static IReadOnlyList<Eid> Held(World world, SimulatedLink station) => world.Nodes.First(node => node.Links.Contains(station)).Stack.Addresses(station);

    private static IEnumerable<WorldNode> Running(World world) => world.Nodes.Where(static node => node.IsRunning && node.Controller is not null);

    private static IEnumerable<string> SharedEids(World world)
    {
        var holders = new Dictionary<(uint Network, Eid Eid), WorldNode>();
        foreach (WorldNode node in Running(world))
        {
            foreach (HostAddress address in node.Host.Addresses())
            {
                uint network = node.Stack.FindLink(address.Link)!.Network;
                if (!holders.TryAdd((network, address.Eid), node) && holders[(network, address.Eid)] != node)
                    yield return $"{node.Name} and {holders[(network, address.Eid)].Name} both have EID {address.Eid}";
            }
        }
    }

    // What a controller says about whoever sits on its buses is what those say about themselves. Where it is no bus owner it learns of changes only when it is assigned an EID.
    private static IEnumerable<string> WrongTables(World world)
    {
        foreach (WorldNode node in Running(world))
        {
            foreach (ManagedEndpoint peer in node.Controller.Endpoints.All.Where(peer => peer.Bridge is null && IsBelow(node, peer)))
            {
                if (node.Stack.FindLink(peer.Link) is not SimulatedLink link) yield return $"{node.Name} knows {peer.Eid} on a link that is gone";
                else if (link.Medium.Find(link, peer.Address) is not { } station) yield return $"{node.Name} knows {peer.Eid} where nobody is";
                else if (!Held(world, station).Contains(peer.Eid)) yield return $"{node.Name} takes {station.Name} for {peer.Eid}";
            }
        }
    }

    private static IEnumerable<string> WrongRoutes(World world)
    {
        foreach (WorldNode node in Running(world))
        {
            foreach (ManagedEndpoint peer in node.Controller.Endpoints.All.Where(peer => peer.IsLocal || IsBelow(node, peer)))
            {
                WorldNode? reached = Follow(world, node, peer.Eid, peer.Network);
                if (reached is null) yield return $"{node.Name} knows {peer.Eid}, and no way leads there";
                else if (peer.IsLocal && reached != node) yield return $"{node.Name} takes {peer.Eid} for its own";
            }
        }
    }
}
