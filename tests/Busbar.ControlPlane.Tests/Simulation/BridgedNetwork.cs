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
        bridge.Start(options => options with { WantedPoolSize = wants });
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
            _ = Record.ExceptionAsync(() => Top.Controller.SetupEndpointAsync(link, place));
    }

    /// <summary>Lets everything end that was begun.</summary>
    public void Rest(long atLeast = 0)
    {
        World.Run(atLeast);
        World.RunUntil(() => World.Nodes.All(static node => !node.IsRunning || (node.Controller.Queries.Pending == 0 && node.Controller.WhenIdleAsync().IsCompleted)), 120_000);
    }

    /// <summary>The EID that answers when the top asks an EID for its EID, over the network.</summary>
    public Eid? Ping(Eid eid)
    {
        var to = new MctpEndPoint(eid, MessageType.Control, MctpTag.Owner, 1);
        return World.Finish(Top.Controller.Queries.AskAsync<GetEndpointIdResponse>(to)).Value?.Eid;
    }

    public void Dispose() => World.Dispose();
}
