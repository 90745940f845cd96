// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using System.Xml.Linq;
using Xunit;

namespace Busbar.BlackBox;

/// <summary>The object tree, and setting endpoints up and removing them.</summary>
[Trait("speed", "slow")]
public sealed class SetupTests
{
    private static readonly byte[] s_types = [0, 1];

    [Fact]
    public void Tree_Introspected_NamesEachNodeOnce()
    {
        using Mctpd daemon = Mctpd.Start();
        daemon.Setup();
        var pending = new Queue<string>(["/"]);
        int nodes = 0;

        while (pending.TryDequeue(out string? path))
        {
            nodes++;
            string[] names = [.. daemon.Introspect(path).Elements("node").Select(node => node.Attribute("name")!.Value)];
            Assert.Equal(names.Distinct(), names);
            foreach (string name in names) pending.Enqueue($"{path.TrimEnd('/')}/{name}");
        }

        // The root, four steps to our objects, interfaces and networks with one each, endpoints with ours and the peer's.
        Assert.True(nodes >= 12, $"{nodes} nodes");
    }

    [Fact]
    public void Tree_AtStart_HoldsInterfaceNetworkAndOwnEndpoint()
    {
        using Mctpd daemon = Mctpd.Start();

        Dictionary<string, string[]> objects = daemon.Objects();

        Assert.Contains(Mctpd.InterfaceContract, objects[Mctpd.InterfacePath()]);
        Assert.Contains(Mctpd.OwnerContract, objects[Mctpd.InterfacePath()]);
        Assert.Contains(Mctpd.NetworkContract, objects[Mctpd.NetworkPath()]);
        Assert.Contains(Mctpd.EndpointContract, objects[Mctpd.EndpointPath(8)]);
        Assert.Equal("BusOwner", daemon.Property(Mctpd.InterfacePath(), Mctpd.InterfaceContract, "Role").GetString());
        Assert.Equal(1u, daemon.Property(Mctpd.InterfacePath(), Mctpd.InterfaceContract, "NetworkId").GetUInt32());
    }

    [Fact]
    public void Setup_OfAFreshEndpoint_GivesEidRouteNeighbourAndObject()
    {
        using Mctpd daemon = Mctpd.Start();

        (byte eid, int network, string path, bool isNew) = daemon.Setup();

        Assert.Equal((9, 1, Mctpd.EndpointPath(9), true), ((int)eid, network, path, isNew));
        Assert.Equal(9, daemon.Harness.Get(() => daemon.Peer.Eid));
        Assert.Equal(new MockRoute(9, 9, 1, Mtu: 68), daemon.Route(9));
        Assert.True(daemon.HasNeighbour(9));
        Assert.Equal(9, daemon.Property(path, Mctpd.EndpointContract, "EID").GetByte());
        Assert.Equal(1u, daemon.Property(path, Mctpd.EndpointContract, "NetworkId").GetUInt32());
        Assert.Equal(s_types, daemon.Bytes(path, Mctpd.EndpointContract, "SupportedMessageTypes"));
        Assert.Equal("Available", daemon.Property(path, Mctpd.Endpoint1Contract, "Connectivity").GetString());
        daemon.WaitForSignal(
            signal => signal is { Path: Mctpd.Root, Member: "InterfacesAdded" } && signal.Arguments[0].GetString() == path && HasContract(signal, Mctpd.EndpointContract),
            "InterfacesAdded of the endpoint");
    }

    [Fact]
    public void Setup_OfAKnownEndpoint_SaysThatItIsNotNew()
    {
        using Mctpd daemon = Mctpd.Start();
        daemon.Setup();

        Assert.Equal((9, 1, Mctpd.EndpointPath(9), false), daemon.Setup());
    }

    [Fact]
    public void Setup_OfTwoThatClaimOneEid_GivesTheSecondANewOne()
    {
        using Mctpd daemon = Mctpd.Start();
        daemon.Harness.Do(() => daemon.Harness.Mctp.Endpoints[0].Eid = 12);
        MockEndpoint second = daemon.AddPeer(0x1e, 12);

        byte first = daemon.Setup().Eid;
        (byte eid, int _, string path, bool isNew) = daemon.Setup(0x1e);

        Assert.Equal(12, first);
        Assert.NotEqual(12, eid);
        Assert.True(isNew);
        Assert.Equal(Mctpd.EndpointPath(eid), path);
        Assert.Equal(eid, daemon.Harness.Get(() => second.Eid));
        Assert.True(daemon.Has(12));
    }

    [Fact]
    public void Setup_WithoutAnswerAboutTypes_FailsAndLeavesNothing()
    {
        using Mctpd daemon = Mctpd.Start();
        daemon.Harness.Do(() => daemon.Harness.Mctp.Endpoints[0].On(0x05, call => call.Answer(5)));

        Assert.Throws<BusException>(() => daemon.Setup());

        Assert.False(daemon.Has(9));
        Assert.Null(daemon.Route(9));
        Assert.False(daemon.HasNeighbour(9));
    }

    [Theory]
    [InlineData(0x06)]
    [InlineData(0x03)]
    public void Setup_WithoutAnswerAboutVendorTypesOrUuid_Succeeds(byte command)
    {
        using Mctpd daemon = Mctpd.Start();
        daemon.Harness.Do(() =>
        {
            MockEndpoint peer = daemon.Harness.Mctp.Endpoints[0];
            peer.Types.Add(0x7E);
            peer.On(command, call => call.Answer(5));
        });

        string path = daemon.Setup().Path;

        Assert.Equal((byte[])[0, 1, 0x7E], daemon.Bytes(path, Mctpd.EndpointContract, "SupportedMessageTypes"));
        Assert.False(daemon.Has(path, Mctpd.UuidContract));
        Assert.Empty(daemon.Property(path, Mctpd.EndpointContract, "VendorDefinedMessageTypes").EnumerateArray());
    }

    [Fact]
    public void Setup_OfAnEndpointWithUuid_PublishesIt()
    {
        using Mctpd daemon = Mctpd.Start();
        daemon.Harness.Do(() => daemon.Harness.Mctp.Endpoints[0].Uuid = Convert.FromHexString("00112233445566778899aabbccddeeff"));

        string path = daemon.Setup().Path;

        Assert.Equal("00112233-4455-6677-8899-aabbccddeeff", daemon.Property(path, Mctpd.UuidContract, "UUID").GetString());
    }

    [Fact]
    public void SetMtu_OfAnEndpoint_ChangesItsRoute()
    {
        using Mctpd daemon = Mctpd.Start();
        daemon.Setup();
        Assert.Equal(68u, daemon.Route(9)!.Mtu);

        daemon.CallEndpoint(9, "SetMTU", "u", 100u);

        Assert.Equal(100u, daemon.Route(9)!.Mtu);
        Assert.Equal("Cannot set local endpoint MTU", Assert.Throws<BusException>(() => daemon.CallEndpoint(8, "SetMTU", "u", 100u)).Message);
    }

    [Fact]
    public void Remove_OfAnEndpoint_TakesObjectRouteAndNeighbour()
    {
        using Mctpd daemon = Mctpd.Start();
        daemon.Setup();

        daemon.CallEndpoint(9, "Remove");

        Assert.False(daemon.Has(9));
        Assert.Null(daemon.Route(9));
        Assert.False(daemon.HasNeighbour(9));
        daemon.WaitForSignal(
            signal => signal is { Path: Mctpd.Root, Member: "InterfacesRemoved" } && signal.Arguments[0].GetString() == Mctpd.EndpointPath(9), "InterfacesRemoved of the endpoint");
        Assert.Equal("Cannot remove mctpd-local endpoint", Assert.Throws<BusException>(() => daemon.CallEndpoint(8, "Remove")).Message);
    }

    [Fact]
    public void Setup_ConcurrentWithARecovery_IsNotDisturbed()
    {
        using Mctpd daemon = Mctpd.Start();
        daemon.AddPeer(0x1e);
        daemon.Setup();
        daemon.Harness.Do(() => daemon.Harness.Mctp.Endpoints[0].IsGone = true);

        daemon.CallEndpoint(9, "Recover");
        byte eid = daemon.Setup(0x1e).Eid;

        Assert.Equal(10, eid);
        daemon.WaitForObject(Mctpd.EndpointPath(9), isThere: false);
        Assert.True(daemon.Has(10));
    }

    private static bool HasContract(BusSignal signal, string contract) => signal.Arguments[1].EnumerateObject().Any(entry => entry.Name == contract);
}
