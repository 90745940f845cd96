// SPDX-License-Identifier: Apache-2.0
using Busbar.ControlPlane;
using Busbar.ControlPlane.Tests;
using Busbar.Linux;
using Busbar.Mctp;
using Busbar.TestKit;

namespace Busbar.Daemon.Tests;

/// <summary>mctpd's objects as clients see them.</summary>
public sealed class DbusServiceTests
{
    private const string Root = DbusWorld.Root;
    private const string Nine = Root + "/networks/1/endpoints/9";
    private const string Endpoint1 = "au.com.codeconstruct.MCTP.Endpoint1";

    [Fact]
    public void Tree_AfterStart_HasEachNodeOnce()
    {
        using DbusWorld world = DbusWorld.Ready();

        Assert.Equal(
            [
                "/", "/au", "/au/com", "/au/com/codeconstruct", Root, Root + "/interfaces", Root + "/interfaces/mctp0", Root + "/networks", Root + "/networks/1",
                Root + "/networks/1/endpoints", Root + "/networks/1/endpoints/8",
            ],
            world.Tree());
    }

    [Fact]
    public void SetupEndpoint_OfANewPeer_RepliesAndShowsIt()
    {
        using DbusWorld world = DbusWorld.Ready();
        FakePeer peer = world.AddPeer(0x1d);
        peer.VendorSets.Add(new VendorDefinedSet(VendorIdFormat.Pci, 0x1ab4, 7));
        peer.Types = [MessageType.Control, MessageType.Pldm, MessageType.VendorPci];

        BusctlResult first = world.Call(DbusWorld.LinkPath, DbusWorld.Owner, "SetupEndpoint", "ay", "1", "0x1d");
        BusctlResult again = world.Call(DbusWorld.LinkPath, DbusWorld.Owner, "SetupEndpoint", "ay", "1", "0x1d");

        Assert.Equal($$"""{"type":"yisb","data":[9,1,"{{Nine}}",true]}""", first.Output);
        Assert.Equal($$"""{"type":"yisb","data":[9,1,"{{Nine}}",false]}""", again.Output);
        Assert.Equal("""{"type":"u","data":1}""", world.Property(Nine, "xyz.openbmc_project.MCTP.Endpoint", "NetworkId"));
        Assert.Equal("""{"type":"y","data":9}""", world.Property(Nine, "xyz.openbmc_project.MCTP.Endpoint", "EID"));
        Assert.Equal("""{"type":"ay","data":[0,1,126]}""", world.Property(Nine, "xyz.openbmc_project.MCTP.Endpoint", "SupportedMessageTypes"));
        Assert.Equal(
            """{"type":"a(yvq)","data":[[0,{"type":"q","data":6836},7]]}""", world.Property(Nine, "xyz.openbmc_project.MCTP.Endpoint", "VendorDefinedMessageTypes"));
        Assert.Equal($$"""{"type":"s","data":"{{peer.Uuid}}"}""", world.Property(Nine, "xyz.openbmc_project.Common.UUID", "UUID"));
        Assert.Equal("""{"type":"s","data":"Available"}""", world.Property(Nine, Endpoint1, "Connectivity"));
        Assert.Equal("""{"type":"ay","data":[29]}""", world.Property(Nine, "org.busbar.Endpoint1", "PhysicalAddress"));
        Assert.Equal("""{"type":"s","data":"Smbus"}""", world.Property(Nine, "org.busbar.Endpoint1", "Binding"));
    }

    [Fact]
    public void EndpointWithoutUuid_HasNoUuidInterface()
    {
        using DbusWorld world = DbusWorld.Ready();
        world.AddPeer(0x1d).Uuid = null;
        world.Call(DbusWorld.LinkPath, DbusWorld.Owner, "SetupEndpoint", "ay", "1", "0x1d");

        DbusException refusal = world.Refusal(Nine, DbusWorld.Properties, "GetAll", writer => writer.WriteString("xyz.openbmc_project.Common.UUID"));

        Assert.Equal(DbusErrorName.UnknownInterface, refusal.Name);
    }

    [Fact]
    public void StaticAssignments_AnswerAsMctpdDoes()
    {
        using DbusWorld world = DbusWorld.Ready();
        world.AddPeer(0x1d);
        world.AddPeer(0x1e);

        BusctlResult first = world.Call(DbusWorld.LinkPath, DbusWorld.Owner, "AssignEndpointStatic", "ayy", "1", "0x1d", "12");
        DbusException other = Static(0x1d, 13);
        DbusException taken = Static(0x1e, 12);

        Assert.Equal($$"""{"type":"yisb","data":[12,1,"{{Root}}/networks/1/endpoints/12",true]}""", first.Output);
        Assert.Equal((DbusErrorName.InvalidArguments, "Already assigned a different EID"), (other.Name, other.Message));
        Assert.Equal((DbusErrorName.InvalidArguments, "Address in use"), (taken.Name, taken.Message));

        DbusException Static(byte address, byte eid) => world.Refusal(
            DbusWorld.LinkPath,
            DbusWorld.Owner,
            "AssignEndpointStatic",
            writer =>
            {
                writer.WriteBytes([address]);
                writer.WriteByte(eid);
            });
    }

    [Fact]
    public void AssignBridgeStatic_RepliesWithThePool_AndBridge1IsAnnouncedByItself()
    {
        using DbusWorld world = DbusWorld.Ready();
        world.Host.AddPeer(new FakePeer(1, 0x1d).WithBehind(4));
        List<string> heard = world.Listen();

        BusctlResult result = world.Call(DbusWorld.LinkPath, DbusWorld.Owner, "AssignBridgeStatic", "ayyyy", "1", "0x1d", "20", "30", "4");

        Assert.Equal($$"""{"type":"yyisb","data":[20,30,1,"{{Root}}/networks/1/endpoints/20",true]}""", result.Output);
        Assert.Equal("""{"type":"y","data":30}""", world.Property(Root + "/networks/1/endpoints/20", "au.com.codeconstruct.MCTP.Bridge1", "PoolStart"));
        Assert.Equal("""{"type":"y","data":33}""", world.Property(Root + "/networks/1/endpoints/20", "au.com.codeconstruct.MCTP.Bridge1", "PoolEnd"));
        Assert.Equal("""{"type":"a(yyy)","data":[[20,30,33]]}""", world.Property(Root + "/networks/1", "org.busbar.Network1", "Pools"));
        int endpoint = heard.FindIndex(line => line == " InterfacesAdded /networks/1/endpoints/20 Endpoint,UUID,Endpoint1,Endpoint1");
        int bridge = heard.FindIndex(line => line == " InterfacesAdded /networks/1/endpoints/20 Bridge1");
        Assert.True(endpoint >= 0 && bridge > endpoint, string.Join('\n', heard));
    }

    [Fact]
    public void LearnEndpoint_FindsWithoutAssigning()
    {
        using DbusWorld world = DbusWorld.Ready();
        FakePeer peer = world.AddPeer(0x1d, 42);

        BusctlResult found = world.Call(DbusWorld.LinkPath, DbusWorld.Owner, "LearnEndpoint", "ay", "1", "0x1d");
        DbusException silent = world.Refusal(DbusWorld.LinkPath, DbusWorld.Owner, "LearnEndpoint", writer => writer.WriteBytes([0x33]));

        Assert.Equal($$"""{"type":"yisb","data":[42,1,"{{Root}}/networks/1/endpoints/42",true]}""", found.Output);
        Assert.Equal(0, peer.CountOf(ControlCommand.SetEndpointId));
        Assert.Equal((DbusErrorName.Failed, "MCTP Endpoint did not respond"), (silent.Name, silent.Message));
    }

    [Fact]
    public void Endpoints_CanBeRemoved_AndTheirMtuSet()
    {
        using DbusWorld world = DbusWorld.Ready();
        world.AddPeer(0x1d);
        world.Call(DbusWorld.LinkPath, DbusWorld.Owner, "SetupEndpoint", "ay", "1", "0x1d");
        List<string> heard = world.Listen();

        BusctlResult mtu = world.Call(Nine, Endpoint1, "SetMTU", "u", "100");
        DbusException tooSmall = world.Refusal(Nine, Endpoint1, "SetMTU", writer => writer.WriteUInt32(3));
        DbusException local = world.Refusal(Root + "/networks/1/endpoints/8", Endpoint1, "Remove");
        BusctlResult removed = world.Call(Nine, Endpoint1, "Remove");

        Assert.Equal((0, ""), (mtu.Status, mtu.Errors));
        Assert.Equal(DbusErrorName.InvalidArguments, tooSmall.Name);
        Assert.Equal((DbusErrorName.Failed, "Cannot remove mctpd-local endpoint"), (local.Name, local.Message));
        Assert.Equal((0, ""), (removed.Status, removed.Errors));
        Assert.Equal(["/networks/1/endpoints/9 PropertiesChanged org.busbar.Endpoint1 Mtu", " InterfacesRemoved /networks/1/endpoints/9 Endpoint,UUID,Endpoint1,Endpoint1"], heard);
        Assert.DoesNotContain(Nine, world.Tree());
    }

    [Fact]
    public void Recover_TellsOfDegradedAndAvailable()
    {
        using DbusWorld world = DbusWorld.Ready();
        world.AddPeer(0x1d);
        world.Call(DbusWorld.LinkPath, DbusWorld.Owner, "SetupEndpoint", "ay", "1", "0x1d");
        List<string> heard = world.Listen();

        world.Call(Nine, Endpoint1, "Recover");
        world.Run(() => heard.Count >= 2);

        Assert.Equal(Enumerable.Repeat($"/networks/1/endpoints/9 PropertiesChanged {Endpoint1} Connectivity", 2), heard);
        Assert.Equal("""{"type":"s","data":"Available"}""", world.Property(Nine, Endpoint1, "Connectivity"));
    }

    [Fact]
    public void Role_SetOnce_AddsTheBusOwnerInterface()
    {
        using DbusWorld world = DbusWorld.Ready(role: static _ => LinkRole.Unknown);
        List<string> heard = world.Listen();
        DbusException before = world.Refusal(DbusWorld.LinkPath, DbusWorld.Owner, "SetupEndpoint", writer => writer.WriteBytes([0x1d]));

        BusctlResult wrong = world.Busctl("set-property", DbusService.BusName, DbusWorld.LinkPath, "au.com.codeconstruct.MCTP.Interface1", "Role", "s", "King");
        BusctlResult set = world.Busctl("set-property", DbusService.BusName, DbusWorld.LinkPath, "au.com.codeconstruct.MCTP.Interface1", "Role", "s", "BusOwner");
        BusctlResult twice = world.Busctl("set-property", DbusService.BusName, DbusWorld.LinkPath, "au.com.codeconstruct.MCTP.Interface1", "Role", "s", "Endpoint");

        Assert.Equal(DbusErrorName.UnknownMethod, before.Name);
        Assert.Contains("Unknown role 'King'", wrong.Errors, StringComparison.Ordinal);
        Assert.Equal((0, ""), (set.Status, set.Errors));
        Assert.Contains("Role is already set.", twice.Errors, StringComparison.Ordinal);
        Assert.Equal(["/interfaces/mctp0 PropertiesChanged au.com.codeconstruct.MCTP.Interface1 Role", " InterfacesAdded /interfaces/mctp0 BusOwner1"], heard);
    }

    [Fact]
    public void Links_ThatComeMoveAndGo_AreFollowed()
    {
        using DbusWorld world = DbusWorld.Ready();
        world.AddPeer(0x1d);
        world.Call(DbusWorld.LinkPath, DbusWorld.Owner, "SetupEndpoint", "ay", "1", "0x1d");
        List<string> heard = world.Listen();

        world.Do(() => world.Host.AddLink(2, network: 5, name: "usb-1"));
        world.Do(() => world.Host.ChangeLink(1, link => link with { Name = "mctp9" }));
        world.Do(() => world.Host.ChangeLink(1, link => link with { Network = 7, IsUp = false }));
        world.Do(() => world.Host.RemoveLink(2));
        world.Run(() => heard.Count >= 12);

        Assert.Equal(
            [
                " InterfacesAdded /networks/5 Network1,Network1",
                " InterfacesAdded /interfaces/usb_2d1 Interface1,BusOwner1,Link1",
                " InterfacesRemoved /interfaces/mctp0 Interface1,BusOwner1,Link1",
                " InterfacesAdded /interfaces/mctp9 Interface1,BusOwner1,Link1",
                " InterfacesAdded /networks/7 Network1,Network1",
                "/interfaces/mctp9 PropertiesChanged au.com.codeconstruct.MCTP.Interface1 NetworkId",
                "/interfaces/mctp9 PropertiesChanged org.busbar.Link1 Up",
            ],
            heard[..7]);
        Assert.Equal(
            [
                Root + "/interfaces", Root + "/interfaces/mctp9", Root + "/networks", Root + "/networks/7", Root + "/networks/7/endpoints", Root + "/networks/7/endpoints/8",
                Root + "/networks/7/endpoints/9",
            ],
            world.Tree()[5..]);
        Assert.Equal(" InterfacesRemoved /networks/5 Network1,Network1", heard[^1]);
        Assert.Equal("""{"type":"ay","data":[8]}""", world.Property(Root + "/networks/7", "au.com.codeconstruct.MCTP.Network1", "LocalEIDs"));
    }

    [Fact]
    public void ManagedObjects_ListEverythingBelowTheRoot()
    {
        using DbusWorld world = DbusWorld.Ready();

        string all = world.Call(Root, "org.freedesktop.DBus.ObjectManager", "GetManagedObjects").Output;

        Assert.Contains($"{Root}/interfaces/mctp0\":", all, StringComparison.Ordinal);
        Assert.Contains(
            """{"au.com.codeconstruct.MCTP.Interface1":{"Role":{"type":"s","data":"BusOwner"},"NetworkId":{"type":"u","data":1}}""", all, StringComparison.Ordinal);
        Assert.Contains($"{Root}/networks/1\":", all, StringComparison.Ordinal);
        Assert.Contains($"{Root}/networks/1/endpoints/8\":", all, StringComparison.Ordinal);
        Assert.DoesNotContain($"{Root}\":", all, StringComparison.Ordinal);
    }

    [Fact]
    public void NetworkId_OnRequest_IsSigned()
    {
        using DbusWorld world = DbusWorld.Ready(options => options with { NetworkIdAsInt32 = true });

        Assert.Equal("""{"type":"i","data":1}""", world.Property(Root + "/networks/1/endpoints/8", "xyz.openbmc_project.MCTP.Endpoint", "NetworkId"));
    }

    [Fact]
    public void OwnInterfaces_TellWhatMctpdDoesNot()
    {
        var counted = new LinkStatistics { PacketsSent = 5 };
        counted.Drops.Count(DropReason.BadVersion);
        using DbusWorld world = DbusWorld.Ready(options => options with { CountersOf = _ => counted });

        Assert.Equal("""{"type":"s","data":"1.2.3"}""", world.Property(Root, "org.busbar.Daemon1", "Version"));
        Assert.Contains("\"PacketsSent\":5", world.Property(DbusWorld.LinkPath, "org.busbar.Link1", "Counters"), StringComparison.Ordinal);
        Assert.Equal("""{"type":"a{st}","data":{"BadVersion":1}}""", world.Property(DbusWorld.LinkPath, "org.busbar.Link1", "Drops"));
        Assert.Equal("""{"type":"ay","data":[8]}""", world.Property(DbusWorld.LinkPath, "org.busbar.Link1", "LocalEIDs"));
        string free = world.Property(Root + "/networks/1", "org.busbar.Network1", "FreeEIDs");
        Assert.StartsWith("""{"type":"ay","data":[9,10,""", free, StringComparison.Ordinal);
        Assert.EndsWith(",254]}", free, StringComparison.Ordinal);
        Assert.Equal("""{"type":"a(yysyubt)","data":[]}""", world.Property(Root + "/networks/1", "org.busbar.Network1", "Routes"));
    }

    [Fact]
    [Trait("speed", "slow")]
    public void TenThousandEndpoints_AreListedCompletely()
    {
        using DbusWorld world = DbusWorld.Ready();
        world.Do(() =>
        {
            for (int link = 2; link <= 51; link++)
            {
                world.Host.AddLink(link, network: (uint)link);
                for (int eid = 20; eid < 220; eid++) world.Host.AddAddress(link, new Eid((byte)eid));
            }
        });
        DbusConnection client = world.Connect();

        int endpoints = world.Ask(client, Root, "org.freedesktop.DBus.ObjectManager", "GetManagedObjects", write: null, CountEndpoints);

        Assert.Equal(50 * 200 + 1, endpoints);
    }

    private static int CountEndpoints(DbusReader reader)
    {
        int endpoints = 0;
        reader.EnterArray("{oa{sa{sv}}}");
        while (!reader.AtEnd)
        {
            reader.EnterEntry("oa{sa{sv}}");
            if (reader.ReadObjectPath().Contains("/endpoints/", StringComparison.Ordinal)) endpoints++;
            reader.Skip("a{sa{sv}}");
            reader.Exit();
        }

        return endpoints;
    }
}
