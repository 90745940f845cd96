// SPDX-License-Identifier: Apache-2.0
using Busbar.TestKit;
using Xunit;

namespace Busbar.Linux.Tests;

/// <summary>Served objects as busctl sees them.</summary>
public sealed class DbusObjectTreeTests : IDisposable
{
    private const string Lamp = "org.example.Lamp";
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(10);

    private readonly PrivateBus _bus = PrivateBus.Start();
    private readonly DbusConnection _connection;
    private readonly DbusPump _pump;
    private readonly LampModel _lamp = new();

    public DbusObjectTreeTests()
    {
        _connection = DbusConnection.OpenAddress(_bus.Address, s_limit);
        _pump = new DbusPump(_connection);
        DbusInterfaceOf<LampModel> kind = new DbusInterfaceOf<LampModel>(Lamp)
            .Method("Blink", "ayu", ["pattern", "times"], "us", ["sum", "text"], BlinkAsync)
            .Method("Later", "", [], "y", ["value"], LaterAsync)
            .Method("Break", "", [], "", [], (_, _) => throw new InvalidOperationException("a mistake of the program"))
            .Method("Refuse", "", [], "", [], (_, _) => throw new DbusException("org.example.Error.Dark", "It is dark."))
            .Method("Pick", "v", ["what"], "s", ["text"], PickAsync)
            .Property("Level", "u", DbusChange.Emitted, (lamp, writer) => writer.WriteUInt32(lamp.Level), SetLevelAsync)
            .Property("Colours", "a(yq)", DbusChange.Constant, WriteColours);
        _connection.Objects.AddManager("/org/example");
        _connection.Objects.Add("/org/example/lamps/1", (kind, _lamp));
        Kind = kind;
    }

    private DbusInterfaceOf<LampModel> Kind { get; }

    public void Dispose()
    {
        _connection.Dispose();
        _bus.Dispose();
    }

    [Fact]
    public void Method_CalledByBusctl_IsAnswered()
    {
        BusctlResult result = Call("/org/example/lamps/1", Lamp, "Blink", "ayu", "3", "1", "2", "3", "7");

        Assert.Equal("""{"type":"us","data":[13,"3 bytes"]}""", result.Output);
    }

    [Fact]
    public void Method_ThatAwaits_IsAnsweredLaterAndBlocksNobody()
    {
        BusctlResult[] results = _pump.Await(async () =>
        {
            Task<BusctlResult> late = BusctlCallAsync("/org/example/lamps/1", Lamp, "Later");
            await _lamp.LaterBegan.Task;
            BusctlResult other = await BusctlCallAsync("/org/example/lamps/1", Lamp, "Blink", "ayu", "0", "1");
            Assert.False(late.IsCompleted);
            _lamp.Go.SetResult();
            return new[] { other, await late };
        });

        Assert.Equal("""{"type":"us","data":[1,"0 bytes"]}""", results[0].Output);
        Assert.Equal("""{"type":"y","data":[42]}""", results[1].Output);
    }

    [Fact]
    public void Method_WithWrongTypes_IsRefusedAsInvalidArguments()
    {
        BusctlResult result = Call("/org/example/lamps/1", Lamp, "Blink", "s", "hello");

        Assert.Equal(1, result.Status);
        Assert.Contains("org.example.Lamp.Blink takes arguments of type 'ayu', not 's'.", result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Method_WithTooManyBytes_IsRefused()
    {
        BusctlResult result = Call("/org/example/lamps/1", Lamp, "Blink", ["ayu", "200", .. Enumerable.Repeat("1", 200), "1"]);

        Assert.Contains("At most 100 bytes.", result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Method_WithAVariant_SeesItsType()
    {
        Assert.Equal("""{"type":"s","data":["q 7"]}""", Call("/org/example/lamps/1", Lamp, "Pick", "v", "q", "7").Output);
        Assert.Contains("wanted q or u, got s", Call("/org/example/lamps/1", Lamp, "Pick", "v", "s", "seven").Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Method_ThatFails_AnswersWithoutTellingTheInside()
    {
        string? reported = null;
        _connection.HandlerFailed += (where, failure) => reported = $"{where}: {failure.Message}";

        BusctlResult result = Call("/org/example/lamps/1", Lamp, "Break");

        Assert.Contains("Internal error", result.Errors, StringComparison.Ordinal);
        Assert.Equal("org.example.Lamp.Break of /org/example/lamps/1: a mistake of the program", reported);
        Assert.Equal(1, _connection.Statistics.HandlerFailures);
    }

    [Fact]
    public void Method_ThatRefuses_AnswersWithItsError()
    {
        DbusException refusal = Assert.Throws<DbusException>(() => AskAsClient("Refuse"));

        Assert.Equal("org.example.Error.Dark", refusal.Name);
        Assert.Equal("It is dark.", refusal.Message);
    }

    [Theory]
    [InlineData("/org/example/lamps/2", Lamp, "Blink", "Unknown object '/org/example/lamps/2'.")]
    [InlineData("/org/example/lamps", Lamp, "Blink", "Unknown object '/org/example/lamps'.")]
    [InlineData("/org/example/lamps/1", Lamp, "Nod", "Unknown method Nod or interface org.example.Lamp.")]
    [InlineData("/org/example/lamps/1", "org.example.Nothing", "Blink", "Unknown method Blink or interface org.example.Nothing.")]
    public void Call_OfWhatIsNotThere_IsRefused(string path, string kind, string member, string expected) =>
        Assert.Contains(expected, Call(path, kind, member).Errors, StringComparison.Ordinal);

    [Fact]
    public void Property_ReadAndSet_ByBusctl()
    {
        BusctlResult before = Run("--json=short", "get-property", _connection.UniqueName, "/org/example/lamps/1", Lamp, "Level");
        BusctlResult set = Run("set-property", _connection.UniqueName, "/org/example/lamps/1", Lamp, "Level", "u", "9");
        BusctlResult colours = Run("--json=short", "get-property", _connection.UniqueName, "/org/example/lamps/1", Lamp, "Colours");

        Assert.Equal("""{"type":"u","data":5}""", before.Output);
        Assert.Equal((0, ""), (set.Status, set.Errors));
        Assert.Equal(9u, _lamp.Level);
        Assert.Equal("""{"type":"a(yq)","data":[[1,256],[2,512]]}""", colours.Output);
    }

    [Theory]
    [InlineData("Level", "s", "nine", "An argument is not of type 'v of u'")]
    [InlineData("Level", "u", "1000", "Level goes to 100.")]
    [InlineData("Colours", "u", "1", "Property 'Colours' is not writable.")]
    [InlineData("Shape", "u", "1", "Unknown interface org.example.Lamp or property Shape.")]
    public void Property_SetWrongly_IsRefusedAndStays(string property, string type, string value, string expected)
    {
        BusctlResult set = Run("set-property", _connection.UniqueName, "/org/example/lamps/1", Lamp, property, type, value);

        Assert.Contains(expected, set.Errors, StringComparison.Ordinal);
        Assert.Equal(5u, _lamp.Level);
    }

    [Fact]
    public void Introspection_OfObjectsAndOfWhatLeadsThere_IsComplete()
    {
        _connection.Objects.Add("/org/example/lamps/2", (Kind, new LampModel()));

        BusctlResult tree = Run("--list", "tree", _connection.UniqueName);
        BusctlResult members = Run("introspect", _connection.UniqueName, "/org/example/lamps/1", Lamp);

        Assert.Equal(["/", "/org", "/org/example", "/org/example/lamps", "/org/example/lamps/1", "/org/example/lamps/2"], tree.Output.Split('\n'));
        Assert.Matches(@"\.Blink +method +ayu +us", members.Output);
        Assert.Matches(@"\.Level +property +u +5 +emits-change writable", members.Output);
        Assert.Matches(@"\.Colours +property +a\(yq\) +2 1 256 2 512 +const", members.Output);
    }

    [Fact]
    public void ManagedObjects_OfTheManager_AreThoseBelow()
    {
        BusctlResult result = Call("/org/example", "org.freedesktop.DBus.ObjectManager", "GetManagedObjects");

        Assert.Equal(
            """{"type":"a{oa{sa{sv}}}","data":[{"/org/example/lamps/1":{"org.example.Lamp":{"Level":{"type":"u","data":5}"""
            + ""","Colours":{"type":"a(yq)","data":[[1,256],[2,512]]}}}}]}""",
            result.Output);
        Assert.Contains("Unknown method", Call("/org/example/lamps/1", "org.freedesktop.DBus.ObjectManager", "GetManagedObjects").Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Changes_AreAnnounced_AtTheManagerAndTheObject()
    {
        using DbusConnection listener = DbusConnection.OpenAddress(_bus.Address, s_limit);
        var heard = new List<string>();
        using IDisposable all = listener.Subscribe(
            $"type='signal',sender='{_connection.UniqueName}'",
            (path, member, reader) => heard.Add($"{path} {member} {(member == "PropertiesChanged" ? reader.ReadString() : reader.ReadObjectPath())}"));
        var pump = new DbusPump(_connection, listener);
        pump.Await(() => listener.CallAsync("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "GetId", write: null, reader => reader.ReadString(), s_limit));

        _connection.Objects.Add("/org/example/lamps/2", (Kind, new LampModel()));
        _connection.Objects.NotifyChanged("/org/example/lamps/2", Kind, "Level");
        _connection.Objects.Remove("/org/example/lamps/2");
        _connection.Objects.Remove("/org/example/lamps/1", Kind);
        pump.Run(() => heard.Count >= 4);

        Assert.Equal(
            [
                "/org/example InterfacesAdded /org/example/lamps/2",
                "/org/example/lamps/2 PropertiesChanged org.example.Lamp",
                "/org/example InterfacesRemoved /org/example/lamps/2",
                "/org/example InterfacesRemoved /org/example/lamps/1",
            ],
            heard);
    }

    [Fact]
    public void Rehearse_RunsTheHandlerAndTellsNobody()
    {
        _connection.Rehearse(
            "/org/example/lamps/1",
            "org.freedesktop.DBus.Properties",
            "Set",
            writer =>
            {
                writer.WriteString(Lamp);
                writer.WriteString("Level");
                writer.OpenVariant("u");
                writer.WriteUInt32(77);
                writer.Close();
            });
        _connection.Rehearse("/org/example/nowhere", Lamp, "Blink");
        _pump.Run(() => _lamp.Level == 77);

        Assert.Equal((0, 0, 0), (_connection.Statistics.Calls, _connection.Statistics.ErrorsAnswered, _connection.Statistics.MessagesDropped));
        Assert.Equal("""{"type":"u","data":77}""", Run("--json=short", "get-property", _connection.UniqueName, "/org/example/lamps/1", Lamp, "Level").Output);
    }

    [Fact]
    public void Remove_OfTheLastObjectOfABranch_TakesTheBranchAlong()
    {
        _connection.Objects.Remove("/org/example/lamps/1");

        Assert.Equal(["/", "/org", "/org/example"], Run("--list", "tree", _connection.UniqueName).Output.Split('\n'));
    }

    private static async Task LaterAsync(LampModel lamp, DbusCall call)
    {
        lamp.LaterBegan.TrySetResult();
        await lamp.Go.Task;
        call.Reply(writer => writer.WriteByte(42));
    }

    private static Task BlinkAsync(LampModel lamp, DbusCall call)
    {
        byte[] pattern = call.Arguments.ReadBytes(100, "At most 100 bytes.");
        uint times = call.Arguments.ReadUInt32();
        call.Reply(writer =>
        {
            writer.WriteUInt32((uint)pattern.Sum(each => each) + times);
            writer.WriteString($"{pattern.Length} bytes");
        });
        return Task.CompletedTask;
    }

    private static Task PickAsync(LampModel lamp, DbusCall call)
    {
        string contents = call.Arguments.PeekVariant();
        if (contents is not ("q" or "u")) throw new DbusException(DbusErrorName.InvalidArguments, $"wanted q or u, got {contents}");
        call.Arguments.EnterVariant(contents);
        uint value = contents == "q" ? call.Arguments.ReadUInt16() : call.Arguments.ReadUInt32();
        call.Arguments.Exit();
        call.Reply(writer => writer.WriteString($"{contents} {value}"));
        return Task.CompletedTask;
    }

    private static async Task SetLevelAsync(LampModel lamp, DbusReader reader)
    {
        uint level = reader.ReadUInt32();
        await Task.Yield();
        if (level > 100) throw new DbusException(DbusErrorName.InvalidArguments, "Level goes to 100.");
        lamp.Level = level;
    }

    private static void WriteColours(LampModel lamp, DbusWriter writer)
    {
        writer.OpenArray("(yq)");
        for (byte i = 1; i < 3; i++)
        {
            writer.OpenStruct("yq");
            writer.WriteByte(i);
            writer.WriteUInt16((ushort)(i << 8));
            writer.Close();
        }

        writer.Close();
    }

    private BusctlResult Call(string path, string kind, string member, params string[] arguments) => _pump.Await(() => BusctlCallAsync(path, kind, member, arguments));

    private BusctlResult Run(params string[] arguments) => _pump.Await(() => Busctl.RunAsync(_bus.Address, arguments));

    private Task<BusctlResult> BusctlCallAsync(string path, string kind, string member, params string[] arguments) =>
        Busctl.RunAsync(_bus.Address, ["--json=short", "call", _connection.UniqueName, path, kind, member, .. arguments]);

    private bool AskAsClient(string member)
    {
        using DbusConnection client = DbusConnection.OpenAddress(_bus.Address, s_limit);
        return new DbusPump(_connection, client).Await(() =>
            client.CallAsync(_connection.UniqueName, "/org/example/lamps/1", Lamp, member, write: null, _ => true, s_limit));
    }

    private sealed class LampModel
    {
        public uint Level { get; set; } = 5;

        public TaskCompletionSource LaterBegan { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Go { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
