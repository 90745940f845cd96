// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using System.Xml.Linq;
using Busbar.Mctp;

namespace Busbar.BlackBox;

/// <summary>Our daemon as test-mctpd, over a harness and on a bus of its own; its end is checked when it is disposed.</summary>
internal sealed class Mctpd : IDisposable
{
    public const string Service = "au.com.codeconstruct.MCTP1";
    public const string Root = "/au/com/codeconstruct/mctp1";
    public const string EndpointContract = "xyz.openbmc_project.MCTP.Endpoint";
    public const string Endpoint1Contract = "au.com.codeconstruct.MCTP.Endpoint1";
    public const string BridgeContract = "au.com.codeconstruct.MCTP.Bridge1";
    public const string OwnerContract = "au.com.codeconstruct.MCTP.BusOwner1";
    public const string InterfaceContract = "au.com.codeconstruct.MCTP.Interface1";
    public const string NetworkContract = "au.com.codeconstruct.MCTP.Network1";
    public const string RootContract = "au.com.codeconstruct.MCTP1";
    public const string UuidContract = "xyz.openbmc_project.Common.UUID";

    private readonly bool _ownsHarness;
    private bool _stopped;

    private Mctpd(MockHarness harness, bool ownsHarness, string? configuration)
    {
        Harness = harness;
        _ownsHarness = ownsHarness;
        Bus = new WatchedBus();
        Program = TestProgram.Start(
            "test-mctpd",
            harness,
            configuration is null ? ["-v"] : ["-v", "-c", "{folder}/mctpd.conf"],
            new Dictionary<string, string> { ["DBUS_STARTER_BUS_TYPE"] = "user", ["DBUS_SESSION_BUS_ADDRESS"] = Bus.Address },
            configuration is null ? null : new Dictionary<string, string> { ["mctpd.conf"] = configuration });
    }

    public MockHarness Harness { get; }

    public WatchedBus Bus { get; }

    public TestProgram Program { get; }

    /// <summary>The usual endpoint, at 0x1d on mctp0.</summary>
    public MockEndpoint Peer => Harness.Get(() => Harness.Mctp.Endpoints[0]);

    public MockInterface Link => Harness.Get(() => Harness.System.Interfaces[0]);

    /// <summary>Starts the daemon and waits until it is ready.</summary>
    /// <param name="configuration">Text of its configuration file; none when null.</param>
    /// <param name="prepare">Changes the usual system before the daemon sees it.</param>
    public static Mctpd Start(string? configuration = null, Action<MockHarness>? prepare = null)
    {
        MockHarness harness = MockHarness.Usual();
        prepare?.Invoke(harness);
        var daemon = new Mctpd(harness, ownsHarness: true, configuration);
        try
        {
            daemon.WaitUntilReady();
        }
        catch
        {
            daemon._stopped = true;
            daemon.Dispose();
            throw;
        }

        return daemon;
    }

    public static string InterfacePath(string name = "mctp0") => $"{Root}/interfaces/{name}";

    public static string NetworkPath(uint network = 1) => $"{Root}/networks/{network}";

    public static string EndpointPath(int eid, uint network = 1) => $"{Root}/networks/{network}/endpoints/{eid}";

    /// <summary>Adds an endpoint to the usual link.</summary>
    public MockEndpoint AddPeer(byte address, byte eid = 0, Action<MockEndpoint>? prepare = null, MockInterface? link = null)
    {
        MockInterface place = link ?? Link;
        return Harness.Get(() =>
        {
            var endpoint = new MockEndpoint(place, [address], eid);
            prepare?.Invoke(endpoint);
            return Harness.Mctp.Add(endpoint);
        });
    }

    public (byte Eid, int Network, string Path, bool IsNew) Own(string method, params object[] arguments) =>
        OwnOn("mctp0", method, "ay" + new string('y', arguments.Length - 1), arguments);

    /// <summary>Calls a method of a bus owner that answers yisb.</summary>
    public (byte Eid, int Network, string Path, bool IsNew) OwnOn(string link, string method, string signature, params object[] arguments)
    {
        JsonElement[] answer = Bus.Call(Service, InterfacePath(link), OwnerContract, method, signature, arguments);
        return (answer[0].GetByte(), answer[1].GetInt32(), answer[2].GetString()!, answer[3].GetBoolean());
    }

    public (byte Eid, int Network, string Path, bool IsNew) Setup(byte address = 0x1d) => Own("SetupEndpoint", new byte[] { address });

    public (byte Eid, int Network, string Path, bool IsNew) Assign(byte address = 0x1d) => Own("AssignEndpoint", new byte[] { address });

    public (byte Eid, int Network, string Path, bool IsNew) AssignStatic(byte address, byte eid) => Own("AssignEndpointStatic", new byte[] { address }, eid);

    public (byte Eid, int Network, string Path, bool IsNew) Learn(byte address = 0x1d) => Own("LearnEndpoint", new byte[] { address });

    public (byte Eid, byte PoolStart, int Network, string Path, bool IsNew) AssignBridge(byte address, byte eid, byte poolStart, byte poolSize)
    {
        JsonElement[] answer = Bus.Call(Service, InterfacePath(), OwnerContract, "AssignBridgeStatic", "ayyyy", new[] { address }, eid, poolStart, poolSize);
        return (answer[0].GetByte(), answer[1].GetByte(), answer[2].GetInt32(), answer[3].GetString()!, answer[4].GetBoolean());
    }

    public JsonElement Property(string path, string contract, string name) => Bus.Property(Service, path, contract, name);

    public byte[] Bytes(string path, string contract, string name) => [.. Property(path, contract, name).EnumerateArray().Select(value => value.GetByte())];

    public void CallEndpoint(int eid, string method, string signature = "", params object[] arguments) =>
        Bus.Call(Service, EndpointPath(eid), Endpoint1Contract, method, signature, arguments);

    public (string Path, bool Found) LearnByEid(byte eid, uint network = 1)
    {
        JsonElement[] answer = Bus.Call(Service, NetworkPath(network), NetworkContract, "LearnEndpoint", "y", eid);
        return (answer[0].GetString()!, answer[1].GetBoolean());
    }

    /// <summary>All objects that the daemon manages, with their interfaces.</summary>
    public Dictionary<string, string[]> Objects()
    {
        JsonElement[] answer = Bus.Call(Service, Root, "org.freedesktop.DBus.ObjectManager", "GetManagedObjects");
        return answer[0].EnumerateObject().ToDictionary(entry => entry.Name, entry => entry.Value.EnumerateObject().Select(contract => contract.Name).ToArray());
    }

    public bool Has(int eid, uint network = 1) => Objects().ContainsKey(EndpointPath(eid, network));

    public bool Has(string path, string contract) => Objects().TryGetValue(path, out string[]? contracts) && contracts.Contains(contract);

    /// <summary>What introspection says about a path.</summary>
    public XElement Introspect(string path) => XElement.Parse(StripDoctype(Bus.Call(Service, path, "org.freedesktop.DBus.Introspectable", "Introspect")[0].GetString()!));

    /// <summary>Waits for an object to appear; one that is there counts.</summary>
    public void WaitForObject(string path, bool isThere = true) => WaitUntil(() => Objects().ContainsKey(path) == isThere, $"{path} {(isThere ? "comes" : "goes")}");

    public BusSignal WaitForSignal(Func<BusSignal, bool> wanted, string what) => Bus.WaitFor(wanted, what, Condition);

    public void WaitUntil(Func<bool> condition, string what)
    {
        long start = System.Diagnostics.Stopwatch.GetTimestamp();
        while (!condition())
        {
            if (System.Diagnostics.Stopwatch.GetElapsedTime(start) > TestProgram.Limit) throw new TimeoutException($"it does not happen that {what}; {Condition()}");
            using var pause = new ManualResetEventSlim();
            pause.Wait(20);
        }
    }

    public T Get<T>(Func<MockSystem, T> look) => Harness.Get(() => look(Harness.System));

    public MockRoute? Route(byte eid) => Get(system => system.Routes.Find(route => route.First <= eid && eid <= route.Last));

    public bool HasNeighbour(byte eid) => Get(system => system.Neighbours.Any(neighbour => neighbour.Eid == eid));

    /// <summary>Asks the daemon as an endpoint and returns the whole answer behind the type byte.</summary>
    public byte[] Ask(MockEndpoint from, params byte[] body)
    {
        Task<byte[]> answer = Harness.AskAsync(from, body);
        if (!answer.Wait(TestProgram.Limit)) throw new TimeoutException($"the daemon does not answer {Convert.ToHexStringLower(body)}; {Condition()}");
        return answer.Result;
    }

    /// <summary>Ends the daemon in order and checks its status.</summary>
    public void Stop()
    {
        _stopped = true;
        Program.Terminate();
        Program.WaitForExit();
        if (Program.ExitCode != 0) throw new InvalidOperationException($"the daemon ended with status {Program.ExitCode}: {Program.Errors}");
    }

    public void Dispose()
    {
        try
        {
            if (!_stopped) Stop();
        }
        finally
        {
            Program.Dispose();
            Bus.Dispose();
            if (_ownsHarness) Harness.Dispose();
        }

        Harness.Check();
    }

    private static string StripDoctype(string text) => text.Contains("<node", StringComparison.Ordinal) ? text[text.IndexOf("<node", StringComparison.Ordinal)..] : text;

    private void WaitUntilReady() => WaitForSignal(
        signal => signal.Member == "NameOwnerChanged" && signal.Arguments[0].GetString() == Service && signal.Arguments[2].GetString()!.Length != 0,
        "the daemon's name");

    private string Condition() => Program.HasExited ? $"ended with status {Program.ExitCode}: {Program.Output}{Program.Errors}" : $"the daemon said: {Program.Output}{Program.Errors}";
}
