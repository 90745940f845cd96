// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.ControlPlane.Tests;

/// <summary>A tree of buses: a bus owner at the top, below it bridges and endpoints.</summary>
internal sealed class BridgedNetwork : IDisposable
{
    public const byte TopEid = 8;

    private readonly List<(WorldNode Node, SimulatedMedium Below)> _bridges = [];

    public BridgedNetwork(int seed = 1)
    {
        World = new World(seed);
        World.Check = () => Invariants.HoldAlways(World);
        Backbone = World.AddMedium("top");
        Top = World.AddNode("top", forwards: true);
        Top.Connect(Backbone, 0x10, LinkRole.BusOwner, TopEid);
    }

    public World World { get; }

    public WorldNode Top { get; }

    public SimulatedMedium Backbone { get; }

    public IReadOnlyList<WorldNode> Bridges => [.. _bridges.Select(static bridge => bridge.Node)];

    public IEnumerable<SimulatedMedium> Media => _bridges.Select(static bridge => bridge.Below).Prepend(Backbone);

    /// <summary>Adds a bridge with a bus of its own.</summary>
    /// <returns>The bus below it.</returns>
    public SimulatedMedium AddBridge(SimulatedMedium above, byte address, int wants, out WorldNode bridge, bool pointToPoint = false)
    {
        string name = $"b{_bridges.Count + 1}";
        SimulatedMedium below = World.AddMedium(name, pointToPoint ? PhysicalBinding.Serial : PhysicalBinding.Smbus);
        bridge = World.AddNode(name, forwards: true);
        bridge.Connect(above, address);
        bridge.Connect(below, pointToPoint ? (byte)0 : (byte)0x10, LinkRole.BusOwner);
        bridge.Start(options => options with { WantedPoolSize = wants, MaximumPoolSize = Math.Max(1, wants / 2) });
        _bridges.Add((bridge, below));
        return below;
    }

    /// <summary>Adds endpoints from an address on.</summary>
    public WorldNode[] AddEndpoints(SimulatedMedium medium, int count, byte first = 0x40)
    {
        var nodes = new WorldNode[count];
        for (int i = 0; i < count; i++)
        {
            nodes[i] = World.AddNode($"{medium.Name}e{i + 1}");
            nodes[i].Connect(medium, medium.Binding == PhysicalBinding.Serial ? (byte)0 : (byte)(first + i));
            nodes[i].Start();
        }

        return nodes;
    }

    /// <summary>The top sets up everybody on its bus, and the network comes to rest.</summary>
    public void SetUp()
    {
        if (Top.Controller is null) Top.Start();
        SetUpTop();
        Rest();
    }

    public void SetUpTop()
    {
        int link = Top.Links[0].Index;
        foreach (PhysicalAddress place in Backbone.Places.Where(place => place != Top.Links[0].Address).ToArray())
            _ = World.AttemptAsync(() => Top.Controller.SetupEndpointAsync(link, place));
    }

    /// <summary>Lets everything end that was begun.</summary>
    public void Rest(long atLeast = 0)
    {
        World.Run(atLeast);
        World.RunUntil(() => World.Nodes.All(static node => !node.IsRunning || node.Controller is null || IsIdle(node.Controller)), 120_000);
    }

    private static bool IsIdle(NetworkController controller) => controller.Queries.Pending == 0 && controller.WhenIdleAsync().IsCompleted;

    private static bool IsBelow(WorldNode owner, ManagedEndpoint peer) =>
        !peer.IsLocal && peer.Bridge is null && owner.Controller.Links.Find(peer.Link)?.Role == LinkRole.BusOwner;

    /// <summary>The EID that answers when the top asks an EID for its EID, over the network.</summary>
    public Eid? Ping(Eid eid)
    {
        var to = new MctpEndPoint(eid, MessageType.Control, MctpTag.Owner, 1);
        return World.Finish(Top.Controller.Queries.AskAsync<GetEndpointIdResponse>(to)).Value?.Eid;
    }

    /// <summary>
    /// What a person would do after trouble: quiet media, and every bus owner looks at whom it knows and whom it could know; from the top down, because pools come from there.
    /// </summary>
    public void Heal()
    {
        foreach (SimulatedMedium medium in Media) medium.Faults = new MediumFaults();
        foreach (WorldNode owner in Bridges.Prepend(Top))
        {
            Rest(1_000);
            foreach (ManagedEndpoint peer in owner.Controller.Endpoints.All.Where(peer => IsBelow(owner, peer)).ToArray())
                _ = World.AttemptAsync(() => owner.Controller.RecoverEndpointAsync(peer.Network, peer.Eid));
            Rest(20_000);
            foreach (SimulatedLink link in owner.Links.Where(link => owner.Controller.Links.Find(link.Index)!.Role == LinkRole.BusOwner))
            {
                foreach (PhysicalAddress place in link.Medium.Places.Where(place => place != link.Address || place.Length == 0).ToArray())
                    World.Finish(World.AttemptAsync(() => owner.Controller.SetupEndpointAsync(link.Index, place)));
            }

            Rest(1_000);
        }

        Rest(30_000);
    }

    /// <summary>Each of these systems has one EID, and it is that system that answers there.</summary>
    public void EverybodyAnswers(IEnumerable<WorldNode> systems)
    {
        foreach (WorldNode system in systems)
        {
            HostAddress[] held = [.. system.Host.Addresses()];
            if (held.Length != 1 || Ping(held[0].Eid) != held[0].Eid || Invariants.Follow(World, Top, held[0].Eid, 1) != system)
                Assert.Fail($"{system.Name} with {held.Length} EIDs ({string.Join(' ', held)}) cannot be reached; seed {World.Seed}\n{Invariants.Describe(World)}\n{World.Log}");
        }
    }

    public void Dispose() => World.Dispose();
}
