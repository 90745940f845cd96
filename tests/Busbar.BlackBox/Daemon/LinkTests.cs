// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;
using Xunit;

namespace Busbar.BlackBox;

/// <summary>Networks and links that come, go and change, and what the configuration says about them.</summary>
[Trait("speed", "slow")]
public sealed class LinkTests
{
    private static readonly byte[] s_eight = [8];
    private static readonly byte[] s_two = [8, 10];

    [Fact]
    public void LocalEids_OneSeveralAndNone_AreTold()
    {
        using Mctpd daemon = Mctpd.Start();
        Assert.Equal(s_eight, daemon.Bytes(Mctpd.NetworkPath(), Mctpd.NetworkContract, "LocalEIDs"));

        daemon.Harness.Do(() => daemon.Harness.System.AddAddress(1, 10));
        daemon.WaitForObject(Mctpd.EndpointPath(10));
        Assert.Equal(s_two, daemon.Bytes(Mctpd.NetworkPath(), Mctpd.NetworkContract, "LocalEIDs"));

        daemon.Harness.Do(() =>
        {
            daemon.Harness.System.RemoveAddress(1, 10);
            daemon.Harness.System.RemoveAddress(1, 8);
        });
        daemon.WaitForObject(Mctpd.EndpointPath(8), isThere: false);
        Assert.Empty(daemon.Bytes(Mctpd.NetworkPath(), Mctpd.NetworkContract, "LocalEIDs"));
    }

    [Fact]
    public void Network_OfALink_MayChange()
    {
        using Mctpd daemon = Mctpd.Start();
        daemon.Setup();

        daemon.Harness.Do(() =>
        {
            MockInterface link = daemon.Harness.System.Interfaces[0];
            link.Network = 3;
            daemon.Harness.System.NotifyInterface(link);
        });

        daemon.WaitForObject(Mctpd.NetworkPath(3));
        daemon.WaitForObject(Mctpd.NetworkPath(), isThere: false);
        Assert.Equal(3u, daemon.Property(Mctpd.InterfacePath(), Mctpd.InterfaceContract, "NetworkId").GetUInt32());
        Assert.True(daemon.Has(8, network: 3));
    }

    [Fact]
    public void Link_ThatIsTheLastAndGoes_TakesAllObjectsAlong()
    {
        using Mctpd daemon = Mctpd.Start();

        daemon.Harness.Do(() => daemon.Harness.System.RemoveInterface(daemon.Harness.System.Interfaces[0]));

        daemon.WaitForObject(Mctpd.InterfacePath(), isThere: false);
        daemon.WaitForObject(Mctpd.NetworkPath(), isThere: false);
        Assert.False(daemon.Has(8));
    }

    [Fact]
    public void Link_WithPeersThatGoes_TakesThemAlong()
    {
        using Mctpd daemon = Mctpd.Start();
        daemon.Setup();

        daemon.Harness.Do(() => daemon.Harness.System.RemoveInterface(daemon.Harness.System.Interfaces[0]));

        daemon.WaitForObject(Mctpd.EndpointPath(9), isThere: false);
        daemon.WaitForSignal(signal => signal.Member == "InterfacesRemoved" && signal.Arguments[0].GetString() == Mctpd.EndpointPath(9), "InterfacesRemoved");
    }

    [Fact]
    public void Link_ThatComes_GetsItsObjectAndServes()
    {
        using Mctpd daemon = Mctpd.Start();
        var second = new MockInterface { Name = "mctp1", Index = 5, Network = 1, HardwareAddress = [0x10] };
        daemon.Harness.Do(() => daemon.Harness.System.AddInterface(second));
        daemon.AddPeer(0x1d, link: second);

        daemon.WaitForObject(Mctpd.InterfacePath("mctp1"));

        Assert.Equal((9, 1, Mctpd.EndpointPath(9), true), daemon.OwnOn("mctp1", "SetupEndpoint", "ay", new byte[] { 0x1d }));
        Assert.Equal(5, daemon.Route(9)!.Interface);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Link_Renamed_MovesItsObjectAndKeepsItsPeers(bool withPeer)
    {
        using Mctpd daemon = Mctpd.Start();
        if (withPeer) daemon.Setup();

        daemon.Harness.Do(() =>
        {
            MockInterface link = daemon.Harness.System.Interfaces[0];
            link.Name = "mctp9";
            daemon.Harness.System.NotifyInterface(link);
        });

        daemon.WaitForObject(Mctpd.InterfacePath("mctp9"));
        daemon.WaitForObject(Mctpd.InterfacePath(), isThere: false);
        Assert.Equal(withPeer, daemon.Has(9));
        Assert.True(daemon.Has(8));
    }

    [Theory]
    [InlineData("[bus-owner]\ndynamic_eid_range = [20, 254]\n", 20)]
    [InlineData("[bus-owner]\ndynamic_eid_range = [8, 9]\nmax_pool_size = 1\n", 9)]
    public void DynamicRange_OfTheConfiguration_IsHonoured(string configuration, byte expected)
    {
        using Mctpd daemon = Mctpd.Start(configuration);
        daemon.AddPeer(0x1e);

        Assert.Equal(expected, daemon.Setup().Eid);
        if (expected == 9) Assert.Equal("Ran out of EIDs", Assert.Throws<BusException>(() => daemon.Setup(0x1e)).Message);
        else Assert.Equal(expected + 1, daemon.Setup(0x1e).Eid);
    }

    [Theory]
    [InlineData("", "BusOwner")]
    [InlineData("[[interface]]\nmatch = \"all\"\nrole = \"endpoint\"\n", "Endpoint")]
    [InlineData("[[interface]]\nmatch = { phys-type = \"I2C\" }\nrole = \"endpoint\"\n", "Endpoint")]
    [InlineData("[[interface]]\nmatch = { phys-type = \"USB\" }\nrole = \"endpoint\"\n", "BusOwner")]
    [InlineData("[[interface]]\nmatch = { path = \"/devices/platform/mock/mctp0\" }\nrole = \"endpoint\"\n", "Endpoint")]
    [InlineData("[[interface]]\nmatch = { path = \"/devices/platform/other\" }\nrole = \"endpoint\"\n", "BusOwner")]
    [InlineData("[[interface]]\nmatch = { path = \"/devices/*/mctp?\" }\nrole = \"endpoint\"\n", "Endpoint")]
    [InlineData("role = \"endpoint\"\n[[interface]]\nmatch = \"all\"\nrole = \"bus-owner\"\n[[interface]]\nmatch = { phys-type = \"I2C\" }\nrole = \"endpoint\"\n", "BusOwner")]
    public void Role_OfALink_ComesFromTheFirstMatchingTable(string configuration, string role)
    {
        using Mctpd daemon = Mctpd.Start(configuration, harness => Replace(harness, PhysicalBinding.Smbus, "/devices/platform/mock/mctp0"));

        Assert.Equal(role, daemon.Property(Mctpd.InterfacePath(), Mctpd.InterfaceContract, "Role").GetString());
        Assert.Equal(role == "BusOwner", daemon.Has(Mctpd.InterfacePath(), Mctpd.OwnerContract));
    }

    [Fact]
    public void Role_OfALinkWithoutPath_MatchesNoPath()
    {
        using Mctpd daemon = Mctpd.Start("[[interface]]\nmatch = { path = \"*\" }\nrole = \"endpoint\"\n", harness => Replace(harness, PhysicalBinding.Unspecified, path: null));

        Assert.Equal("BusOwner", daemon.Property(Mctpd.InterfacePath(), Mctpd.InterfaceContract, "Role").GetString());
    }

    [Fact]
    public void Role_StillUnknown_IsSetOnce()
    {
        using Mctpd daemon = Mctpd.Start("role = \"unknown\"\n");
        Assert.Equal("Unknown", daemon.Property(Mctpd.InterfacePath(), Mctpd.InterfaceContract, "Role").GetString());
        Assert.False(daemon.Has(Mctpd.InterfacePath(), Mctpd.OwnerContract));

        daemon.Bus.SetProperty(Mctpd.Service, Mctpd.InterfacePath(), Mctpd.InterfaceContract, "Role", "s", "BusOwner");

        daemon.WaitForSignal(signal => signal.Member == "PropertiesChanged" && signal.Path == Mctpd.InterfacePath(), "PropertiesChanged of the role");
        daemon.WaitUntil(() => daemon.Has(Mctpd.InterfacePath(), Mctpd.OwnerContract), "the bus owner's interface comes");
        Assert.Equal(9, daemon.Setup().Eid);
        string refusal = Assert.Throws<BusException>(() => daemon.Bus.SetProperty(Mctpd.Service, Mctpd.InterfacePath(), Mctpd.InterfaceContract, "Role", "s", "Endpoint")).Message;
        Assert.Contains("Role is already set.", refusal, StringComparison.Ordinal);
    }

    private static void Replace(MockHarness harness, PhysicalBinding binding, string? path) => harness.Do(() =>
    {
        harness.System.RemoveInterface(harness.System.Interfaces[0]);
        harness.System.AddInterface(new MockInterface { Name = "mctp0", Index = 1, HardwareAddress = [0x10], Mtu = 254, Binding = binding, DevicePath = path });
        harness.System.AddAddress(1, 8);
    });
}
