// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using System.Text.Json;
using Xunit;

namespace Busbar.Cli.Tests;

/// <summary>The network commands against a real daemon. Endpoints: 0x20 for peers, 0x21 for traffic, 0x22 for events, 0x23 stays unknown.</summary>
[Trait("speed", "slow")]
public sealed class DaemonCommandTests : IClassFixture<DaemonFixture>
{
    private readonly DaemonProcess _daemon;

    public DaemonCommandTests(DaemonFixture fixture) => _daemon = fixture.Daemon;

    [Fact]
    public void Link_ShowsTheDaemonsLinks_AsMctpDoes()
    {
        ProgramResult own = _daemon.Run("link show bus0");
        ProgramResult dropIn = _daemon.RunAs("mctp", "link show bus0");

        Assert.Equal("dev bus0 index 1 address 0x08 net 1 mtu 254 up\n", own.Output);
        Assert.Equal(own.Output, dropIn.Output);
        JsonElement link = _daemon.Run("link --json").Json.GetProperty("links")[0];
        Assert.Equal("bus-owner", link.GetProperty("role").GetString());
        Assert.Equal("smbus", link.GetProperty("binding").GetString());
    }

    [Fact]
    public void Link_Unknown_IsRefusedWithThoseThatAreThere()
    {
        ProgramResult result = _daemon.Run("link show bus9");

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("bus0", Assert.Single(result.ErrorLines), StringComparison.Ordinal);
        Assert.Equal(1, _daemon.RunAs("mctp", "link show bus9").ExitCode);
    }

    [Fact]
    public void Address_ComesAndGoes()
    {
        Assert.Equal(0, _daemon.Run("address add 77 dev bus0").ExitCode);
        Assert.Contains("eid 77 net 1 dev bus0\n", _daemon.RunAs("mctp", "address").Output, StringComparison.Ordinal);
        Assert.Equal(0, _daemon.RunAs("mctp", "addr del 77 dev bus0").ExitCode);
        Assert.DoesNotContain("eid 77 ", _daemon.Run("address").Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Route_ComesAndGoes_DirectAndThroughAGateway()
    {
        Assert.Equal(0, _daemon.Run("route add 150-159 via bus0 mtu 68").ExitCode);
        Assert.Equal(0, _daemon.RunAs("mctp", "route add 160-169 gw 150 net 1").ExitCode);
        string routes = _daemon.Run("route show net 1").Output;
        Assert.Contains("eid min 150 max 159 net 1 dev bus0 mtu 68\n", routes, StringComparison.Ordinal);
        Assert.Contains("eid min 160 max 169 net 1 gw 150 mtu 0\n", routes, StringComparison.Ordinal);
        Assert.Equal(0, _daemon.Run("route del 160-169 gw 150").ExitCode);
        Assert.Equal(0, _daemon.Run("route delete 150-159 via bus0").ExitCode);
        Assert.DoesNotContain("min 150", _daemon.Run("route").Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Neighbour_ComesAndGoes()
    {
        Assert.Equal(0, _daemon.Run("neigh add 90 dev bus0 lladdr 0x55").ExitCode);
        Assert.Contains("eid 90 net 1 dev bus0 lladdr 0x55\n", _daemon.Run("neigh show dev bus0").Output, StringComparison.Ordinal);
        Assert.Equal(0, _daemon.Run("neighbour del 90 dev bus0").ExitCode);
        Assert.DoesNotContain("eid 90 ", _daemon.Run("neigh").Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Peer_IsAssigned_ShownInTheTree_AndForgotten()
    {
        JsonElement assigned = _daemon.Run("peer assign bus0 0x20 --eid 40 --json").Json;
        Assert.Equal(40, assigned.GetProperty("eid").GetInt32());
        Assert.True(assigned.GetProperty("new").GetBoolean());
        Assert.Equal("eid 40 net 1 known\n", _daemon.Run("peer setup bus0 0x20").Output);

        Assert.Contains("eid 40  endpoint  lladdr 0x20  types control", _daemon.Run("tree").Output, StringComparison.Ordinal);
        JsonElement endpoints = _daemon.Run("tree --network 1 --json").Json.GetProperty("networks")[0].GetProperty("links")[0].GetProperty("endpoints");
        Assert.Equal("available", endpoints.EnumerateArray().Single(endpoint => endpoint.GetProperty("eid").GetInt32() == 40).GetProperty("state").GetString());

        Assert.Equal(0, _daemon.Run("peer mtu 40 100").ExitCode);
        Assert.Contains("eid min 40 max 40 net 1 dev bus0 mtu 100\n", _daemon.Run("route").Output, StringComparison.Ordinal);
        Assert.Equal(0, _daemon.Run("peer remove 40").ExitCode);
        Assert.DoesNotContain("eid 40 ", _daemon.Run("tree").Output, StringComparison.Ordinal);
        Assert.Equal(2, _daemon.Run("peer remove 40").ExitCode);
    }

    [Theory]
    [InlineData("req --eid {0} --length 1000 --count 3", "3 sent, 3 answered, 0 lost, 0 wrong")]
    [InlineData("req --eid {0} --type control 80 02", "00 02 00 ")]
    [InlineData("ping --daemon --eid {0} --count 2 --interval 0", "2 sent, 2 received, 0% loss")]
    [InlineData("ping --control --eid {0} --count 1", "")]
    [InlineData("ping --interface bus0 --lladdr 0x21 --control --count 1", "")]
    [InlineData("send --eid {0} --type pci cc:de:f0:01", "cc de f0 01")]
    [InlineData("discover --eid {0}", "types     0x00 (control)")]
    [InlineData("bench peer {0} --size 64 --count 100", "received 100 messages of 64 bytes")]
    [InlineData("discover --recursive", "lladdr 0x21")]
    public void Traffic_ThroughTheDaemon_IsAnswered(string commandLine, string expected)
    {
        int eid = _daemon.Run("peer setup bus0 0x21 --json").Json.GetProperty("eid").GetInt32();

        ProgramResult result = _daemon.Run(string.Format(null, commandLine, eid));

        Assert.Equal("", result.Error);
        Assert.Contains(expected, result.Output, StringComparison.Ordinal);
        Assert.Equal(0, result.ExitCode);
    }

    [Fact]
    public void Tools_ByTheirNames_UseTheDaemon()
    {
        int eid = _daemon.Run("peer setup bus0 0x21 --json").Json.GetProperty("eid").GetInt32();

        Assert.Equal($"req:  sending to (net 1, eid {eid}), type 0x7e\nreq:  message from (net 1, eid {eid}) type 0x7e len 8\n", _daemon.RunAs("mctp-req", $"eid {eid} len 5").Output);
        Assert.Equal("cc de f0 07\n", _daemon.RunAs("mctp-client", $"eid {eid} type 0x7e data cc de f0 07").Output);
    }

    [Fact]
    public async Task Monitor_TellsOfANewEndpoint()
    {
        using Process monitor = _daemon.Start("monitor", "--json");
        // When the monitor has begun to listen it does not say; so there is something to tell until it does.
        Task<string?> first = Task.Run(() => Next(monitor, "endpoint_added"), TestContext.Current.CancellationToken);
        for (int i = 0; i < 50 && !first.IsCompleted; i++)
        {
            _daemon.Run("peer assign bus0 0x22 --eid 60");
            await Task.WhenAny(first, Task.Delay(500, TestContext.Current.CancellationToken));
            _daemon.Run("peer remove 60");
        }

        monitor.Kill();
        string? line = await first;
        await monitor.WaitForExitAsync(TestContext.Current.CancellationToken);
        JsonElement change = JsonDocument.Parse(line!).RootElement;
        Assert.Equal(60, change.GetProperty("eid").GetInt32());
        Assert.Equal("bus0", change.GetProperty("link").GetString());
    }

    [Theory]
    [InlineData("peer setup bus9", 2, "bus0")]
    [InlineData("peer setup bus0 0x200", 2, "0x200")]
    [InlineData("peer setup bus0 0x70", 3, "did not respond")]
    [InlineData("peer assign bus0 0x23 --eid 8", 1, "in use")]
    [InlineData("peer assign bus0 0x23 --pool 20-29", 2, "--eid")]
    [InlineData("peer assign bus0 0x23 --eid 20 --pool 30-20", 2, "30-20")]
    [InlineData("peer learn", 2, "--eid")]
    [InlineData("peer learn bus0 0x23 --eid 9", 2, "--eid")]
    [InlineData("peer recover 199", 2, "199")]
    [InlineData("peer mtu 199 0x100000", 2, "0x100000")]
    [InlineData("peer role bus0 boss", 2, "boss")]
    [InlineData("peer role bus9 endpoint", 2, "bus9")]
    [InlineData("req --eid 199", 3, "199")]
    [InlineData("req --eid 199 --daemon 5", 2, "--daemon")]
    [InlineData("req --interface bus9", 2, "bus9")]
    [InlineData("req --interface bus0 --network 3", 2, "--network")]
    [InlineData("req --eid 9 --lladdr 1d", 2, "--interface")]
    [InlineData("address add 8 dev bus0", 2, "8")]
    [InlineData("address del 99 dev bus0", 2, "99")]
    [InlineData("route add 9", 2, "via")]
    [InlineData("route del 99 via bus0", 2, "99")]
    [InlineData("echo --local-eid 9", 2, "--local-eid")]
    [InlineData("echo --timeout 0.2", 3, "no message")]
    public void Mistakes_AreNamedInOneLine(string commandLine, int exitCode, string culprit)
    {
        ProgramResult result = _daemon.Run(commandLine);

        string line = Assert.Single(result.ErrorLines);
        Assert.Contains(culprit, line, StringComparison.Ordinal);
        Assert.StartsWith("busbar: ", line, StringComparison.Ordinal);
        Assert.Equal((exitCode, ""), (result.ExitCode, result.Output));
    }

    [Fact]
    public void Tree_OfANetworkThatIsNotThere_IsNegative() => Assert.Equal(1, _daemon.Run("tree --network 5").ExitCode);

    [Theory]
    [InlineData("link --socket {0} show ", "bus0")]
    [InlineData("link --socket {0} show bu", "bus0")]
    [InlineData("address --socket {0} add 9 dev ", "bus0")]
    [InlineData("peer setup --socket {0} ", "bus0")]
    [InlineData("peer remove --socket {0} ", "{1}")]
    [InlineData("req --daemon {0} --eid ", "{1}")]
    [InlineData("route --socket {0} add 9 ", "via")]
    public void Completion_KnowsTheDaemonsNames(string line, string expected)
    {
        int eid = _daemon.Run("peer setup bus0 0x21 --json").Json.GetProperty("eid").GetInt32();
        line = string.Format(null, line, _daemon.Socket, eid);
        KnownNames.Patience = TimeSpan.FromSeconds(30);

        string[] found = [.. Invocation.BuildTree([]).Parse(line).GetCompletions(line.Length).Select(item => item.Label)];

        Assert.Contains(string.Format(null, expected, _daemon.Socket, eid), found);
    }

    private static string? Next(Process monitor, string wanted)
    {
        while (monitor.StandardOutput.ReadLine() is { } line)
        {
            if (line.Contains($"\"{wanted}\"", StringComparison.Ordinal)) return line;
        }

        return null;
    }
}
