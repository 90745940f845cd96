// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using Busbar.ControlPlane;
using Busbar.ControlPlane.Tests;
using Busbar.Linux;
using Busbar.Mctp;
using Busbar.Node;
using Busbar.TestKit;

namespace Busbar.Daemon.Tests;

/// <summary>A controller over a scripted system, shown on a private bus; all of it runs in the test's thread while the test waits for something.</summary>
internal sealed class DbusWorld : IDisposable
{
    public const string Root = "/au/com/codeconstruct/mctp1";
    public const string LinkPath = Root + "/interfaces/mctp0";
    public const string Owner = "au.com.codeconstruct.MCTP.BusOwner1";
    public const string Properties = "org.freedesktop.DBus.Properties";
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private readonly ManualContext _host = new();
    private readonly List<(DbusTurns Turns, DbusConnection Connection)> _clients = [];

    public DbusWorld(Func<DbusOptions, DbusOptions>? change = null, Func<HostLink, LinkRole>? role = null, PrivateBus? bus = null)
    {
        Bus = bus ?? PrivateBus.Start();
        Host = new FakeHost(_host, Loop.Time);
        Host.AddLink(1);
        Host.AddAddress(1, new Eid(8));
        Controller = new NetworkController(
            Host,
            Loop.Time,
            new NetworkControllerOptions
            {
                Uuid = new Guid("6f1c2b7e-0c8e-4c43-9a5e-2f00a1b2c3d4"),
                RoleOf = role ?? (static _ => LinkRole.BusOwner),
                MessageTimeout = TimeSpan.FromMilliseconds(100),
            });
        Options = new DbusOptions { Bus = DbusChoice.Address, Address = Bus.Address, Version = "1.2.3" };
        Options = change?.Invoke(Options) ?? Options;
        Do(Controller.Start);
        Service = DbusService.TryStart(Loop, Controller, Options, Notes.Add) ?? throw new InvalidOperationException(string.Join('\n', Notes));
    }

    public PrivateBus Bus { get; }

    public EventLoop Loop { get; } = new();

    public FakeHost Host { get; }

    public NetworkController Controller { get; }

    public DbusOptions Options { get; }

    public DbusService Service { get; }

    public List<string> Notes { get; } = [];

    public static DbusWorld Ready(Func<DbusOptions, DbusOptions>? change = null, Func<HostLink, LinkRole>? role = null)
    {
        var world = new DbusWorld(change, role);
        Assert.True(world.Await(world.Service.ClaimName), string.Join('\n', world.Notes));
        return world;
    }

    public FakePeer AddPeer(byte address, byte eid = 0) => Host.AddPeer(new FakePeer(1, address) { Eid = new Eid(eid) });

    /// <summary>Runs something in the loop.</summary>
    public void Do(Action work) => Await(() =>
    {
        work();
        return Task.FromResult(true);
    });

    /// <summary>Runs something in the loop until it has ended.</summary>
    public T Await<T>(Func<Task<T>> begin)
    {
        Task<T>? task = null;
        Loop.Post(_ => task = begin(), state: null);
        Run(() => task is { IsCompleted: true });
        return task!.GetAwaiter().GetResult();
    }

    /// <summary>Lets everything run until something is the case.</summary>
    public void Run(Func<bool> done)
    {
        long began = Stopwatch.GetTimestamp();
        while (!done())
        {
            if (Stopwatch.GetElapsedTime(began) > Limit) throw new TimeoutException("What the test waits for did not happen.");
            if (!_host.Pump()) Loop.Turn(5);
        }
    }

    /// <summary>Runs busctl against our name.</summary>
    public BusctlResult Busctl(params string[] arguments) => Await(() => TestKit.Busctl.RunAsync(Bus.Address, ["--json=short", .. arguments]));

    public BusctlResult Call(string path, string kind, string member, params string[] arguments) => Busctl(["call", DbusService.BusName, path, kind, member, .. arguments]);

    public string Property(string path, string kind, string name) => Busctl("get-property", DbusService.BusName, path, kind, name).Output;

    /// <summary>All paths that introspection leads to.</summary>
    public string[] Tree() => Busctl("--list", "tree", DbusService.BusName).Output.Split('\n');

    /// <summary>Another program on the bus; it lives in the same loop.</summary>
    public DbusConnection Connect()
    {
        DbusConnection client = DbusConnection.OpenAddress(Bus.Address, Limit);
        _clients.Add((new DbusTurns(Loop, client), client));
        return client;
    }

    /// <summary>Another program leaves the bus.</summary>
    public void Disconnect(DbusConnection client)
    {
        (DbusTurns turns, _) = _clients.Find(each => each.Connection == client);
        turns.Dispose();
        client.Dispose();
    }

    public Task<T> AskAsync<T>(DbusConnection client, string path, string kind, string member, Action<DbusWriter>? write, Func<DbusReader, T> read) =>
        client.CallAsync(DbusService.BusName, path, kind, member, write, read, Limit);

    public T Ask<T>(DbusConnection client, string path, string kind, string member, Action<DbusWriter>? write, Func<DbusReader, T> read) =>
        Await(() => AskAsync(client, path, kind, member, write, read));

    /// <summary>The error that a call ends with.</summary>
    public DbusException Refusal(string path, string kind, string member, Action<DbusWriter>? write = null)
    {
        DbusConnection client = Connect();
        return Assert.Throws<DbusException>(() => Ask(client, path, kind, member, write, static _ => true));
    }

    /// <summary>Hears all signals of ours from now on: "path member (what)".</summary>
    public List<string> Listen()
    {
        DbusConnection client = Connect();
        var heard = new List<string>();
        client.Subscribe($"type='signal',path_namespace='{Root}'", (path, member, reader) => heard.Add($"{path[Root.Length..]} {member} {Describe(member, reader)}"));

        // The answer comes behind the rule.
        Await(() => client.CallAsync("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "GetId", write: null, reader => reader.ReadString(), Limit));
        return heard;
    }

    public void Dispose()
    {
        foreach ((_, DbusConnection client) in _clients) Disconnect(client);
        Service.Dispose();
        Do(Controller.Dispose);
        Loop.Dispose();
        Bus.Dispose();
    }

    private static string Describe(string member, DbusReader reader)
    {
        if (member == "PropertiesChanged")
        {
            string kind = reader.ReadString();
            List<string> names = [];
            reader.EnterArray("{sv}");
            while (!reader.AtEnd)
            {
                reader.EnterEntry("sv");
                names.Add(reader.ReadString());
                reader.Skip("v");
                reader.Exit();
            }

            return $"{kind} {string.Join(',', names)}";
        }

        string path = reader.ReadObjectPath()[Root.Length..];
        List<string> kinds = [];
        if (member == "InterfacesAdded")
        {
            reader.EnterArray("{sa{sv}}");
            while (!reader.AtEnd)
            {
                reader.EnterEntry("sa{sv}");
                kinds.Add(reader.ReadString());
                reader.Skip("a{sv}");
                reader.Exit();
            }
        }
        else
        {
            reader.EnterArray("s");
            while (!reader.AtEnd) kinds.Add(reader.ReadString());
        }

        return $"{path} {string.Join(',', kinds.Select(kind => kind[(kind.LastIndexOf('.') + 1)..]))}";
    }
}
