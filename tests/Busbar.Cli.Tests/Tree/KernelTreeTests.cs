// SPDX-License-Identifier: Apache-2.0
using Busbar.ControlPlane;
using Busbar.Mctp;
using Xunit;

namespace Busbar.Cli.Tests;

/// <summary>Trees of what the kernel knows.</summary>
public sealed class KernelTreeTests
{
    private readonly FakeConfiguration _kernel = new();

    [Fact]
    public void Routes_ByLinkAndGateway_BecomeATree()
    {
        _kernel.RouteList.Clear();
        _kernel.RouteList.AddRange(
        [
            HostRoute.Direct(new Eid(9), new Eid(9), FakeConfiguration.Bus, 68),
            HostRoute.Direct(new Eid(12), new Eid(15), FakeConfiguration.Bus),
            HostRoute.Via(new Eid(20), new Eid(29), new Eid(12), 1),
            HostRoute.Via(new Eid(40), new Eid(40), new Eid(9), 1),
            HostRoute.Via(new Eid(50), new Eid(59), new Eid(40), 1, 68),
            HostRoute.Via(new Eid(60), new Eid(60), new Eid(61), 1),
            HostRoute.Direct(new Eid(8), new Eid(8), FakeConfiguration.Bus) with { IsLocal = true },
        ]);

        Assert.Equal(
            """
            network 1  3 endpoints
              lo  unspecified  up  mtu 65536  address 00:00:00:00:00:00  no eid of ours
              mctpi2c1  smbus  up  mtu 254  address 0x10  our eid 8
                eid 9  bridge  lladdr 0x1d  mtu 68  routed
                  eid 40  bridge  routed
                    eids 50-59  mtu 68  routed
                eid 12  bridge  routed
                  eids 20-29  routed
                eids 12-15  routed
              eid 60  routed  gateway 61 unreachable

            """,
            Draw(1));
    }

    [Fact]
    public void Gateways_ThatNameEachOther_EndSomewhere()
    {
        _kernel.RouteList.Clear();
        _kernel.RouteList.AddRange(
        [
            HostRoute.Direct(new Eid(9), new Eid(9), FakeConfiguration.Bus),
            HostRoute.Via(new Eid(20), new Eid(20), new Eid(9), 1),
            HostRoute.Via(new Eid(9), new Eid(9), new Eid(20), 1),
        ]);

        Assert.Contains("eid 20  bridge", Draw(1), StringComparison.Ordinal);
    }

    [Fact]
    public void Network_NotThere_HasNoTree() => Assert.Empty(KernelTree.Build(_kernel, 99).Networks);

    private string Draw(uint network)
    {
        using var writer = new StringWriter { NewLine = "\n" };
        TreeText.Write(KernelTree.Build(_kernel, network), writer, isRich: false);
        return writer.ToString();
    }
}
