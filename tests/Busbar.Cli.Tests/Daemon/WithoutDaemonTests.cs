// SPDX-License-Identifier: Apache-2.0
using Xunit;

namespace Busbar.Cli.Tests;

/// <summary>The same commands when there is no daemon, or arguments that no daemon need be asked about.</summary>
public sealed class WithoutDaemonTests
{
    [Theory]
    [InlineData("link")]
    [InlineData("tree")]
    [InlineData("peer setup bus0")]
    [InlineData("monitor")]
    [InlineData("req --eid 9")]
    [InlineData("discover --recursive")]
    [InlineData("route add 9 via bus0")]
    public void Daemon_NotThere_IsSaidWithTheRemedy(string commandLine)
    {
        ProgramResult result = BusbarProgram.Run(null, commandLine.Split(' '), ("BUSBAR_SOCKET", "/nowhere/busbar.sock"));

        Assert.Equal((3, ""), (result.ExitCode, result.Output));
        string line = Assert.Single(result.ErrorLines);
        Assert.Contains("/nowhere/busbar.sock", line, StringComparison.Ordinal);
        Assert.Contains("busbar daemon", line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("link --kernel --socket /x", "--socket")]
    [InlineData("monitor --kernel --socket /x", "--socket")]
    [InlineData("tree --kernel --socket /x", "--socket")]
    [InlineData("req", "--eid")]
    [InlineData("req --daemon --kernel --eid 9", "--kernel")]
    [InlineData("req --daemon=sock --eid 9", "slash")]
    [InlineData("req --eid 9 0g", "0g")]
    [InlineData("req --eid 9 --type zigbee", "zigbee")]
    [InlineData("bench peer 7", "7")]
    [InlineData("bench peer --size 5 9", "--size 5")]
    [InlineData("discover --assign --eid 9", "--recursive")]
    [InlineData("discover --recursive --assign", "--link")]
    [InlineData("peer", "command")]
    [InlineData("peer mtu 9", "MTU")]
    [InlineData("peer remove", "EID")]
    [InlineData("peer remove 7", "7")]
    [InlineData("tree --network x", "--network x")]
    public void Arguments_Wrong_AreRefused(string commandLine, string culprit)
    {
        ProgramResult result = BusbarProgram.Run(null, commandLine.Split(' '), ("BUSBAR_SOCKET", "/nowhere/busbar.sock"));

        Assert.Equal((2, ""), (result.ExitCode, result.Output));
        Assert.Contains(culprit, Assert.Single(result.ErrorLines), StringComparison.Ordinal);
    }

    [Fact]
    public void Mctp_WithoutKernelSupportAndDaemon_EndsWithStatus1()
    {
        ProgramResult result = BusbarProgram.Run("test-mctp", ["link"], ("BUSBAR_SOCKET", "/nowhere/busbar.sock"));

        Assert.Equal((1, ""), (result.ExitCode, result.Output));
        Assert.StartsWith("test-mctp: ", Assert.Single(result.ErrorLines), StringComparison.Ordinal);
    }
}
