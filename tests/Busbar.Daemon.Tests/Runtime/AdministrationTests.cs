// SPDX-License-Identifier: Apache-2.0
using System.Text;
using System.Text.Json;
using Busbar.ControlPlane;
using Busbar.Linux;
using Busbar.Mctp;
using Busbar.Node;

namespace Busbar.Daemon.Tests;

/// <summary>A daemon with an emulated bus, administered over its socket.</summary>
public sealed class AdministrationTests
{
    private const string OneBus = """
        backend = "user"

        [mctp]
        uuid = "21f0f554-7f7c-4211-9ca1-6d0f000ea9e7"

        [[link]]
        name = "bus0"
        emulate = { endpoints = 3 }
        addresses = [8]
        """;

    [Fact]
    public async Task Peers_SetUpOverTheSocket_StandInTheReports()
    {
        using var daemon = new RunningDaemon(OneBus);
        using RemoteAdministration administration = daemon.Administer();

        SetupOutcome[] outcomes = await Task.WhenAll(Enumerable.Range(9, 3).Select(address => administration.SetupEndpointAsync(1, At(address))));
        SetupOutcome again = await administration.SetupEndpointAsync(1, At(9));
        StateReport state = administration.State();

        Assert.Equal(3, outcomes.Select(outcome => outcome.Eid).Distinct().Count());
        Assert.All(outcomes, outcome => Assert.True(outcome.IsNew && outcome.Network == 1));
        Assert.Equal((outcomes[0].Eid, false), (again.Eid, again.IsNew));
        Assert.Equal(("9.9.9", "user", daemon.File), (state.Daemon.Version, state.Daemon.Backend, state.Daemon.ConfigurationFile));
        Assert.Equal(Guid.Parse("21f0f554-7f7c-4211-9ca1-6d0f000ea9e7"), state.Daemon.Uuid);
        LinkReport link = Assert.Single(state.Links);
        Assert.Equal(("bus0", "08", "Smbus", "BusOwner", true), (link.Name, link.Address, link.Binding, link.Role, link.IsUp));
        Assert.Equal([8], link.Eids);
        Assert.True(link.Counters!.PacketsSent >= 3);
        Assert.Equal(4, state.Endpoints.Count);
        EndpointReport remote = state.Endpoints.First(endpoint => endpoint.Address == "0a");
        Assert.Equal(("bus0", "Available", true, false), (remote.LinkName, remote.Connectivity, remote.IsPublished, remote.IsLocal));
        Assert.Contains(0, remote.MessageTypes);
        Assert.NotNull(remote.Uuid);
        NetworkReport network = Assert.Single(state.Networks);
        Assert.Equal((4, 247 - 4), (network.Endpoints, network.FreeEids));
        Assert.Contains(state.Routes, route => route.First == remote.Eid);
        Assert.Contains(state.Neighbours, neighbour => neighbour.Eid == remote.Eid && neighbour.Address == "0a");
    }

    [Fact]
    public async Task Refusals_OfTheDaemon_ArriveAsTheyWere()
    {
        using var daemon = new RunningDaemon(OneBus);
        using RemoteAdministration administration = daemon.Administer();

        ControlPlaneException silent = await Assert.ThrowsAsync<ControlPlaneException>(() => administration.SetupEndpointAsync(1, At(0x50)));
        HostException noLink = Assert.Throws<HostException>(() => administration.AddAddress(7, new Eid(9)));
        HostException twice = Assert.Throws<HostException>(() => administration.AddAddress(1, new Eid(8)));
        await Assert.ThrowsAsync<ControlPlaneException>(() => administration.RemoveEndpointAsync(1, new Eid(99)));

        Assert.Equal(ControlPlaneError.NoAnswer, silent.Error);
        Assert.Equal((HostError.NotFound, HostError.Exists), (noLink.Error, twice.Error));
    }

    [Fact]
    public void Configuration_ChangedOverTheSocket_IsTheDaemons()
    {
        using var daemon = new RunningDaemon(OneBus);
        using RemoteAdministration administration = daemon.Administer();
        HostLink link = Assert.Single(administration.Links());

        administration.AddAddress(1, new Eid(20));
        administration.SetLink(1, mtu: 100);
        administration.AddRoute(HostRoute.Direct(new Eid(40), new Eid(49), link, 80));
        administration.AddNeighbour(new HostNeighbour(1, new Eid(40), At(0x0a)));

        Assert.Equal([new Eid(8), new Eid(20)], administration.Addresses().Select(address => address.Eid));
        Assert.Equal(100, administration.Links()[0].Mtu);
        Assert.Contains(administration.Routes(), route => (route.First, route.Last, route.Link, route.Mtu) == (new Eid(40), new Eid(49), 1, 80));
        Assert.Contains(new HostNeighbour(1, new Eid(40), At(0x0a)), administration.Neighbours());

        administration.RemoveNeighbour(1, new Eid(40));
        administration.RemoveRoute(HostRoute.Direct(new Eid(40), new Eid(49), link));
        administration.RemoveAddress(1, new Eid(20));
        Assert.DoesNotContain(administration.Routes(), route => route.First == new Eid(40));
        Assert.Empty(administration.Neighbours());
        Assert.Equal([new Eid(8)], administration.Addresses().Select(address => address.Eid));
    }

    [Fact]
    public async Task Sockets_OfTheDaemon_ReachItsEndpoints()
    {
        using var daemon = new RunningDaemon(OneBus);
        using RemoteAdministration administration = daemon.Administer();
        SetupOutcome outcome = await administration.SetupEndpointAsync(1, At(9));
        using MctpSocket socket = DaemonMctp.Open(daemon.SocketPath).OpenSocket();
        byte[] echo = [0xCC, 0xDE, 0xF0, 1, 2, 3];
        byte[] answer = new byte[16];

        socket.SendTo(echo, new MctpEndPoint(outcome.Eid, MessageType.VendorPci, MctpTag.Owner));
        MctpReceiveResult result = socket.ReceiveFrom(answer, RunningLoop.Limit);

        Assert.Equal(echo, answer[..result.Length]);
        Assert.Equal(outcome.Eid, result.From.Eid);
    }

    [Fact]
    public async Task Watch_FromItsBeginning_TellsEveryChange()
    {
        using var daemon = new RunningDaemon(OneBus);
        using RemoteAdministration administration = daemon.Administer();
        using var limit = new CancellationTokenSource(RunningLoop.Limit);
        await using IAsyncEnumerator<ChangeReport> changes = administration.WatchAsync(limit.Token).GetAsyncEnumerator(limit.Token);
        Task<ChangeReport> first = NextAsync(changes, ChangeKind.AddressAdded);

        // The watch begins with its first question, in another connection; so the change is repeated until it is seen.
        byte eid = 100;
        while (await Task.WhenAny(first, Task.Delay(100, limit.Token)) != first) administration.AddAddress(1, new Eid(eid++));
        SetupOutcome outcome = await administration.SetupEndpointAsync(1, At(9));
        ChangeReport published = await NextAsync(changes, ChangeKind.EndpointAdded, change => change.Endpoint is { IsLocal: false });
        await administration.RemoveEndpointAsync(1, outcome.Eid);
        ChangeReport removed = await NextAsync(changes, ChangeKind.EndpointRemoved);

        Assert.Equal("bus0", (await first).Link!.Name);
        Assert.Equal((outcome.Eid.Value, "09"), (published.Endpoint!.Eid, published.Endpoint.Address));
        Assert.Equal(outcome.Eid.Value, removed.Endpoint!.Eid);
    }

    [Fact]
    public async Task Watch_ThatIsCancelled_EndsWithoutAnException()
    {
        using var daemon = new RunningDaemon(OneBus);
        using RemoteAdministration administration = daemon.Administer();
        using var enough = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));

        await foreach (ChangeReport change in administration.WatchAsync(enough.Token)) Assert.NotNull(change);
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("{\"id\":1,\"method\":\"noSuchMethod\"}")]
    [InlineData("[[[[[[[[[[[[[[[[[[[[[[[[[[[[")]
    [InlineData("null")]
    public void Document_ThatMakesNoSense_EndsThisClientAlone(string document)
    {
        using var daemon = new RunningDaemon(OneBus);
        using UnixPackets client = DaemonConnector.Connect(daemon.SocketPath, LaneKind.Administration);
        using RemoteAdministration good = daemon.Administer();

        client.TrySend([0, .. Encoding.UTF8.GetBytes(document)]);

        Assert.True(client.Wait(PollEvents.Readable, 10_000));
        Assert.Equal(ReceiveResult.Closed, client.TryReceive(new byte[64], out _));
        Assert.Single(good.Links());
    }

    [Theory]
    [InlineData("{\"id\":7}")]
    [InlineData("{\"id\":7,\"method\":\"addAddress\",\"eid\":9}")]
    [InlineData("{\"id\":7,\"method\":\"addAddress\",\"link\":1,\"eid\":900}")]
    [InlineData("{\"id\":7,\"method\":\"addAddress\",\"link\":1,\"eid\":255}")]
    [InlineData("{\"id\":7,\"method\":\"setupEndpoint\",\"link\":1,\"address\":\"zz\"}")]
    [InlineData("{\"id\":7,\"method\":\"setRole\",\"link\":1,\"role\":\"King\"}")]
    [InlineData("{\"id\":7,\"method\":\"addRoute\",\"route\":{\"first\":20,\"last\":10,\"link\":1}}")]
    [InlineData("{\"id\":7,\"method\":\"setLink\",\"link\":1,\"mtu\":-1}")]
    [InlineData("{\"id\":7,\"method\":\"addNeighbour\",\"neighbour\":{\"link\":99,\"eid\":10,\"address\":\"01\"}}")]
    public void Request_ThatCannotBeDone_IsAnsweredWithAnError(string document)
    {
        using var daemon = new RunningDaemon(OneBus);
        using UnixPackets client = DaemonConnector.Connect(daemon.SocketPath, LaneKind.Administration);
        byte[] packet = new byte[DocumentStream.LongestPacket];

        client.TrySend([0, .. Encoding.UTF8.GetBytes(document)]);
        Assert.True(client.Wait(PollEvents.Readable, 10_000));
        Assert.Equal(ReceiveResult.Received, client.TryReceive(packet, out int count));

        using JsonDocument answer = JsonDocument.Parse(packet.AsMemory(1, count - 1));
        Assert.Equal(7, answer.RootElement.GetProperty("id").GetInt32());
        Assert.NotEmpty(answer.RootElement.GetProperty("error").GetProperty("message").GetString()!);
    }

    [Fact]
    public void Client_ThatAsksForMuchAndReadsNothing_HoldsUpNobody()
    {
        using var daemon = new RunningDaemon(OneBus);
        using UnixPackets greedy = DaemonConnector.Connect(daemon.SocketPath, LaneKind.Administration);
        using RemoteAdministration good = daemon.Administer();
        byte[] request = [0, .. "{\"id\":1,\"method\":\"state\"}"u8];

        int sent = 0;
        while (sent < 100_000 && (greedy.TrySend(request) == SendResult.Sent || greedy.Wait(PollEvents.Writable, 300))) sent++;

        Assert.True(sent < 100_000, "the daemon took everything");
        Assert.Single(good.Links());
    }

    private static PhysicalAddress At(int address) => new([(byte)address]);

    private static async Task<ChangeReport> NextAsync(IAsyncEnumerator<ChangeReport> changes, ChangeKind kind, Func<ChangeReport, bool>? matches = null)
    {
        while (await changes.MoveNextAsync())
        {
            if (changes.Current.Kind == kind && matches?.Invoke(changes.Current) != false) return changes.Current;
        }

        throw new InvalidOperationException($"the watch ended before {kind}");
    }
}
