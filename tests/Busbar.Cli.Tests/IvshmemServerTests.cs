// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using Busbar.Linux;
using Xunit;

namespace Busbar.Cli.Tests;

/// <summary>The server as a process of its own.</summary>
public sealed class IvshmemServerTests
{
    [Fact]
    public void Server_WithAnEndpointAndAPing_ConnectsThem()
    {
        using var place = new Place();
        using RunningProgram server = RunningProgram.Start("ivshmem-server", "--socket", place.Socket, "--size", "1M", "--vectors", "2");
        JsonElement ready = server.Expect("ready");
        using RunningProgram endpoint = RunningProgram.StartEndpoint(place.Ivshmem(",dialect=v1.0-aspeed"));

        ProgramResult result = BusbarProgram.Run("ping", "--link", place.Ivshmem(), "-c", "3", "-i", "0", "--json");
        endpoint.Signal(Signal.Terminate);
        ProgramResult ended = endpoint.WaitForExit();
        server.Signal(Signal.Terminate);
        ProgramResult served = server.WaitForExit();

        Assert.Equal(1 << 20, ready.GetProperty("window_bytes").GetInt32());
        Assert.Equal(0, result.ExitCode);
        Assert.Equal(3, result.Json.GetProperty("received").GetInt32());
        Assert.Equal(0, ended.ExitCode);
        Assert.Equal(0, served.ExitCode);
        Assert.Contains("client_disconnected", served.Output, StringComparison.Ordinal);
        Assert.Contains("\"clients_turned_away\":0,", served.Output, StringComparison.Ordinal);
        Assert.False(File.Exists(place.Socket));
    }

    [Fact]
    public void Server_Restarted_IsFoundAgainByBothSides()
    {
        using var place = new Place();
        using RunningProgram first = RunningProgram.Start("ivshmem-server", "--socket", place.Socket);
        first.Expect("ready");
        using RunningProgram owner = RunningProgram.StartEndpoint(place.Ivshmem(), "--eid", "10");
        using RunningProgram host = RunningProgram.StartEndpoint(place.Ivshmem(",role=discoverer"));
        host.Expect("link_up");
        first.KillHard();
        host.Expect("link_down");

        using RunningProgram second = RunningProgram.Start("ivshmem-server", "--socket", place.Socket);
        second.Expect("ready");
        host.Expect("link_up");
        host.Command("request 10 20");

        Assert.Equal(20, host.Expect("requested").GetProperty("ok").GetInt64());
    }

    [Fact]
    public void Server_SecondOnALiveSocket_IsRefused()
    {
        using var place = new Place();
        using RunningProgram first = RunningProgram.Start("ivshmem-server", "--socket", place.Socket);
        first.Expect("ready");

        ProgramResult second = BusbarProgram.Run("ivshmem-server", "--socket", place.Socket);

        Assert.Equal(2, second.ExitCode);
        Assert.Contains(place.Socket, Assert.Single(second.ErrorLines), StringComparison.Ordinal);
        Assert.True(File.Exists(place.Socket));
    }

    [Fact]
    public void Server_OnAStaleSocket_TakesItOver()
    {
        using var place = new Place();
        using (RunningProgram first = RunningProgram.Start("ivshmem-server", "--socket", place.Socket))
        {
            first.Expect("ready");
            first.KillHard();
        }

        using RunningProgram second = RunningProgram.Start("ivshmem-server", "--socket", place.Socket);

        Assert.Equal(place.Socket, second.Expect("ready").GetProperty("socket").GetString());
    }

    [Fact]
    public void Server_OnAPlainFile_LeavesItAlone()
    {
        using var place = new Place();
        File.WriteAllText(place.Socket, "precious");

        ProgramResult result = BusbarProgram.Run("ivshmem-server", "--socket", place.Socket);

        Assert.Equal(2, result.ExitCode);
        Assert.Single(result.ErrorLines);
        Assert.Equal("precious", File.ReadAllText(place.Socket));
    }
}
