// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.ControlPlane.Tests;

/// <summary>A controller over a <see cref="FakeHost"/>, with a clock that jumps from timer to timer. By default one link with addresses, where our EID is 8.</summary>
internal sealed class ControlWorld : IDisposable
{
    private readonly List<ControlNote> _notes = [];
    private readonly List<string> _events = [];

    public ControlWorld(NetworkControllerOptions? options = null, bool start = true, bool bare = false)
    {
        Time = new ManualTime(Context);
        Host = new FakeHost(Context, Time);
        if (!bare)
        {
            Host.AddLink(1);
            Host.AddAddress(1, new Eid(8));
        }

        Controller = new NetworkController(Host, Time, options ?? DefaultOptions);
        Controller.Noted += _notes.Add;
        Controller.Endpoints.Published += endpoint => _events.Add($"+{endpoint.Network}/{endpoint.Eid}");
        Controller.Endpoints.Removed += endpoint => _events.Add($"-{endpoint.Network}/{endpoint.Eid}");
        Controller.Endpoints.Changed += (endpoint, field) => _events.Add(
            field == EndpointField.Connectivity ? $"{endpoint.Network}/{endpoint.Eid} {endpoint.Connectivity}" : $"{endpoint.Network}/{endpoint.Eid} {field}");
        if (start) Start();
    }

    public static NetworkControllerOptions DefaultOptions { get; } = new() { Uuid = new Guid("6f1c2b7e-0c8e-4c43-9a5e-2f00a1b2c3d4") };

    public ManualContext Context { get; } = new();

    public ManualTime Time { get; }

    public FakeHost Host { get; }

    public NetworkController Controller { get; }

    public IReadOnlyList<ControlNote> Notes => _notes;

    /// <summary>What the endpoint table said, in order: "+net/eid", "-net/eid", "net/eid Field".</summary>
    public IReadOnlyList<string> Events => _events;

    /// <summary>EIDs of network 1 that are published and not our own.</summary>
    public int[] PeerEids => [.. Controller.Endpoints.All.Where(static endpoint => endpoint.IsPublished && !endpoint.IsLocal).Select(static endpoint => (int)endpoint.Eid.Value)];

    public void Start() => Run(() =>
    {
        Controller.Start();
        return Task.CompletedTask;
    });

    public FakePeer AddPeer(byte address, byte eid = 0, int link = 1) => Host.AddPeer(new FakePeer(link, address) { Eid = new Eid(eid) });

    public FakePeer AddBridge(byte address, int behind, byte eid = 0, int link = 1) => Host.AddPeer(new FakePeer(link, address) { Eid = new Eid(eid) }.WithBehind(behind));

    public ManagedEndpoint Endpoint(byte eid, uint network = 1)
    {
        ManagedEndpoint? endpoint = Controller.Endpoints.Find(network, new Eid(eid));
        Assert.NotNull(endpoint);
        return endpoint;
    }

    /// <summary>Begins something in the context; nothing moves until the world is pumped.</summary>
    public Task<T> Begin<T>(Func<Task<T>> work)
    {
        Task<T>? task = null;
        Context.Post(() => task = work());
        Context.Pump();
        return task!;
    }

    /// <summary>Runs something to its end, and lets the clock jump from timer to timer meanwhile.</summary>
    public T Run<T>(Func<Task<T>> work) => Finish(Begin(work));

    public void Run(Func<Task> work) => Run<object?>(async () =>
    {
        await work();
        return null;
    });

    /// <summary>Lets the clock jump from timer to timer until a task has ended.</summary>
    public T Finish<T>(Task<T> task)
    {
        TimeSpan limit = Time.Now + TimeSpan.FromMinutes(10);
        while (!task.IsCompleted)
        {
            bool moved = Context.Pump() || Time.TryStep(limit);
            Assert.True(moved || task.IsCompleted, "nothing can happen any more, and the task has not ended");
        }

        Context.Pump();
        return task.GetAwaiter().GetResult();
    }

    /// <summary>Lets time pass.</summary>
    public void Pass(TimeSpan time)
    {
        TimeSpan end = Time.Now + time;
        do
        {
            Context.Pump();
        }
        while (Time.TryStep(end));
        Time.MoveTo(end);
    }

    /// <summary>Lets background work end; polls that wait for their next round are left waiting.</summary>
    public void Settle() => Run(() => Controller.WhenIdleAsync());

    public SetupOutcome Setup(FakePeer peer) => Run(() => Controller.SetupEndpointAsync(peer.Link, peer.Address));

    public SetupOutcome Assign(FakePeer peer) => Run(() => Controller.AssignEndpointAsync(peer.Link, peer.Address));

    public SetupOutcome AssignStatic(FakePeer peer, byte eid) => Run(() => Controller.AssignEndpointStaticAsync(peer.Link, peer.Address, new Eid(eid)));

    public SetupOutcome Learn(FakePeer peer) => Run(() => Controller.LearnEndpointAsync(peer.Link, peer.Address));

    public ControlPlaneException Fails(Func<Task> work) => Assert.Throws<ControlPlaneException>(() => Run(work));

    public void Dispose()
    {
        Context.Post(Controller.Dispose);
        Pass(TimeSpan.FromMinutes(1));
        Assert.Equal(0, Host.OpenExchanges);
        Assert.Equal(0, Controller.Queries.Pending);
    }
}
