// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.ControlPlane.Tests;

/// <summary>A system of a simulated world: a stack with its links, and a controller on it once it is started.</summary>
internal sealed class WorldNode : IDisposable
{
    private readonly World _world;
    private readonly List<SimulatedLink> _links = [];

    public WorldNode(World world, string name, bool forwards)
    {
        _world = world;
        Name = name;
        Stack = new MctpStack(new MctpStackOptions { Forwards = forwards });
        Host = new StackHost(Stack, () => world.Time.Now);
    }

    public string Name { get; }

    public MctpStack Stack { get; }

    public StackHost Host { get; }

    public NetworkController Controller { get; private set; } = null!;

    public List<ControlNote> Notes { get; } = [];

    public IReadOnlyList<SimulatedLink> Links => _links;

    public long NextDeadline => Stack.NextDeadline;

    public SimulatedLink Connect(SimulatedMedium medium, byte address = 0, uint network = 1)
    {
        var link = new SimulatedLink($"{Name}.{medium.Name}", medium, address == 0 ? default : new PhysicalAddress([address]));
        _links.Add(link);
        Stack.AddLink(link, network);
        return link;
    }

    public void Start(NetworkControllerOptions options)
    {
        Controller = new NetworkController(Host, _world.Time, options);
        Controller.Noted += Notes.Add;
        Host.Watch();
        Controller.Start();
    }

    /// <summary>One turn of the stack, and handing over what came; true when something happened.</summary>
    public bool Turn(int budget)
    {
        bool has = _links.Exists(static link => link.HasArrivals);
        if (has || Stack.NextDeadline <= _world.Time.Now) Stack.Poll(_world.Time.Now, budget);
        return Host.Deliver() || has;
    }

    public void Dispose()
    {
        Controller?.Dispose();
        foreach (SimulatedLink link in _links) Stack.RemoveLink(link, _world.Time.Now);
        _world.Remove(this);
    }
}
