// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using Busbar.Linux;
using Xunit;

namespace Busbar.Cli.Tests;

/// <summary>Pings as a stream of events, over links that come and go.</summary>
public sealed class PingEventTests
{
    [Fact]
    public void Ping_OverAReset_ReportsDownAndUpAndGoesOn()
    {
        using var place = new Place();
        using RunningProgram endpoint = RunningProgram.StartEndpoint(place.Ivshmem());
        using RunningProgram ping = RunningProgram.Start("ping", "--link", place.Ivshmem(), "--count", "0", "--interval", "0.02", "--events");
        JsonElement ready = ping.Expect("ready");
        JsonElement first = ping.Expect("reply");

        endpoint.Expect("link_up");
        endpoint.Command("reset");
        JsonElement down = ping.Expect("link_down");
        ping.Expect("link_up");
        JsonElement later = ping.Expect("reply");
        ping.Signal(Signal.Terminate);
        JsonElement summary = ping.Expect("summary");

        Assert.Equal(place.Ivshmem(), ready.GetProperty("link").GetString());
        Assert.Equal(1, first.GetProperty("seq").GetInt32());
        Assert.True(first.GetProperty("us").GetDouble() > 0);
        Assert.Equal("requested_by_peer", down.GetProperty("reason").GetString());
        Assert.True(later.GetProperty("seq").GetInt32() > 1);
        Assert.True(later.GetProperty("at_s").GetDouble() >= down.GetProperty("at_s").GetDouble());
        Assert.InRange(summary.GetProperty("ok").GetInt64(), 2, summary.GetProperty("count").GetInt64());
        Assert.Equal(0, ping.WaitForExit().ExitCode);
    }

    [Fact]
    public void Ping_OfAKilledEndpoint_ReportsTheLinkDownAndComesBackWithTheNext()
    {
        using var place = new Place();
        using RunningProgram server = RunningProgram.Start("ivshmem-server", "--socket", place.Socket, "--size", "256K");
        server.Expect("ready");
        RunningProgram endpoint = RunningProgram.StartEndpoint(place.Ivshmem());
        using RunningProgram ping = RunningProgram.Start(
            "ping", "--link", place.Ivshmem(), "--count", "0", "--interval", "0.02", "--timeout", "2", "--events");
        ping.Expect("reply");

        endpoint.KillHard();
        endpoint.Dispose();
        ping.Expect("link_down");
        JsonElement lost = ping.Expect("lost");
        using RunningProgram next = RunningProgram.StartEndpoint(place.Ivshmem());
        ping.Expect("link_up");
        ping.Expect("reply");

        Assert.Equal("link_down", lost.GetProperty("reason").GetString());
    }

    [Fact]
    public void Ping_OverSeveralLinks_NamesTheLinkOfEachEvent()
    {
        using var place = new Place();
        string[] links = [$"mmbi:ivshmem:{place.File("a")}", $"mmbi:ivshmem:{place.File("b")}"];
        using RunningProgram first = RunningProgram.StartEndpoint(links[0]);
        using RunningProgram second = RunningProgram.StartEndpoint(links[1]);

        ProgramResult result = BusbarProgram.Run("ping", "--link", links[0], "--link", links[1], "-c", "3", "-i", "0", "--json");

        Assert.Equal(0, result.ExitCode);
        JsonElement[] events = [.. result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];
        foreach (string link in links)
        {
            string[] own = [.. events.Where(line => line.GetProperty("link").GetString() == link).Select(line => line.GetProperty("event").GetString()!)];
            Assert.Equal("ready", own[0]);
            Assert.Equal(3, own.Count(name => name == "reply"));
            Assert.Equal("summary", own[^1]);
        }
    }

    [Fact]
    public void Ping_OneOfSeveralLinksDead_SaysSoAndPingsTheOthers()
    {
        using var place = new Place();
        File.WriteAllBytes(place.File("window"), new byte[65536]);
        using RunningProgram endpoint = RunningProgram.StartEndpoint(place.Ivshmem());

        ProgramResult result = BusbarProgram.Run("ping", "--link", place.Ivshmem(), "--link", place.Shm(), "-c", "2", "-i", "0", "--timeout", "0.5", "--json");

        Assert.Equal(3, result.ExitCode);
        Assert.Contains("\"error\"", result.Output, StringComparison.Ordinal);
        Assert.Equal(2, result.Output.Split("\"reply\"").Length - 1);
    }
}
