// SPDX-License-Identifier: Apache-2.0
using Busbar.ControlPlane;
using Busbar.Mctp;
using Busbar.Node;

namespace Busbar.Daemon.Tests;

/// <summary>Starting from a configuration, and what a reload changes.</summary>
public sealed class DaemonTests
{
    private const string Bus = """
        backend = "user"
        [[link]]
        name = "bus0"
        emulate = { endpoints = 3 }
        addresses = [8]
        """;

    [Fact]
    public void Start_WithDiscovery_FindsWhoIsThere()
    {
        using var daemon = new RunningDaemon("[bus-owner]\ndiscover = true\n" + Bus.Replace("backend = \"user\"", "", StringComparison.Ordinal));

        RunningLoop.Await(() => daemon.Do(() => daemon.Controller.Endpoints.All.Count(endpoint => endpoint.IsPublished)) == 4, "the discovery of three endpoints");
    }

    [Fact]
    public void Start_WithAReservation_GivesThatEid()
    {
        using var daemon = new RunningDaemon(
            "[bus-owner]\ndiscover = true\nreservations = [ { link = \"bus0\", address = \"0x0a\", eid = 77 } ]\n" + Bus.Replace("backend = \"user\"", "", StringComparison.Ordinal));

        RunningLoop.Await(() => daemon.Do(() => daemon.Controller.Endpoints.Find(1, new Eid(77)) is { IsPublished: true }), "the assignment of the reserved EID");
        Assert.Equal("0a", daemon.Do(() => daemon.Controller.Endpoints.Find(1, new Eid(77))!.Address.ToString()));
    }

    [Fact]
    public void Start_WithRoutesAndNeighbours_HasThem()
    {
        using var daemon = new RunningDaemon(Bus + "\n[[route]]\neids = \"40-49\"\nvia = \"bus0\"\nmtu = 80\n[[route]]\neids = 60\ngateway = 40\n[[neighbour]]\nlink = \"bus0\"\neid = 40\naddress = \"0x0a\"\n");
        using RemoteAdministration administration = daemon.Administer();

        Assert.Contains(administration.Routes(), route => (route.First, route.Last, route.Link, route.Mtu) == (new Eid(40), new Eid(49), 1, 80));
        Assert.Contains(administration.Routes(), route => (route.First, route.Gateway) == (new Eid(60), new Eid(40)));
        Assert.Contains(administration.Neighbours(), neighbour => neighbour.Eid == new Eid(40));
    }

    [Fact]
    public void Reload_OfAnotherConfiguration_AppliesTheDifference()
    {
        using var daemon = new RunningDaemon(Bus + "\n[[route]]\neids = 40\nvia = \"bus0\"\n");
        using RemoteAdministration administration = daemon.Administer();
        administration.AddAddress(1, new Eid(30));

        daemon.Write("""
            backend = "user"
            [[link]]
            name = "bus0"
            emulate = { endpoints = 3 }
            addresses = [8, 9]
            mtu = 100
            [[link]]
            name = "bus1"
            emulate = { endpoints = 1 }
            network = 2
            role = "endpoint"
            addresses = [50]
            [[route]]
            eids = 41
            via = "bus0"
            """);
        administration.Reload();

        LinkReport[] links = [.. administration.LinkReports()];
        Assert.Equal(["bus0", "bus1"], links.Select(link => link.Name));
        Assert.Equal([8, 30, 9], links[0].Eids);
        Assert.Equal((100, 2u, "Endpoint"), (links[0].Mtu, links[1].Network, links[1].Role));
        Assert.Equal([50], links[1].Eids);
        Assert.Contains(administration.Routes(), route => route.First == new Eid(41));
        Assert.DoesNotContain(administration.Routes(), route => route.First == new Eid(40));

        daemon.Write(Bus);
        administration.Reload();
        Assert.Equal(["bus0"], administration.Links().Select(link => link.Name));
        Assert.Equal([8, 30], administration.LinkReports()[0].Eids);
    }

    [Fact]
    public void Reload_OfABrokenFile_KeepsTheOldOneAndSaysWhere()
    {
        using var daemon = new RunningDaemon(Bus);
        using RemoteAdministration administration = daemon.Administer();

        daemon.Write(Bus + "\naddres = [9]\n");
        HostException refusal = Assert.Throws<HostException>(administration.Reload);

        Assert.Equal(HostError.Invalid, refusal.Error);
        Assert.StartsWith($"{daemon.File}:6:1: unknown key 'addres' in [[link]]; did you mean 'addresses'?", refusal.Message, StringComparison.Ordinal);
        Assert.Equal([8], administration.LinkReports()[0].Eids);
    }

    [Fact]
    public void Reload_OfWhatNeedsARestart_SaysSo()
    {
        using var daemon = new RunningDaemon(Bus);
        using RemoteAdministration administration = daemon.Administer();

        daemon.Write("backend = \"user\"\n[mctp]\nuuid = \"21f0f554-7f7c-4211-9ca1-6d0f000ea9e7\"\n[daemon]\nsocket_mode = \"0600\"\n" + Bus.Replace("backend = \"user\"", "", StringComparison.Ordinal));
        administration.Reload();

        Assert.Contains(daemon.Notes, note => note.Severity == NoteSeverity.Warning && note.Text.StartsWith("uuid in [mctp] changed", StringComparison.Ordinal));
        Assert.Contains(daemon.Notes, note => note.Severity == NoteSeverity.Warning && note.Text.StartsWith("[daemon] changed", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Reload_OfTheBusOwnersOptions_CountsAtOnce()
    {
        using var daemon = new RunningDaemon(Bus);
        using RemoteAdministration administration = daemon.Administer();
        await administration.SetupEndpointAsync(1, new PhysicalAddress([0x09]));

        daemon.Write("""
            backend = "user"
            [mctp]
            message_timeout_ms = 77
            [bus-owner]
            dynamic_eid_range = [100, 120]
            max_pool_size = 3
            endpoint_poll_ms = 2500
            discover = true
            wanted_pool_size = 9
            [daemon]
            max_clients = 2
            message_types = [5]
            [[link]]
            name = "bus0"
            emulate = { endpoints = 3 }
            addresses = [8]
            """);
        administration.Reload();

        RunningLoop.Await(() => daemon.Do(() => daemon.Controller.Endpoints.All.Count(endpoint => endpoint.IsPublished)) == 4, "the discovery of the other two");
        Assert.Equal([8, 9, 100, 101], daemon.Do(() => daemon.Controller.Endpoints.All.Select(endpoint => (int)endpoint.Eid.Value).ToArray()));
        NetworkControllerOptions options = daemon.Do(() => daemon.Controller.Options);
        Assert.Equal((77, 3, 2500, 9), (options.MessageTimeout.TotalMilliseconds, options.MaximumPoolSize, options.EndpointPoll.TotalMilliseconds, options.WantedPoolSize));
        Assert.DoesNotContain(daemon.Notes, note => note.Text.Contains("takes effect when the daemon starts again", StringComparison.Ordinal));
        using RemoteAdministration second = daemon.Administer();
        Assert.Contains("max_clients", Assert.Throws<MctpException>(daemon.Administer).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Reload_OfRolesAndScans_GivesThemToLinksThatAreThere()
    {
        using var daemon = new RunningDaemon("[bus-owner]\ndiscover = true\n" + Bus.Replace("backend = \"user\"", "", StringComparison.Ordinal) + "\nscan = [\"0x09\"]\n");
        using RemoteAdministration administration = daemon.Administer();
        RunningLoop.Await(() => daemon.Do(() => daemon.Controller.Endpoints.All.Count(endpoint => endpoint.IsPublished)) == 2, "the discovery of the one that is looked for");

        daemon.Write("[bus-owner]\ndiscover = true\n" + Bus.Replace("backend = \"user\"", "", StringComparison.Ordinal) + "\nscan = [\"0x09\", \"0x0a\"]\n");
        administration.Reload();
        RunningLoop.Await(() => daemon.Do(() => daemon.Controller.Endpoints.All.Count(endpoint => endpoint.IsPublished)) == 3, "the discovery of the other one");

        daemon.Write(Bus + "\nrole = \"endpoint\"\n");
        administration.Reload();
        Assert.Equal("Endpoint", administration.LinkReports()[0].Role);
    }

    [Fact]
    public async Task Reload_WhileOneGoesOn_ReadsTheFileOnceMore()
    {
        using var folder = new TestFolder();
        using var daemon = new RunningDaemon(Bus);
        using RemoteAdministration administration = daemon.Administer();

        // The other end of this link is waited for, so the first reading takes a while.
        daemon.Write(Bus + $"\n[[link]]\nname = \"mmbi0\"\nlink = \"mmbi:shm:{folder.File("w")}\"\n");
        Task first = Task.Run(administration.Reload, TestContext.Current.CancellationToken);
        RunningLoop.Await(() => daemon.Do(() => daemon.IsReloading), "the first reading");
        daemon.Write(Bus.Replace("[8]", "[8, 9]", StringComparison.Ordinal));
        await Task.Run(administration.Reload, TestContext.Current.CancellationToken);
        await first;

        Assert.Equal([8, 9], administration.LinkReports()[0].Eids);
        Assert.DoesNotContain(daemon.Notes, note => note.Text.Contains("already", StringComparison.Ordinal));
    }

    [Fact]
    public void Start_WithALinkWhoseOtherEndIsMissing_GoesOnAndTriesAgain()
    {
        using var folder = new TestFolder();
        string window = folder.File("w");
        using var daemon = new RunningDaemon(Bus + $"\n[[link]]\nname = \"mmbi0\"\nlink = \"mmbi:shm:{window}\"\naddresses = [20]\n");
        using RemoteAdministration administration = daemon.Administer();
        Assert.Equal(["bus0"], administration.Links().Select(link => link.Name));

        using LinkAttachment owner = LinkOpener.Open(Parse($"mmbi:shm:{window},size=64K"), Mmbi.MmbiRole.Owner, "owner");
        using var peer = new MctpNode();
        peer.AddLink(owner);

        RunningLoop.Await(() => administration.LinkReports().Any(link => link is { Name: "mmbi0", Eids: [20] }), "the second try");
        Assert.Contains(daemon.Notes, note => note.Text.StartsWith("link 'mmbi0' is not there yet", StringComparison.Ordinal));
    }

    [Fact]
    public void Start_OnASocketThatIsTaken_SaysSo()
    {
        using var daemon = new RunningDaemon(Bus);
        using var loop = new RunningLoop();
        DaemonConfiguration same = ConfigurationFile.Parse(Bus, "f", ConfigurationDialect.Busbar);
        same = same with { Daemon = same.Daemon with { Socket = daemon.SocketPath, Mux = "", Dbus = DbusChoice.None } };

        Linux.LinuxException refusal = Assert.Throws<Linux.LinuxException>(() => loop.Do(() => MctpDaemon.StartAsync(loop.Loop, same, new DaemonOptions())));

        Assert.Equal(Linux.Errno.EADDRINUSE, refusal.Errno);
    }

    [Fact]
    public void Derive_FromAnIdentity_IsStableAndDoesNotShowIt()
    {
        var identity = Guid.Parse("0123456789abcdef0123456789abcdef");

        Guid uuid = MachineIdentity.Derive(identity);

        Assert.Equal(uuid, MachineIdentity.Derive(identity));
        Assert.NotEqual(identity, uuid);
        Assert.Equal('4', uuid.ToString()[14]);
    }

    private static LinkSpec Parse(string text) => LinkSpecParser.TryParse(text, out LinkSpec? spec, out string? error) ? spec : throw new ArgumentException(error);
}
