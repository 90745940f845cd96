// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;
using Xunit;

namespace Busbar.BlackBox;

/// <summary>The daemon as an endpoint whose EID somebody else assigns.</summary>
[Trait("speed", "slow")]
public sealed class EndpointRoleTests
{
    private const string AsEndpoint = "role = \"endpoint\"\n";

    [Fact]
    public void Role_OfTheConfiguration_IsPublished()
    {
        using Mctpd daemon = Start(PhysicalBinding.Smbus);

        Assert.Equal("Endpoint", daemon.Property(Mctpd.InterfacePath(), Mctpd.InterfaceContract, "Role").GetString());
        Assert.False(daemon.Has(Mctpd.InterfacePath(), Mctpd.OwnerContract));
    }

    [Fact]
    public void GetEid_WithoutEid_TellsNone()
    {
        using Mctpd daemon = Start(PhysicalBinding.Smbus);

        Assert.Equal("000200000200", ResponderTests.Hex(daemon.Ask(daemon.Peer, 0x80, 0x02)));
    }

    [Fact]
    public void SetEid_FromABusOwner_IsAcceptedAndThePeerKnown()
    {
        using Mctpd daemon = Start(PhysicalBinding.Smbus);

        Assert.Equal("000100004200", ResponderTests.Hex(daemon.Ask(daemon.Peer, 0x80, 0x01, 0x00, 0x42)));

        Assert.Equal([(1, 0x42)], daemon.Get(system => system.Addresses.Select(address => (address.Interface, (int)address.Eid)).ToArray()));
        daemon.WaitForObject(Mctpd.EndpointPath(0x42));
        daemon.WaitForObject(Mctpd.EndpointPath(20));
        Assert.Equal("000200420200", ResponderTests.Hex(daemon.Ask(daemon.Peer, 0x80, 0x02)));
    }

    [Fact]
    public void SetEid_Twice_ReplacesTheFirst()
    {
        using Mctpd daemon = Start(PhysicalBinding.Smbus);
        daemon.Ask(daemon.Peer, 0x80, 0x01, 0x00, 0x42);

        Assert.Equal("010100004300", ResponderTests.Hex(daemon.Ask(daemon.Peer, 0x81, 0x01, 0x00, 0x43)));

        Assert.Equal([(1, 0x43)], daemon.Get(system => system.Addresses.Select(address => (address.Interface, (int)address.Eid)).ToArray()));
        daemon.WaitForObject(Mctpd.EndpointPath(0x43));
        daemon.WaitForObject(Mctpd.EndpointPath(0x42), isThere: false);
    }

    [Theory]
    [InlineData(0x00, 0x05)]
    [InlineData(0x00, 0xFF)]
    [InlineData(0x02, 0x42)]
    public void SetEid_ToWhatCannotBe_IsRefused(byte operation, byte eid)
    {
        using Mctpd daemon = Start(PhysicalBinding.Smbus);

        Assert.StartsWith("000102", ResponderTests.Hex(daemon.Ask(daemon.Peer, 0x80, 0x01, operation, eid)), StringComparison.Ordinal);
        Assert.Empty(daemon.Get(system => system.Addresses.ToArray()));
    }

    [Fact]
    public void Discovery_OnPcie_RunsInThreeSteps()
    {
        using Mctpd daemon = Start(PhysicalBinding.PcieVdm);

        Assert.Equal("000b00", ResponderTests.Hex(daemon.Ask(daemon.Peer, 0x80, 0x0B)));
        Assert.Equal("010c00", ResponderTests.Hex(daemon.Ask(daemon.Peer, 0x81, 0x0C)));
        Assert.Equal("020100004200", ResponderTests.Hex(daemon.Ask(daemon.Peer, 0x82, 0x01, 0x00, 0x42)));

        Assert.Equal([(1, 0x42)], daemon.Get(system => system.Addresses.Select(address => (address.Interface, (int)address.Eid)).ToArray()));
    }

    [Theory]
    [InlineData(0x0B)]
    [InlineData(0x0C)]
    public void Discovery_OnAnotherLink_IsUnsupported(byte command)
    {
        using Mctpd daemon = Start(PhysicalBinding.Smbus);

        Assert.Equal([0, command, 5], daemon.Ask(daemon.Peer, 0x80, command));
    }

    private static Mctpd Start(PhysicalBinding binding) => Mctpd.Start(AsEndpoint, harness => harness.Do(() =>
    {
        harness.System.RemoveInterface(harness.System.Interfaces[0]);
        var link = new MockInterface { Name = "mctp0", Index = 1, HardwareAddress = [0x10], Mtu = 254, Binding = binding };
        harness.System.AddInterface(link);
        harness.Mctp.Endpoints.Clear();
        harness.Mctp.Add(new MockEndpoint(link, [0x1d], eid: 20));
    }));
}
