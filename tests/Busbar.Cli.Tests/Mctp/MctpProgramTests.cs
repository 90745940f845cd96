// SPDX-License-Identifier: Apache-2.0
using Busbar.ControlPlane;
using Xunit;

namespace Busbar.Cli.Tests;

/// <summary>The mctp program over a system without a kernel: its lines byte for byte, its grammar, its streams and its statuses.</summary>
public sealed class MctpProgramTests
{
    private const string AllLinks =
        """
        dev lo index 1 address 00:00:00:00:00:00 net 1 mtu 65536 up
        dev mctpi2c1 index 4 address 0x10 net 1 mtu 254 up
        dev mctpserial0 index 5 address none net 7 mtu 68 down
        dev mctppcie0 index 6 address 07:ec:80:01:00:00 net 3 mtu 1024 up

        """;

    private const string AllRoutes =
        """
        eid min 9 max 9 net 1 dev mctpi2c1 mtu 68
        eid min 20 max 29 net 1 gw 12 mtu 0
        eid min 30 max 31 <invalid dst!> mtu 0

        """;

    private readonly FakeSystem _system = new();

    [Theory]
    [InlineData("link", AllLinks)]
    [InlineData("link show", AllLinks)]
    [InlineData("l", AllLinks)]
    [InlineData("-- link", AllLinks)]
    [InlineData("link show mctpi2c1", "dev mctpi2c1 index 4 address 0x10 net 1 mtu 254 up\n")]
    [InlineData("address", "eid 8 net 1 dev mctpi2c1\neid 11 net 3 dev mctppcie0\n")]
    [InlineData("a show mctppcie0", "eid 11 net 3 dev mctppcie0\n")]
    [InlineData("addr show mctpserial0", "")]
    [InlineData("route", AllRoutes)]
    [InlineData("r show net 9", AllRoutes)]
    [InlineData("neigh", "eid 9 net 1 dev mctpi2c1 lladdr 0x1d\neid 12 net 3 dev mctppcie0 lladdr 07:ec:80:01:00:00\neid 40 net 7 dev mctpserial0 lladdr none\n")]
    [InlineData("n show dev mctpi2c1", "eid 9 net 1 dev mctpi2c1 lladdr 0x1d\n")]
    public void Listing_IsTheLinesThatScriptsKnow(string commandLine, string expected)
    {
        (int status, string output, string error) = Run(commandLine);

        Assert.Equal(expected, output);
        Assert.Empty(error);
        Assert.Equal(0, status);
        Assert.True(_system.IsDisposed);
    }

    [Theory]
    [InlineData("link set mctpi2c1 up", "set 4 up=True mtu= net=")]
    [InlineData("link set mctpi2c1 down", "set 4 up=False mtu= net=")]
    [InlineData("link set mctpi2c1 mtu 0x44 net 010 up", "set 4 up=True mtu=68 net=8")]
    [InlineData("link set mctpserial0 network 4294967295", "set 5 up= mtu= net=4294967295")]
    [InlineData("address add 10 dev mctpi2c1", "address+ 4 10")]
    [InlineData("addr del 0x0a dev mctpi2c1", "address- 4 10")]
    [InlineData("route add 9 via mctpi2c1", "route+ 9-9 link=4 gw=0 net=1 mtu=0")]
    [InlineData("route add 9-12 via mctppcie0 mtu 68", "route+ 9-12 link=6 gw=0 net=3 mtu=68")]
    [InlineData("route add 9-12 mtu 68 via mctppcie0", "route+ 9-12 link=6 gw=0 net=3 mtu=68")]
    [InlineData("route add 20-29 gw 12", "route+ 20-29 link=0 gw=12 net=1 mtu=0")]
    [InlineData("route add 20-254 net 5 mtu 100 gw 12", "route+ 20-254 link=0 gw=12 net=5 mtu=100")]
    [InlineData("route del 9 via mctpi2c1", "route- 9-9 link=4 gw=0 net=1 mtu=0")]
    [InlineData("r del 20-29 gw 12 net 5", "route- 20-29 link=0 gw=12 net=5 mtu=0")]
    [InlineData("neigh add 9 dev mctpi2c1 lladdr 1d", "neighbour+ 4 9 1d")]
    [InlineData("neighbour add 9 dev mctpi2c1 lladdr 0x1d", "neighbour+ 4 9 1d")]
    [InlineData("neigh add 9 dev mctppcie0 lladdr 7:ec:80:1:0:0", "neighbour+ 6 9 07:ec:80:01:00:00")]
    [InlineData("neigh del 9 dev mctpi2c1", "neighbour- 4 9")]
    public void Change_Good_IsMadeAndNothingSaid(string commandLine, string expected)
    {
        (int status, string output, string error) = Run(commandLine);

        Assert.Equal(expected, Assert.Single(_system.Fake.Changes));
        Assert.Empty(output);
        Assert.Empty(error);
        Assert.Equal(0, status);
    }

    [Theory]
    [InlineData("bridge", "no such command")]
    [InlineData("linkx", "no such command")]
    [InlineData("Link", "no such command")]
    [InlineData("link paint", "paint")]
    [InlineData("link show nowhere0", "nowhere0")]
    [InlineData("link show lo lo", "'lo'")]
    [InlineData("link set", "IFNAME")]
    [InlineData("link set mctpi2c1", "mctpi2c1")]
    [InlineData("link set mctpi2c1 mtu", "MTU")]
    [InlineData("link set mctpi2c1 mtu 0", "0")]
    [InlineData("link set mctpi2c1 mtu 4294967295", "4294967295")]
    [InlineData("link set mctpi2c1 mtu 4294967296", "4294967296")]
    [InlineData("link set mctpi2c1 mtu 08", "08")]
    [InlineData("link set mctpi2c1 mtu -1", "-1")]
    [InlineData("link set mctpi2c1 net 0", "0")]
    [InlineData("link set mctpi2c1 bus-owner 0x10", "bus-owner")]
    [InlineData("link set mctpi2c1 sideways", "sideways")]
    [InlineData("link serial", "TTY")]
    [InlineData("address add", "EID")]
    [InlineData("address add 10", "dev")]
    [InlineData("address add 10 mctpi2c1", "dev")]
    [InlineData("address add 10 dev", "IFNAME")]
    [InlineData("address add 256 dev mctpi2c1", "256")]
    [InlineData("address add ten dev mctpi2c1", "ten")]
    [InlineData("address add 10 dev mctpi2c1 now", "now")]
    [InlineData("route add", "EID")]
    [InlineData("route add 9", "via")]
    [InlineData("route add 9 via", "IFNAME")]
    [InlineData("route add 9 via lo0", "lo0")]
    [InlineData("route add 12-9 via mctpi2c1", "12-9")]
    [InlineData("route add 9-255 via mctpi2c1", "255")]
    [InlineData("route add 255 via mctpi2c1", "255")]
    [InlineData("route add 9- via mctpi2c1", "''")]
    [InlineData("route add 9 via mctpi2c1 net 1", "'net'")]
    [InlineData("route add 9 via mctpi2c1 gw 12", "'gw'")]
    [InlineData("route add 9 gw 12 mtu 0", "0")]
    [InlineData("route del 9 via mctpi2c1 mtu 68", "mtu")]
    [InlineData("route show 9", "'9'")]
    [InlineData("route show net x", "x")]
    [InlineData("neigh add 9 dev mctpi2c1", "lladdr")]
    [InlineData("neigh add 9 lladdr 1d", "dev")]
    [InlineData("neigh add 9 dev mctpi2c1 lladdr 1dd", "1dd")]
    [InlineData("neigh add 9 dev mctpi2c1 lladdr 1d::2", "1d::2")]
    [InlineData("neigh add 9 dev mctpi2c1 lladdr zz", "zz")]
    [InlineData("neigh show mctpi2c1", "mctpi2c1")]
    [InlineData("monitor all", "all")]
    [InlineData("-x link", "-x")]
    [InlineData("--colour link", "--colour")]
    public void Arguments_Wrong_EndWithStatus1AndOneLineOnStderr(string commandLine, string culprit)
    {
        (int status, string output, string error) = Run(commandLine);

        Assert.Equal(1, status);
        Assert.Empty(output);
        Assert.Empty(_system.Fake.Changes);
        Assert.StartsWith("mctp: ", error, StringComparison.Ordinal);
        Assert.Equal(error.Length - 1, error.IndexOf('\n', StringComparison.Ordinal));
        Assert.Contains(culprit, error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-v")]
    [InlineData("-h")]
    [InlineData("--help")]
    [InlineData("--he")]
    [InlineData("-vh link")]
    [InlineData("help")]
    [InlineData("h")]
    [InlineData("link help")]
    [InlineData("n help")]
    [InlineData("monitor help")]
    public void Help_GoesToStderr_WithStatus255(string commandLine)
    {
        (int status, string output, string error) = Run(commandLine);

        Assert.Equal(255, status);
        Assert.Empty(output);
        Assert.Contains("mctp ", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("l", "link set")]
    [InlineData("a", "address add")]
    [InlineData("r", "route add")]
    [InlineData("n", "neigh add")]
    [InlineData("neighb", "neigh add")]
    [InlineData("m", "mctp monitor")]
    public void Command_Shortened_IsTheFirstThatFits(string word, string expected) =>
        Assert.Contains(expected, Run(word + " help").Error, StringComparison.Ordinal);

    [Fact]
    public void Refusal_OfTheSystem_IsStatus1WithItsReason()
    {
        _system.Fake.Refusal = new HostException(HostError.NotPermitted, "adding an EID needs CAP_NET_ADMIN");

        (int status, string output, string error) = Run("address add 10 dev mctpi2c1");

        Assert.Equal((1, "", "mctp: adding an EID needs CAP_NET_ADMIN\n"), (status, output, error));
    }

    [Fact]
    public void Serial_HoldsTheTerminal()
    {
        Assert.Equal(0, Run("link serial /dev/ttyS1").Status);
        Assert.Equal("/dev/ttyS1", _system.Serial);
    }

    [Fact]
    public void Name_IsTheOneThatItWasInvokedBy()
    {
        using var error = new StringWriter();

        int status = new MctpProgram("test-mctp", () => _system, TextWriter.Null, error).Run(["x"]);

        Assert.Equal(1, status);
        Assert.StartsWith("test-mctp: ", error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mctp", true)]
    [InlineData("test-mctp", true)]
    [InlineData("testmctp", false)]
    [InlineData("mctpd", false)]
    [InlineData("busbar", false)]
    [InlineData("", false)]
    public void ProgramName_StandsForMctp_WhenItEndsInIt(string name, bool expected) => Assert.Equal(expected, ProgramName.Matches(name, MctpProgram.Name));

    [Fact]
    public void Verbose_TracesWhatTheKernelSays()
    {
        _system.Announcements.Add(NetlinkSamples.Link);

        (int status, string output, _) = Run("-v link show lo");

        Assert.Equal(0, status);
        Assert.True(_system.IsTraced);
        Assert.StartsWith("/---------- ", output, StringComparison.Ordinal);
        Assert.EndsWith("dev lo index 1 address 00:00:00:00:00:00 net 1 mtu 65536 up\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Monitor_DumpsEachAnnouncement()
    {
        _system.Announcements.AddRange([NetlinkSamples.Link, NetlinkSamples.Unknown]);

        (int status, string output, _) = Run("monitor");

        Assert.Equal(0, status);
        Assert.Equal(
            $"""
            /---------- {NetlinkSamples.Link.Length} bytes
            RTM_NEWLINK type 0x0010 flags 0x0000 seq 0 len {NetlinkSamples.Link.Length}
              family 0 type 290 index 4 flags 0x1
              IFLA_IFNAME (0x0003), 6 bytes: mctp0
                6d 63 74 70 30 00
              IFLA_AF_SPEC (0x001a), 20 bytes
                14 00 2d 80 08 00 01 00 07 00 00 00 05 00 02 00
                01 00 00 00
                AF_MCTP:
                  IFLA_MCTP_NET (0x0001): 7
                  IFLA_MCTP_PHYS_BINDING (0x0002): 1
            \----------
            /---------- 16 bytes
            unknown nlmsg type 99
            \----------

            """,
            output);
    }

    private (int Status, string Output, string Error) Run(string commandLine)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        int status = new MctpProgram("mctp", () => _system, output, error).Run(commandLine.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        return (status, output.ToString(), error.ToString());
    }
}
