// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.ControlPlane.Tests;

/// <summary>A system of a simulated world: a stack with its links, and a controller on it once it is started. It can die and come back as it was built.</summary>
internal sealed class WorldNode : IDisposable
{
    private readonly World _world;
    private readonly bool _forwards;
    private readonly List<Plug> _plugs = [];
    private readonly List<SimulatedLink> _links = [];
    private NetworkControllerOptions? _options;

    public WorldNode(World world, string name, bool forwards)
    {
        _world = world;
        _forwards = forwards;
        Name = name;
        Uuid = new Guid(world.NextNumber(), 0x4D43, 0x5450, [0x80, 0, 0, 0, 0, 0, 0, 1]);
        Build();
    }

    public string Name { get; }

    public Guid Uuid { get; set; }

    public MctpStack Stack { get; private set; } = null!;

    public StackHost Host { get; private set; } = null!;

    public NetworkController Controller { get; private set; } = null!;

    public List<ControlNote> Notes { get; } = [];

    public IReadOnlyList<SimulatedLink> Links => _links;

    public bool IsRunning { get; private set; }

    public long NextDeadline => IsRunning ? Stack.NextDeadline : long.MaxValue;

    public SimulatedLink Connect(SimulatedMedium medium, byte address = 0, LinkRole role = LinkRole.Endpoint, byte own = 0, uint network = 1)
    {
        var plug = new Plug(medium, address == 0 ? default : new PhysicalAddress([address]), role, new Eid(own), network);
        _plugs.Add(plug);
        return PlugIn(plug);
    }

    /// <summary>Starts the controller, with the roles that the links were given.</summary>
    public void Start(Func<NetworkControllerOptions, NetworkControllerOptions>? adjust = null)
    {
        _options = new NetworkControllerOptions
        {
            Uuid = Uuid,
            RoleOf = link => _plugs[link.Index - 1].Role,
            AutoDiscover = true,
            ScanAddresses = link => [.. _plugs[link.Index - 1].Medium.Places.Where(place => place != link.Address)],
            MaximumPoolSize = 60,
        };
        if (adjust is not null) _options = adjust(_options);
        Run();
    }

    /// <summary>The power fails: whatever was known is lost, packets on their way as well.</summary>
    public void Stop()
    {
        IsRunning = false;
        Controller?.Dispose();
        foreach (SimulatedLink link in _links) Stack.RemoveLink(link, _world.Time.Now);
        _links.Clear();
    }

    /// <summary>The same system comes back, and remembers nothing.</summary>
    public void Restart()
    {
        Stop();
        Build();
        foreach (Plug plug in _plugs) PlugIn(plug);
        if (_options is not null) Run();
    }

    /// <summary>One turn of the stack, and handing over what came; true when something happened.</summary>
    public bool Turn(int budget)
    {
        if (!IsRunning) return false;
        bool has = _links.Exists(static link => link.HasArrivals);
        if (has || Stack.NextDeadline <= _world.Time.Now) Stack.Poll(_world.Time.Now, budget);
        return Host.Deliver() || has;
    }

    public void Dispose()
    {
        Stop();
        _world.Remove(this);
    }

    private void Build()
    {
        Stack = new MctpStack(new MctpStackOptions { Forwards = _forwards });
        Host = new StackHost(Stack, () => _world.Time.Now);
        IsRunning = true;
    }

    private SimulatedLink PlugIn(Plug plug)
    {
        var link = new SimulatedLink($"{Name}.{plug.Medium.Name}", plug.Medium, plug.Address);
        _links.Add(link);
        Stack.AddLink(link, plug.Network);
        if (plug.Own != Eid.Null) Stack.AddAddress(link, plug.Own);
        return link;
    }

    private void Run()
    {
        Controller = new NetworkController(Host, _world.Time, _options!);
        Controller.Noted += Notes.Add;
        Host.Watch();
        Controller.Start();
    }

    private sealed record Plug(SimulatedMedium Medium, PhysicalAddress Address, LinkRole Role, Eid Own, uint Network);
}
