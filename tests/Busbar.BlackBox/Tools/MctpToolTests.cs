// SPDX-License-Identifier: Apache-2.0
using Xunit;

namespace Busbar.BlackBox;

/// <summary>The program as mctp(1), on the mock kernel.</summary>
[Trait("speed", "slow")]
public sealed class MctpToolTests : IDisposable
{
    private readonly MockHarness _harness = MockHarness.Usual();

    [Fact]
    public void Link_Listed_LooksAsEver() =>
        Assert.Equal("dev mctp0 index 1 address 0x10 net 1 mtu 254 up\n", Run("link"));

    [Fact]
    public void Address_Listed_LooksAsEver() => Assert.Equal("eid 8 net 1 dev mctp0\n", Run("addr"));

    [Fact]
    public void Route_ToOneByALink_LooksAsEver()
    {
        _harness.Do(() => _harness.System.AddRoute(new MockRoute(9, 9, 1, Mtu: 68)));

        Assert.Equal("eid min 9 max 9 net 1 dev mctp0 mtu 68\n", Run("route"));
    }

    [Fact]
    public void Route_ToSeveralByALink_LooksAsEver()
    {
        _harness.Do(() => _harness.System.AddRoute(new MockRoute(9, 19, 1)));

        Assert.Equal("eid min 9 max 19 net 1 dev mctp0 mtu 0\n", Run("route"));
    }

    [Fact]
    public void Route_ToOneByAGateway_LooksAsEver()
    {
        _harness.Do(() => _harness.System.AddRoute(new MockRoute(20, 20, 0, 9, 1)));

        Assert.Equal("eid min 20 max 20 net 1 gw 9 mtu 0\n", Run("route"));
    }

    [Fact]
    public void Route_ToSeveralByAGateway_LooksAsEver()
    {
        _harness.Do(() => _harness.System.AddRoute(new MockRoute(20, 29, 0, 9, 1)));

        Assert.Equal("eid min 20 max 29 net 1 gw 9 mtu 0\n", Run("route"));
    }

    [Fact]
    public void RouteAdd_ByALink_MakesTheRoute()
    {
        Assert.Equal("", Run("route", "add", "9", "via", "mctp0"));

        Assert.Equal([new MockRoute(9, 9, 1)], _harness.Get(() => _harness.System.Routes.ToArray()));
    }

    [Fact]
    public void RouteAdd_ByAGateway_MakesTheRoute()
    {
        Assert.Equal("", Run("route", "add", "20-29", "gw", "9", "net", "1", "mtu", "100"));

        Assert.Equal([new MockRoute(20, 29, 0, 9, 1, 100)], _harness.Get(() => _harness.System.Routes.ToArray()));
    }

    [Fact]
    public void NeighbourAndAddress_AddedAndRemoved_ChangeTheSystem()
    {
        Run("addr", "add", "10", "dev", "mctp0");
        Run("neigh", "add", "9", "dev", "mctp0", "lladdr", "0x1d");
        Assert.Equal("eid 9 net 1 dev mctp0 lladdr 0x1d\n", Run("neigh"));
        Run("neigh", "del", "9", "dev", "mctp0");
        Run("addr", "del", "8", "dev", "mctp0");

        Assert.Equal([(1, (byte)10)], _harness.Get(() => _harness.System.Addresses.ToArray()));
        Assert.Empty(_harness.Get(() => _harness.System.Neighbours.ToArray()));
    }

    [Fact]
    public void Refusal_OfTheKernel_EndsWithStatusOne()
    {
        using TestProgram tool = TestProgram.Start("test-mctp", _harness, ["addr", "add", "8", "dev", "mctp0"]);
        tool.WaitForExit();

        Assert.Equal((1, ""), (tool.ExitCode, tool.Output));
        Assert.StartsWith("test-mctp: ", tool.Errors, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _harness.Dispose();
        _harness.Check();
    }

    private string Run(params string[] arguments)
    {
        using TestProgram tool = TestProgram.Start("test-mctp", _harness, arguments);
        tool.WaitForExit();
        Assert.True(tool.ExitCode == 0, $"status {tool.ExitCode}: {tool.Output}{tool.Errors}");
        return tool.Output;
    }
}
