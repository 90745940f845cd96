// SPDX-License-Identifier: Apache-2.0
using Xunit;

namespace Busbar.BlackBox;

/// <summary>What the daemon answers to control requests of others, and how registrations change it.</summary>
[Trait("speed", "slow")]
public sealed class ResponderTests
{
    [Fact]
    public void GetEid_OfABusOwner_TellsEidAndKind()
    {
        using Mctpd daemon = Mctpd.Start();
        daemon.Setup();

        Assert.Equal("000200081200", Hex(daemon.Ask(daemon.Peer, 0x80, 0x02)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(30)]
    [InlineData(31)]
    public void Answer_ToAnyInstance_CarriesItBack(byte instance)
    {
        using Mctpd daemon = Mctpd.Start();
        daemon.Setup();

        byte[] answer = daemon.Ask(daemon.Peer, (byte)(0x80 | instance), 0x02);

        Assert.Equal((instance, (byte)0x02, (byte)0), (answer[0], answer[1], answer[2]));
    }

    [Fact]
    public void SetEid_ToABusOwner_IsUnsupported()
    {
        using Mctpd daemon = Mctpd.Start();
        daemon.Setup();

        Assert.Equal("000105", Hex(daemon.Ask(daemon.Peer, 0x80, 0x01, 0x00, 0x42)));
    }

    [Fact]
    public void MessageTypesAndVersions_Registered_AreTold()
    {
        using Mctpd daemon = Mctpd.Start();
        daemon.Setup();
        Assert.Equal("0005000100", Hex(daemon.Ask(daemon.Peer, 0x80, 0x05)));
        Assert.Equal("00040004f1f0ff00f1f1ff00f1f2ff00f1f3f100", Hex(daemon.Ask(daemon.Peer, 0x80, 0x04, 0x00)));
        Assert.Equal("000480", Hex(daemon.Ask(daemon.Peer, 0x80, 0x04, 0x05)));

        using (Registration held = Registration.OfType(daemon.Bus, 5, 0xF1F2F3F4))
        {
            Assert.Equal("000500020005", Hex(daemon.Ask(daemon.Peer, 0x80, 0x05)));
            Assert.Equal("00040001f4f3f2f1", Hex(daemon.Ask(daemon.Peer, 0x80, 0x04, 0x05)));
        }

        daemon.WaitUntil(() => Hex(daemon.Ask(daemon.Peer, 0x80, 0x05)) == "0005000100", "type 5 goes with its client");
    }

    [Fact]
    public void VendorSets_Empty_AreRefused()
    {
        using Mctpd daemon = Mctpd.Start();
        daemon.Setup();

        Assert.Equal("000602", Hex(daemon.Ask(daemon.Peer, 0x80, 0x06, 0x00)));
    }

    [Fact]
    public void VendorSet_Pcie_IsTold()
    {
        using Mctpd daemon = Mctpd.Start();
        daemon.Setup();
        using Registration held = Registration.OfPci(daemon.Bus, 0xABCD, 1);

        Assert.Equal("000600ff00abcd0001", Hex(daemon.Ask(daemon.Peer, 0x80, 0x06, 0x00)));
        Assert.Equal("00050002007e", Hex(daemon.Ask(daemon.Peer, 0x80, 0x05)));
        Assert.Equal("000602", Hex(daemon.Ask(daemon.Peer, 0x80, 0x06, 0x01)));
    }

    [Fact]
    public void VendorSet_Iana_IsTold()
    {
        using Mctpd daemon = Mctpd.Start();
        daemon.Setup();
        using Registration held = Registration.OfIana(daemon.Bus, 0x1234ABCD, 0x5678);

        Assert.Equal("000600ff011234abcd5678", Hex(daemon.Ask(daemon.Peer, 0x80, 0x06, 0x00)));
        Assert.Equal("00050002007f", Hex(daemon.Ask(daemon.Peer, 0x80, 0x05)));
    }

    [Fact]
    public void VendorSets_OfBothKinds_AreToldOneByOneAndGoWithTheirClients()
    {
        using Mctpd daemon = Mctpd.Start();
        daemon.Setup();
        Registration first = Registration.OfIana(daemon.Bus, 0x1234ABCD, 0x5678);
        Assert.Equal("000600ff011234abcd5678", Hex(daemon.Ask(daemon.Peer, 0x80, 0x06, 0x00)));
        using Registration second = Registration.OfPci(daemon.Bus, 0xABCD, 1);

        daemon.WaitUntil(() => Hex(daemon.Ask(daemon.Peer, 0x80, 0x06, 0x00)) == "00060001011234abcd5678", "more follow the IANA set");
        Assert.Equal("000600ff00abcd0001", Hex(daemon.Ask(daemon.Peer, 0x80, 0x06, 0x01)));
        Assert.Equal("7e7f", Hex([.. daemon.Ask(daemon.Peer, 0x80, 0x05)[5..].Order()]));

        first.Dispose();
        daemon.WaitUntil(() => Hex(daemon.Ask(daemon.Peer, 0x80, 0x06, 0x00)) == "000600ff00abcd0001", "the IANA set goes with its client");
        Assert.Equal("00050002007e", Hex(daemon.Ask(daemon.Peer, 0x80, 0x05)));
    }

    [Fact]
    public void Registrations_ThatMakeNoSense_AreRefused()
    {
        using Mctpd daemon = Mctpd.Start();

        Assert.Equal("Invalid message type 0", Refused("RegisterTypeSupport", "yau", (byte)0, new uint[] { 1 }));
        Assert.Equal("Unsupported VID format: 2", Refused("RegisterVDMTypeSupport", "yvq", (byte)2, "q", (ushort)1, (ushort)1));
        Assert.StartsWith("Expected format is PCIe but variant contains", Refused("RegisterVDMTypeSupport", "yvq", (byte)0, "u", 1u, (ushort)1), StringComparison.Ordinal);
        Assert.StartsWith("Expected format is IANA but variant contains", Refused("RegisterVDMTypeSupport", "yvq", (byte)1, "q", (ushort)1, (ushort)1), StringComparison.Ordinal);
        using Registration held = Registration.OfPci(daemon.Bus, 0xABCD, 1);
        daemon.WaitUntil(() => Refused("RegisterVDMTypeSupport", "yvq", (byte)0, "q", (ushort)0xabcd, (ushort)1) == "VDM type already registered", "the second is refused");

        string? Refused(string method, string signature, params object[] arguments)
        {
            try
            {
                daemon.Bus.Call(Mctpd.Service, Mctpd.Root, Mctpd.RootContract, method, signature, arguments);
                return null;
            }
            catch (BusException refusal)
            {
                return refusal.Message;
            }
        }
    }

    internal static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);
}
