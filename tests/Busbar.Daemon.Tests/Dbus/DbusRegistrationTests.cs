// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;
using Busbar.Mctp;

namespace Busbar.Daemon.Tests;

/// <summary>Programs that say which message types they serve.</summary>
public sealed class DbusRegistrationTests
{
    private const string Kind = "au.com.codeconstruct.MCTP1";

    [Fact]
    public void RegisterTypeSupport_HoldsAsLongAsTheCaller()
    {
        using DbusWorld world = DbusWorld.Ready();
        DbusConnection client = world.Connect();

        world.Ask(client, DbusWorld.Root, Kind, "RegisterTypeSupport", writer => WriteType(writer, 5, [0xf1f2f3f4]), static _ => true);
        world.Ask(client, DbusWorld.Root, Kind, "RegisterVDMTypeSupport", writer => WriteSet(writer, 1, "u", 0x1234abcd, 0x5678), static _ => true);
        Assert.Equal([MessageType.Control, MessageType.Spdm, MessageType.VendorIana], world.Controller.Types.MessageTypes);
        world.Disconnect(client);
        world.Run(() => world.Controller.Types.MessageTypes.Count == 1);

        Assert.Empty(world.Controller.Types.VendorSets);
    }

    [Fact]
    public void RegisterTypeSupport_ByBusctl_EndsWithBusctl()
    {
        using DbusWorld world = DbusWorld.Ready();
        int most = 0;
        world.Controller.Types.Changed += () => most = Math.Max(most, world.Controller.Types.MessageTypes.Count);

        TestKit.BusctlResult result = world.Call(DbusWorld.Root, Kind, "RegisterTypeSupport", "yau", "1", "2", "0xf1f0ff00", "0xf1f1ff00");
        world.Run(() => world.Controller.Types.MessageTypes.Count == 1);

        Assert.Equal((0, ""), (result.Status, result.Errors));
        Assert.Equal(2, most);
    }

    [Fact]
    public void RegisterTypeSupport_WhenTheBusGoes_Ends()
    {
        using DbusWorld world = DbusWorld.Ready();
        world.Ask(world.Connect(), DbusWorld.Root, Kind, "RegisterTypeSupport", writer => WriteType(writer, 5, [1]), static _ => true);

        world.Bus.Kill();
        world.Run(() => !world.Service.HasName);

        Assert.Equal([MessageType.Control], world.Controller.Types.MessageTypes);
    }

    [Theory]
    [InlineData(0, "Invalid message type 0")]
    [InlineData(126, "Invalid message type 126")]
    public void RegisterTypeSupport_OfAReservedType_IsRefused(byte type, string expected)
    {
        using DbusWorld world = DbusWorld.Ready();

        DbusException refusal = world.Refusal(DbusWorld.Root, Kind, "RegisterTypeSupport", writer => WriteType(writer, type, [1]));

        Assert.Equal((DbusErrorName.InvalidArguments, expected), (refusal.Name, refusal.Message));
    }

    [Fact]
    public void RegisterTypeSupport_WithAMillionVersions_IsRefused()
    {
        using DbusWorld world = DbusWorld.Ready();

        DbusException refusal = world.Refusal(DbusWorld.Root, Kind, "RegisterTypeSupport", writer => WriteType(writer, 5, new uint[1_000_000]));

        Assert.Equal((DbusErrorName.InvalidArguments, "Message type 5 has more than 255 versions"), (refusal.Name, refusal.Message));
    }

    [Theory]
    [InlineData(0, "u", "Expected format is PCIe but variant contains 'u'")]
    [InlineData(1, "q", "Expected format is IANA but variant contains 'q'")]
    [InlineData(2, "q", "Unsupported VID format: 2")]
    public void RegisterVdmTypeSupport_WithTheWrongFormat_IsRefused(byte format, string type, string expected)
    {
        using DbusWorld world = DbusWorld.Ready();

        DbusException refusal = world.Refusal(DbusWorld.Root, Kind, "RegisterVDMTypeSupport", writer => WriteSet(writer, format, type, 1, 2));

        Assert.Equal((DbusErrorName.InvalidArguments, expected), (refusal.Name, refusal.Message));
    }

    [Fact]
    public void RegisterVdmTypeSupport_Twice_IsRefused()
    {
        using DbusWorld world = DbusWorld.Ready();
        world.Ask(world.Connect(), DbusWorld.Root, Kind, "RegisterVDMTypeSupport", writer => WriteSet(writer, 0, "q", 0xabcd, 1), static _ => true);

        DbusException refusal = world.Refusal(DbusWorld.Root, Kind, "RegisterVDMTypeSupport", writer => WriteSet(writer, 0, "q", 0xabcd, 1));

        Assert.Equal((DbusErrorName.InvalidArguments, "VDM type already registered"), (refusal.Name, refusal.Message));
    }

    private static void WriteType(DbusWriter writer, byte type, uint[] versions)
    {
        writer.WriteByte(type);
        writer.OpenArray("u");
        foreach (uint version in versions) writer.WriteUInt32(version);
        writer.Close();
    }

    private static void WriteSet(DbusWriter writer, byte format, string type, uint vendor, ushort set)
    {
        writer.WriteByte(format);
        writer.OpenVariant(type);
        if (type == "q") writer.WriteUInt16((ushort)vendor);
        else writer.WriteUInt32(vendor);
        writer.Close();
        writer.WriteUInt16(set);
    }
}
