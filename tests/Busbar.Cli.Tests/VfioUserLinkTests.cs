// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using Xunit;

namespace Busbar.Cli.Tests;

/// <summary>Our driver against the device command, over its socket and without a guest.</summary>
public sealed class VfioUserLinkTests
{
    [Fact]
    [Trait("speed", "slow")]
    public void Lab_OnEveryInstanceOfOneDevice_Passes()
    {
        using var place = new Place();
        using RunningProgram device = RunningProgram.Start("device", "--vfio-user", place.Socket, "--instances", "2", "--size", "256K");
        device.Expect("ready");

        ProgramResult result = BusbarProgram.Run(
            "lab", "--link", $"mmbi:vfio-user:{place.Socket},instance=0", "--link", $"mmbi:vfio-user:{place.Socket},instance=1", "--quick", "--json");

        Assert.True(result.ExitCode == 0, result.Output + result.Error);
    }

    [Fact]
    [Trait("speed", "slow")]
    public void Ping_WhoseDeviceIsKilled_SaysThatTheLinkIsDown()
    {
        using var place = new Place();
        RunningProgram device = RunningProgram.Start("device", "--vfio-user", place.Socket);
        device.Expect("ready");
        using RunningProgram ping = RunningProgram.Start(
            "ping", "--link", $"mmbi:vfio-user:{place.Socket}", "--count", "0", "--interval", "0.05", "--timeout", "1", "--events");
        ping.Expect("reply");

        device.KillHard();
        device.Dispose();
        JsonElement down = ping.Expect("link_down");

        Assert.NotEqual(string.Empty, down.GetProperty("reason").GetString());
    }

    [Fact]
    public void Link_WithoutADevice_IsUnreachable()
    {
        using var place = new Place();

        ProgramResult result = BusbarProgram.Run("ping", "--link", $"mmbi:vfio-user:{place.Socket}", "--timeout", "0.5");

        Assert.Equal(3, result.ExitCode);
        Assert.Contains("start its process first", result.Error, StringComparison.Ordinal);
    }
}
