// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using Busbar.Node;
using Xunit;

namespace Busbar.Cli.Tests;

/// <summary>Trees of what a daemon knows.</summary>
public sealed class TreeTests
{
    private static readonly StateReport s_state = new()
    {
        Daemon = new DaemonReport { Version = "0.1.0", Backend = "user", Uuid = Guid.Empty },
        Links =
        [
            new LinkReport { Index = 1, Name = "mmbi0", Network = 1, Mtu = 4096, IsUp = true, Binding = "Mmbi", Role = "BusOwner", Eids = [8] },
            new LinkReport { Index = 2, Name = "mctpi2c1", Network = 2, Mtu = 254, Address = "10", IsUp = false, Binding = "Smbus", Role = "Endpoint" },
        ],
        Networks = [new NetworkReport { Network = 1, LocalEids = [8], FreeEids = 230 }],
        Endpoints =
        [
            new EndpointReport { Network = 1, Eid = 8, Link = 1, IsLocal = true, IsPublished = true, Kind = "BusOwnerOrBridge", Connectivity = "Available" },
            new EndpointReport { Network = 1, Eid = 9, Link = 1, IsPublished = true, Kind = "Simple", MessageTypes = [0, 1, 0x42], Connectivity = "Available", Mtu = 68 },
            new EndpointReport
            {
                Network = 1, Eid = 12, Link = 1, IsPublished = true, Kind = "BusOwnerOrBridge", MessageTypes = [0], Connectivity = "Degraded",
                Uuid = Guid.Parse("0a0b0c0d-1111-2222-3333-444455556666"), Pool = new PoolReport { Bridge = 12, First = 20, Last = 29 },
                RoutingTable =
                [
                    new RoutingEntryReport { First = 20, Count = 2, Port = 1, Binding = "Smbus" },
                    new RoutingEntryReport { First = 28, Count = 2, Port = 2, Binding = "Serial", Address = "1d" },
                ],
            },
            new EndpointReport { Network = 1, Eid = 20, Link = 1, Bridge = 12, IsPublished = true, Kind = "Simple", Connectivity = "Available" },
            new EndpointReport { Network = 1, Eid = 21, Link = 1, Bridge = 12, Kind = "Simple", Connectivity = "Available" },
            new EndpointReport { Network = 2, Eid = 30, Link = 2, Address = "1d", IsPublished = true, Kind = "Simple", Connectivity = "Available" },
        ],
    };

    [Fact]
    public void Text_InAPipe_IsIndentedWithoutDecoration() => Assert.Equal(
        """
        network 1  4 endpoints, 230 EIDs free
          mmbi0  mmbi  bus-owner  up  mtu 4096  our eid 8
            eid 9  endpoint  types control,pldm,0x42  mtu 68  available
            eid 12  bridge  pool 20-29  types control  uuid 0a0b0c0d-1111-2222-3333-444455556666  degraded
              eid 20  endpoint  available
              eid 21  endpoint  unqueried
              eids 28-29  in its routing table, port 2 (serial) at 0x1d
        network 2  1 endpoint
          mctpi2c1  smbus  endpoint  down  mtu 254  address 0x10  no eid of ours
            eid 30  endpoint  lladdr 0x1d  available

        """,
        Draw(TreeBuilder.Build("/run/x", s_state, null), isRich: false));

    [Fact]
    public void Text_OnATerminal_HasBranches()
    {
        string text = Draw(TreeBuilder.Build("/run/x", s_state, 1), isRich: true);

        Assert.Contains("\n   ├─ \e[1meid 9", text, StringComparison.Ordinal);
        Assert.Contains("\n   └─ \e[1meid 12", text, StringComparison.Ordinal);
        Assert.Contains("\n      └─ eids 28-29", text, StringComparison.Ordinal);
        Assert.DoesNotContain("network 2", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Json_NestsWhatIsBehindABridge()
    {
        JsonElement tree = JsonDocument.Parse(JsonSerializer.Serialize(TreeBuilder.Build("/run/x", s_state, 1), BusbarJson.Default.TreeReport)).RootElement;

        JsonElement bridge = tree.GetProperty("networks")[0].GetProperty("links")[0].GetProperty("endpoints")[1];
        Assert.Equal(12, bridge.GetProperty("eid").GetInt32());
        Assert.Equal(29, bridge.GetProperty("pool").GetProperty("last").GetInt32());
        Assert.Equal([20, 21], bridge.GetProperty("behind").EnumerateArray().Select(endpoint => endpoint.GetProperty("eid").GetInt32()));
        Assert.Equal(28, bridge.GetProperty("holds")[0].GetProperty("first").GetInt32());
    }

    [Fact]
    public void Bridges_ThatClaimToBeBehindEachOther_EndTheTree()
    {
        StateReport state = s_state with
        {
            Endpoints =
            [
                new EndpointReport { Network = 1, Eid = 9, Link = 1, Bridge = 9, Kind = "BusOwnerOrBridge" },
                new EndpointReport { Network = 1, Eid = 10, Link = 1, Bridge = 11, Kind = "BusOwnerOrBridge" },
                new EndpointReport { Network = 1, Eid = 11, Link = 1, Bridge = 10, Kind = "BusOwnerOrBridge" },
                new EndpointReport { Network = 1, Eid = 12, Link = 1, Bridge = 99, Kind = "Simple" },
            ],
        };

        string text = Draw(TreeBuilder.Build("/run/x", state, 1), isRich: false);

        Assert.All(["eid 9 ", "eid 10 ", "eid 11 ", "eid 12 "], eid => Assert.Equal(2, text.Split(eid).Length));
    }

    private static string Draw(TreeReport report, bool isRich)
    {
        using var writer = new StringWriter { NewLine = "\n" };
        TreeText.Write(report, writer, isRich);
        return writer.ToString();
    }
}
