// SPDX-License-Identifier: Apache-2.0
using Xunit;

namespace Busbar.Cli.Tests;

/// <summary>Help, version, and what every wrong argument leads to: one line on stderr and the right exit code.</summary>
public sealed class UsageTests
{
    [Theory]
    [InlineData("lab")]
    [InlineData("endpoint")]
    [InlineData("discover")]
    [InlineData("ping")]
    [InlineData("send")]
    [InlineData("attach")]
    [InlineData("mmbi show")]
    [InlineData("ivshmem-server")]
    [InlineData("completion")]
    [InlineData("daemon")]
    [InlineData("tree")]
    [InlineData("peer")]
    [InlineData("peer assign")]
    [InlineData("link")]
    [InlineData("link set")]
    [InlineData("address")]
    [InlineData("route")]
    [InlineData("neigh")]
    [InlineData("monitor")]
    [InlineData("req")]
    [InlineData("echo")]
    [InlineData("bench peer")]
    public void Help_OfEachCommand_HasExamplesAndExitCodes(string command)
    {
        ProgramResult result = BusbarProgram.Run([.. command.Split(' '), "--help"]);

        Assert.Equal(0, result.ExitCode);
        Assert.Empty(result.Error);
        Assert.Contains("Examples:", result.Output, StringComparison.Ordinal);
        Assert.Contains("busbar " + command, result.Output, StringComparison.Ordinal);
        Assert.Contains("Exit codes:", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Help_OfTheProgram_ListsEveryCommand()
    {
        ProgramResult result = BusbarProgram.Run("--help");

        Assert.Equal(0, result.ExitCode);
        Assert.All(
            ["lab", "daemon", "tree", "peer", "link", "address", "route", "neigh", "monitor", "req", "echo", "endpoint", "discover", "ping", "send", "attach", "mmbi", "ivshmem-server", "completion"],
            command => Assert.Contains(command, result.Output, StringComparison.Ordinal));
    }

    [Fact]
    public void Version_IsANumber()
    {
        ProgramResult result = BusbarProgram.Run("--version");

        Assert.Equal(0, result.ExitCode);
        Assert.True(Version.TryParse(result.Output.Trim(), out _), result.Output);
    }

    [Theory]
    [InlineData("", "command")]
    [InlineData("nonsense", "nonsense")]
    [InlineData("ping", "--link")]
    [InlineData("ping --link", "--link")]
    [InlineData("ping --kernel", "--eid")]
    [InlineData("ping --kernel --eid 9 --link mmbi:shm:/x", "exclude")]
    [InlineData("ping --kernel --eid 9 --local-eid 10", "--local-eid")]
    [InlineData("ping --link mmbi:shm:/x --interface lo", "--interface")]
    [InlineData("attach --link mmbi:shm:/x", "--kernel")]
    [InlineData("attach --link mmbi:shm:/x --kernel mctp0 --route 12-9", "12-9")]
    [InlineData("attach --link mmbi:shm:/x --kernel mctp0 --mtu 40", "--mtu")]
    [InlineData("attach --link mmbi:shm:/x --kernel mctp0 --assign 9 --learn", "--learn")]
    [InlineData("attach --link mmbi:shm:/x --kernel mctp0 --local-eid 9 --no-local-eid", "--no-local-eid")]
    [InlineData("attach --link mmbi:shm:/x --kernel mctp0 --assign 8", "--assign 8")]
    [InlineData("attach --link mmbi:shm:/x --kernel mctp0 --local-eid 9 --route 9", "--route 9")]
    [InlineData("attach --link mmbi:shm:/x --kernel mctp0 --route 9 --route 9", "--route 9")]
    [InlineData("attach --link mmbi:shm:/x --kernel mctp0 --via paper", "--via paper")]
    [InlineData("attach --link mmbi:shm:/x --kernel a/b", "a/b")]
    [InlineData("ping --link tcp:host", "tcp")]
    [InlineData("ping --link mmbi:ivshmem:", "no window")]
    [InlineData("ping --link mmbi:usb:1", "usb")]
    [InlineData("ping --link mmbi:shm:/x,role=boss", "role=boss")]
    [InlineData("ping --link mmbi:shm:/x,dialect=v9", "dialect=v9")]
    [InlineData("ping --link mmbi:shm:/x,size=3000", "size=3000")]
    [InlineData("ping --link mmbi:shm:/x,wait=now", "wait=now")]
    [InlineData("ping --link mmbi:shm:/x,instance=8", "instance=8")]
    [InlineData("ping --link mmbi:shm:/x,wait=spin,wait=spin", "twice")]
    [InlineData("ping --link mmbi:shm:/x,colour=red", "colour")]
    [InlineData("ping --link mmbi:shm:/x --eid 7", "--eid 7")]
    [InlineData("ping --link mmbi:shm:/x --eid 255", "--eid 255")]
    [InlineData("ping --link mmbi:shm:/x --count -1", "-1")]
    [InlineData("ping --link mmbi:shm:/x --size 2", "--size 2")]
    [InlineData("ping --link mmbi:shm:/x --size 65536", "--size 65536")]
    [InlineData("ping --link mmbi:shm:/x --timeout soon", "soon")]
    [InlineData("ping --link mmbi:shm:/x --wibble", "--wibble")]
    [InlineData("ping --link mmbi:file:/etc/hostname", "dump")]
    [InlineData("send --link mmbi:shm:/x --type 256 01", "--type 256")]
    [InlineData("send --link mmbi:shm:/x --type zigbee 01", "zigbee")]
    [InlineData("send --link mmbi:shm:/x --type pldm 0g", "0g")]
    [InlineData("send --link mmbi:shm:/x --type pldm 123", "123")]
    [InlineData("send --link mmbi:shm:/x 01", "--type")]
    [InlineData("endpoint --link mmbi:shm:/x --uuid 1234", "1234")]
    [InlineData("endpoint --link mmbi:shm:/nowhere/x", "/nowhere/x")]
    [InlineData("device --vfio-user /tmp/x --uuid 1234", "--uuid 1234: write a UUID")]
    [InlineData("lab --dialect v2", "v2")]
    [InlineData("lab --wait never", "never")]
    [InlineData("lab --window paper", "paper")]
    [InlineData("lab --size 5M", "5M")]
    [InlineData("lab --sizes 3,2", "'2'")]
    [InlineData("lab --count 0", "--count 0")]
    [InlineData("ivshmem-server --size 4M", "--socket")]
    [InlineData("ivshmem-server --socket /tmp/x --size 3M", "3M")]
    [InlineData("ivshmem-server --socket /tmp/x --vectors 65", "65")]
    [InlineData("mmbi show", "LINK")]
    [InlineData("mmbi", "command")]
    [InlineData("completion cmd", "cmd")]
    [InlineData("@file", "@file")]
    public void Arguments_Wrong_AreRefusedInOneLineThatNamesThem(string commandLine, string culprit)
    {
        ProgramResult result = BusbarProgram.Run(commandLine.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        Assert.Equal(2, result.ExitCode);
        Assert.Empty(result.Output);
        string line = Assert.Single(result.ErrorLines);
        Assert.StartsWith("busbar: ", line, StringComparison.Ordinal);
        Assert.Contains(culprit, line, StringComparison.Ordinal);
        Assert.DoesNotContain("at Busbar", line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mmbi show mmbi:shm:/nowhere/x", 3)]
    [InlineData("mmbi show mmbi:file:/nowhere/x", 3)]
    [InlineData("mmbi show mmbi:ivshmem:/nowhere/x", 3)]
    [InlineData("mmbi show mmbi:file:/dev", 2)]
    [InlineData("mmbi show mmbi:file:/dev/null", 2)]
    [InlineData("ping --link mmbi:ivshmem:/nowhere/x --timeout 0.1", 3)]
    [InlineData("discover --link mmbi:shm:/nowhere/x --timeout 0.1", 3)]
    public void Target_NotThere_IsSaidInOneLine(string commandLine, int exitCode)
    {
        ProgramResult result = BusbarProgram.Run(commandLine.Split(' '));

        Assert.Equal(exitCode, result.ExitCode);
        Assert.Empty(result.Output);
        Assert.StartsWith("busbar: ", Assert.Single(result.ErrorLines), StringComparison.Ordinal);
    }

    [Fact]
    public void SocketPath_Empty_IsAUsageError()
    {
        ProgramResult result = BusbarProgram.Run("ivshmem-server", "--socket", string.Empty);

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("path is empty", Assert.Single(result.ErrorLines), StringComparison.Ordinal);
    }

    [Fact]
    public void SocketPath_TooLong_IsAUsageError()
    {
        ProgramResult result = BusbarProgram.Run("ivshmem-server", "--socket", "/tmp/" + new string('x', 200));

        Assert.Equal(2, result.ExitCode);
        Assert.Single(result.ErrorLines);
    }
}
