// SPDX-License-Identifier: Apache-2.0
using Busbar.ControlPlane;
using Busbar.Linux;
using Busbar.Mctp;
using Busbar.TestKit;

namespace Busbar.Daemon.Tests;

/// <summary>Callers that do what they should not, peers that are slow, and a bus that comes and goes.</summary>
public sealed class DbusHostileTests
{
    private const string Root = DbusWorld.Root;

    [Theory]
    [InlineData("/au/com/codeconstruct/mctp1/interfaces/mctp7", "SetupEndpoint", DbusErrorName.UnknownObject, "Unknown object '/au/com/codeconstruct/mctp1/interfaces/mctp7'.")]
    [InlineData(DbusWorld.LinkPath, "Explode", DbusErrorName.UnknownMethod, "Unknown method Explode or interface au.com.codeconstruct.MCTP.BusOwner1.")]
    public void Call_OfWhatIsNotThere_IsRefused(string path, string member, string name, string text)
    {
        using DbusWorld world = DbusWorld.Ready();

        DbusException refusal = world.Refusal(path, DbusWorld.Owner, member, writer => writer.WriteBytes([0x1d]));

        Assert.Equal((name, text), (refusal.Name, refusal.Message));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(33)]
    [InlineData(100_000)]
    public void SetupEndpoint_WithAnAddressOfTheWrongLength_IsRefused(int length)
    {
        using DbusWorld world = DbusWorld.Ready();

        DbusException refusal = world.Refusal(DbusWorld.LinkPath, DbusWorld.Owner, "SetupEndpoint", writer => writer.WriteBytes(new byte[length]));

        Assert.Equal((DbusErrorName.InvalidArguments, "Bad physaddr"), (refusal.Name, refusal.Message));
    }

    [Fact]
    public void SlowPeer_BlocksNobodyElse()
    {
        using DbusWorld world = DbusWorld.Ready();
        world.AddPeer(0x1d);
        DbusConnection client = world.Connect();

        // Nobody sits at 0x55: four tries must run out.
        Task<bool> slow = world.Await(() => Task.FromResult(world.AskAsync(client, DbusWorld.LinkPath, DbusWorld.Owner, "SetupEndpoint", Address(0x55), static _ => true)));
        byte eid = world.Ask(client, DbusWorld.LinkPath, DbusWorld.Owner, "SetupEndpoint", Address(0x1d), static reader => reader.ReadByte());

        Assert.False(slow.IsCompleted);
        Assert.Equal(9, eid);
        DbusException refusal = Assert.Throws<DbusException>(() => world.Await(() => slow));
        Assert.Equal((DbusErrorName.Failed, "MCTP Endpoint did not respond"), (refusal.Name, refusal.Message));
    }

    [Fact]
    public void CallerWithTooManyOpenCalls_IsRefused_AndOthersAreNot()
    {
        using DbusWorld world = DbusWorld.Ready();
        world.AddPeer(0x1d);
        DbusConnection greedy = world.Connect();
        var calls = new List<Task<bool>>();
        world.Do(() =>
        {
            for (int i = 0; i < 100; i++) calls.Add(world.AskAsync(greedy, DbusWorld.LinkPath, DbusWorld.Owner, "LearnEndpoint", Address((byte)(100 + i)), static _ => true));
        });

        world.Run(() => calls.Count(call => call.IsFaulted) >= 100 - DbusConnection.MostOpenCallsOfOne);
        byte eid = world.Ask(world.Connect(), DbusWorld.LinkPath, DbusWorld.Owner, "SetupEndpoint", Address(0x1d), static reader => reader.ReadByte());
        world.Run(() => calls.TrueForAll(call => call.IsCompleted));

        Assert.Equal(9, eid);
        Assert.Equal(
            100 - DbusConnection.MostOpenCallsOfOne, calls.Count(call => call.Exception?.InnerException is DbusException { Name: DbusErrorName.LimitsExceeded }));
        Assert.Contains("\"CallsRefused\":36", world.Property(Root, "org.busbar.Daemon1", "DbusCounters"), StringComparison.Ordinal);
    }

    [Fact]
    public void CallerThatFloodsAndNeverReads_StopsNobody()
    {
        using DbusWorld world = DbusWorld.Ready();
        using DbusConnection flood = DbusConnection.OpenAddress(world.Bus.Address, DbusWorld.Limit);
        for (int i = 0; i < 5000; i++)
        {
            _ = flood.CallAsync(DbusService.BusName, Root, "org.freedesktop.DBus.ObjectManager", "GetManagedObjects", write: null, static _ => true, DbusWorld.Limit)
                .ContinueWith(static failed => failed.Exception, TaskScheduler.Default);
        }

        byte[] local = world.Ask(
            world.Connect(),
            Root + "/networks/1",
            DbusWorld.Properties,
            "Get",
            writer =>
            {
                writer.WriteString("au.com.codeconstruct.MCTP.Network1");
                writer.WriteString("LocalEIDs");
            },
            static reader =>
            {
                reader.EnterVariant("ay");
                return reader.ReadBytes(10, "");
            });

        Assert.Equal([8], local);
    }

    [Fact]
    public void Nonsense_OfAllKinds_LeavesTheDaemonAlive()
    {
        using DbusWorld world = DbusWorld.Ready();
        DbusConnection client = world.Connect();
        var random = new Random(4711);
        string[] paths = ["/", Root, DbusWorld.LinkPath, Root + "/networks/1", Root + "/networks/1/endpoints/8", Root + "/networks/99", Root + "/interfaces"];
        string[] kinds =
        [
            DbusWorld.Owner, DbusWorld.Properties, "au.com.codeconstruct.MCTP1", "au.com.codeconstruct.MCTP.Network1", "au.com.codeconstruct.MCTP.Endpoint1",
            "org.freedesktop.DBus.ObjectManager", "org.freedesktop.DBus.Introspectable", "org.freedesktop.DBus.Peer",
        ];
        string[] members =
        [
            "SetupEndpoint", "AssignEndpointStatic", "AssignBridgeStatic", "LearnEndpoint", "RegisterTypeSupport", "RegisterVDMTypeSupport", "Get", "Set", "GetAll", "Recover",
            "SetMTU", "GetManagedObjects", "Introspect", "Ping",
        ];
        List<Task<bool>> calls = [];

        for (int round = 0; round < 40; round++)
        {
            world.Do(() =>
            {
                for (int i = 0; i < 20; i++)
                {
                    (string path, string kind, string member) = (paths[random.Next(paths.Length)], kinds[random.Next(kinds.Length)], members[random.Next(members.Length)]);
                    calls.Add(world.AskAsync(client, path, kind, member, writer => Scribble(writer, random), static _ => true));
                }
            });
            world.Run(() => calls.TrueForAll(call => call.IsCompleted));
        }

        Assert.DoesNotContain(world.Notes, note => note.Contains("failed", StringComparison.Ordinal));
        Assert.Contains("\"HandlerFailures\":0", world.Property(Root, "org.busbar.Daemon1", "DbusCounters"), StringComparison.Ordinal);
    }

    [Fact]
    public void EmptyReplyFlag_IsRespected()
    {
        using DbusWorld world = DbusWorld.Ready();
        world.AddPeer(0x1d);

        BusctlResult result = world.Busctl("--expect-reply=no", "call", DbusService.BusName, DbusWorld.LinkPath, DbusWorld.Owner, "SetupEndpoint", "ay", "1", "0x1d");
        world.Run(() => world.Controller.Endpoints.Find(1, new Eid(9)) is { IsPublished: true });

        Assert.Equal((0, ""), (result.Status, result.Errors));
    }

    [Fact]
    public void Bus_ThatIsNotThere_IsReportedAndNothingElse()
    {
        using var loop = new Node.EventLoop();
        using DbusWorld world = DbusWorld.Ready();
        List<string> notes = [];

        DbusService? service = DbusService.TryStart(loop, world.Controller, new DbusOptions { Bus = DbusChoice.Address, Address = "unix:path=/nonexistent/bus" }, notes.Add);

        Assert.Null(service);
        Assert.StartsWith("No D-Bus: Connecting to the bus at unix:path=/nonexistent/bus failed", Assert.Single(notes), StringComparison.Ordinal);
        Assert.Null(DbusService.TryStart(loop, world.Controller, new DbusOptions { Bus = DbusChoice.None }, notes.Add));
        Assert.Single(notes);
    }

    [Fact]
    public void Name_OfAnotherDaemon_IsLeftToIt()
    {
        using DbusWorld world = DbusWorld.Ready();
        List<string> notes = [];
        using DbusService second = DbusService.TryStart(world.Loop, world.Controller, world.Options, notes.Add)!;

        Assert.False(world.Await(second.ClaimName));
        Assert.Contains("another program owns the name", Assert.Single(notes), StringComparison.Ordinal);
        Assert.True(world.Service.HasName);
    }

    [Fact]
    public void Bus_ThatGoesAndComesBack_FindsUsAgain()
    {
        using DbusWorld world = DbusWorld.Ready(options => options with { Retry = TimeSpan.FromMilliseconds(50) });
        world.AddPeer(0x1d);

        world.Bus.Kill();
        world.Run(() => !world.Service.HasName);
        world.Await(() => world.Controller.SetupEndpointAsync(1, new PhysicalAddress([0x1d])));
        world.Bus.Restart();
        world.Run(() => world.Service.HasName);

        Assert.Contains(Root + "/networks/1/endpoints/9", world.Tree());
        Assert.Equal(2, world.Notes.Count);
    }

    private static Action<DbusWriter> Address(byte address) => writer => writer.WriteBytes([address]);

    private static void Scribble(DbusWriter writer, Random random)
    {
        for (int i = random.Next(6); i > 0; i--)
        {
            switch (random.Next(9))
            {
                case 0:
                    writer.WriteByte((byte)random.Next(256));
                    break;
                case 1:
                    byte[] bytes = new byte[random.Next(40)];
                    random.NextBytes(bytes);
                    writer.WriteBytes(bytes);
                    break;
                case 2:
                    writer.WriteString(random.Next(3) switch { 0 => "au.com.codeconstruct.MCTP.Interface1", 1 => "Role", _ => new string('x', random.Next(10_000)) });
                    break;
                case 3:
                    writer.WriteUInt32((uint)random.Next());
                    break;
                case 4:
                    writer.OpenVariant("as");
                    writer.OpenArray("s");
                    for (int j = random.Next(5); j > 0; j--) writer.WriteString("deep");
                    writer.Close();
                    writer.Close();
                    break;
                case 5:
                    bool isShort = random.Next(2) == 0;
                    writer.OpenVariant(isShort ? "q" : "u");
                    if (isShort) writer.WriteUInt16(7);
                    else writer.WriteUInt32(7);
                    writer.Close();
                    break;
                case 6:
                    writer.WriteObjectPath("/a/b");
                    break;
                case 7:
                    writer.WriteUInt16((ushort)random.Next());
                    break;
                default:
                    writer.OpenArray("u");
                    for (int j = random.Next(20); j > 0; j--) writer.WriteUInt32(1);
                    writer.Close();
                    break;
            }
        }
    }
}
