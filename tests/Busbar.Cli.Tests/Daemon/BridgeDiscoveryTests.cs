// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using Xunit;

namespace Busbar.Cli.Tests;

/// <summary>A daemon as a bridge, and this process's own link to it: what is behind it is found without a daemon on this side.</summary>
[Trait("speed", "slow")]
public sealed class BridgeDiscoveryTests
{
    [Fact]
    public void Discover_Recursive_AssignsAndFindsWhatIsBehindABridge()
    {
        using var bridge = new DaemonProcess(
            place => $$"""
                [[link]]
                name = "up0"
                role = "endpoint"
                link = "{{place.Shm(",role=owner,size=1M")}}"

                [[link]]
                name = "bus0"
                role = "bus-owner"
                emulate = { endpoints = 3, first_address = 0x20 }

                [bus-owner]
                discover = true
                wanted_pool_size = 6
                """,
            links => links.Count == 2);

        ProgramResult assigned = BusbarProgram.Run("discover", "--recursive", "--assign", "--link", bridge.Shm, "--json");

        Assert.Equal((0, ""), (assigned.ExitCode, assigned.Error));
        AssertIsWhole(assigned.Json);
        AssertIsWhole(BusbarProgram.Run("discover", "--recursive", "--link", bridge.Shm, "--json").Json);

        // A bridge forwards packets as they are, so they must fit the bus behind it.
        Assert.Equal(0, BusbarProgram.Run("req", "--link", bridge.Shm + ",mtu=68", "--eid", "12", "--length", "500").ExitCode);
    }

    private static void AssertIsWhole(JsonElement tree)
    {
        JsonElement bridge = Assert.Single(tree.GetProperty("networks")[0].GetProperty("links")[0].GetProperty("endpoints").EnumerateArray());
        Assert.True(bridge.GetProperty("bridge").GetBoolean());
        Assert.Equal(9, bridge.GetProperty("eid").GetInt32());
        Assert.Equal([10, 11, 12], bridge.GetProperty("behind").EnumerateArray().Select(endpoint => endpoint.GetProperty("eid").GetInt32()));
        Assert.All(bridge.GetProperty("behind").EnumerateArray(), endpoint => Assert.Equal("available", endpoint.GetProperty("state").GetString()));
    }
}
