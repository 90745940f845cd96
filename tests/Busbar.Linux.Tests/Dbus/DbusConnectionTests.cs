// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using Busbar.TestKit;
using Xunit;

namespace Busbar.Linux.Tests;

/// <summary>Connections, calls of ours, names, and a bus that does not do its part.</summary>
public sealed class DbusConnectionTests : IDisposable
{
    private const string Bus = "org.freedesktop.DBus";
    private const string BusPath = "/org/freedesktop/DBus";
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(20);

    private readonly PrivateBus _bus = PrivateBus.Start();
    private readonly DbusConnection _connection;
    private readonly DbusPump _pump;

    public DbusConnectionTests()
    {
        _connection = DbusConnection.OpenAddress(_bus.Address, s_limit);
        _pump = new DbusPump(_connection);
    }

    public void Dispose()
    {
        _connection.Dispose();
        _bus.Dispose();
    }

    [Fact]
    public void SdBus_OnThisMachine_IsThere() => Assert.True(SdBus.IsAvailable, SdBus.Missing + "; install the package libsystemd0 (Debian: apt install libsystemd0)");

    [Fact]
    public void Open_GreetsTheBus() => Assert.StartsWith(":1.", _connection.UniqueName, StringComparison.Ordinal);

    [Theory]
    [InlineData("unix:path=/nonexistent/bus", Errno.ENOENT)]
    [InlineData("nonsense", Errno.ECONNREFUSED)]
    public void Open_OfWhatIsNoBus_SaysSo(string address, Errno expected)
    {
        LinuxException refusal = Assert.Throws<LinuxException>(() => DbusConnection.OpenAddress(address, s_limit));

        Assert.Equal(expected, refusal.Errno);
        Assert.Contains(address, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_OfABusThatDoesNotAnswer_EndsInTime()
    {
        _bus.Pause();

        LinuxException refusal = Assert.Throws<LinuxException>(() => DbusConnection.OpenAddress(_bus.Address, TimeSpan.FromMilliseconds(100)));

        _bus.Resume();
        Assert.Equal(Errno.ETIMEDOUT, refusal.Errno);
    }

    [Fact]
    public void Call_OfTheBus_IsAnswered()
    {
        string[] names = _pump.Await(() => _connection.CallAsync(Bus, BusPath, Bus, "ListNames", write: null, ReadStrings, s_limit));

        Assert.Contains(_connection.UniqueName, names);
    }

    [Fact]
    public void Call_ThatIsRefused_FailsWithTheError()
    {
        DbusException refusal = Assert.Throws<DbusException>(() => _pump.Await(() => _connection.CallAsync(Bus, BusPath, Bus, "Nothing", write: null, static _ => true, s_limit)));

        Assert.Equal(DbusErrorName.UnknownMethod, refusal.Name);
    }

    [Fact]
    public void Call_WhoseAnswerHasAnotherType_Fails()
    {
        DbusException refusal = Assert.Throws<DbusException>(() =>
            _pump.Await(() => _connection.CallAsync(Bus, BusPath, Bus, "GetId", write: null, static reader => reader.ReadUInt32(), s_limit)));

        Assert.Equal(DbusErrorName.InvalidArguments, refusal.Name);
    }

    [Fact]
    public void Call_WithoutAnAnswer_EndsInTime()
    {
        using DbusConnection mute = DbusConnection.OpenAddress(_bus.Address, s_limit);

        DbusException refusal = Assert.Throws<DbusException>(() =>
            _pump.Await(() => _connection.CallAsync(mute.UniqueName, "/", "org.example.I", "M", write: null, static _ => true, TimeSpan.FromMilliseconds(50))));

        Assert.True(refusal.Name is DbusErrorName.NoReply or "org.freedesktop.DBus.Error.Timeout", refusal.Name);
    }

    [Fact]
    public void Arguments_OfAllTypes_ComeThroughAsTheyWere()
    {
        using DbusConnection other = DbusConnection.OpenAddress(_bus.Address, s_limit);
        string seen = "";
        var kind = new DbusInterfaceOf<string>("org.example.Types").Method(
            "Take",
            "ybnqiuxtdsogaya{sv}(yb)",
            [],
            "b",
            [],
            (_, call) =>
            {
                seen = ReadAll(call.Arguments);
                call.Reply(static writer => writer.WriteBoolean(true));
                return Task.CompletedTask;
            });
        other.Objects.Add("/types", (kind, ""));

        bool done = new DbusPump(_connection, other).Await(() =>
            _connection.CallAsync(other.UniqueName, "/types", "org.example.Types", "Take", WriteAll, static reader => reader.ReadBoolean(), s_limit));

        Assert.True(done);
        Assert.Equal("200 True -3 65535 -70000 4000000000 -5000000000 18446744073709551615 2.5 'Grüße' /a/b a{sv} 01-02 k=7 9,False", seen);
    }

    [Fact]
    public void Name_HasOneOwner_UntilItIsGivenBack()
    {
        using DbusConnection other = DbusConnection.OpenAddress(_bus.Address, s_limit);
        var pump = new DbusPump(_connection, other);

        Assert.Equal(DbusNameResult.PrimaryOwner, pump.Await(() => _connection.RequestNameAsync("org.example.N", DbusNameFlags.DoNotQueue, s_limit)));
        Assert.Equal(DbusNameResult.Exists, pump.Await(() => other.RequestNameAsync("org.example.N", DbusNameFlags.DoNotQueue, s_limit)));
        Assert.True(pump.Await(() => _connection.ReleaseNameAsync("org.example.N", s_limit)));
        Assert.Equal(DbusNameResult.PrimaryOwner, pump.Await(() => other.RequestNameAsync("org.example.N", DbusNameFlags.DoNotQueue, s_limit)));
    }

    [Fact]
    public void WatchLeaving_TellsWhoLeft()
    {
        List<string> left = [];
        using IDisposable watch = _connection.WatchLeaving(left.Add);
        DbusConnection other = DbusConnection.OpenAddress(_bus.Address, s_limit);
        string name = other.UniqueName;
        _pump.Await(() => _connection.CallAsync(Bus, BusPath, Bus, "GetId", write: null, static reader => reader.ReadString(), s_limit));

        other.Dispose();
        _pump.Run(() => left.Count != 0);

        Assert.Equal([name], left);
    }

    [Fact]
    public void Subscribe_OfARuleThatIsNone_IsRefused()
    {
        Assert.Throws<LinuxException>(() => _connection.Subscribe("this is no rule", static (_, _, _) => { }));
    }

    [Fact]
    public void Subscribe_Disposed_HearsNoMore()
    {
        using DbusConnection other = DbusConnection.OpenAddress(_bus.Address, s_limit);
        var pump = new DbusPump(_connection, other);
        int heard = 0;
        int all = 0;
        IDisposable first = _connection.Subscribe("type='signal',interface='org.example.I'", (_, _, _) => heard++);
        using IDisposable second = _connection.Subscribe("type='signal',interface='org.example.I'", (_, _, _) => all++);
        pump.Await(() => _connection.CallAsync(Bus, BusPath, Bus, "GetId", write: null, static reader => reader.ReadString(), s_limit));

        other.EmitSignal("/", "org.example.I", "S");
        pump.Run(() => all == 1);
        first.Dispose();
        other.EmitSignal("/", "org.example.I", "S");
        pump.Run(() => all == 2);

        Assert.Equal(1, heard);
    }

    [Fact]
    public void Bus_ThatEnds_ClosesTheConnectionAndFailsOpenCalls()
    {
        string? why = null;
        _connection.Closed += reason => why = reason;
        using DbusConnection mute = DbusConnection.OpenAddress(_bus.Address, s_limit);

        Assert.Throws<DbusException>(() => _pump.Await(() =>
        {
            Task<bool> open = _connection.CallAsync(mute.UniqueName, "/", "org.example.I", "M", write: null, static _ => true, s_limit);
            _bus.Kill();
            return open;
        }));
        _pump.Run(() => why is not null);

        Assert.False(_connection.IsOpen);
        _connection.EmitSignal("/", "org.example.I", "S");
        DbusException refusal = Assert.Throws<DbusException>(() => _pump.Await(() => _connection.CallAsync(Bus, BusPath, Bus, "GetId", write: null, static _ => true, s_limit)));
        Assert.Equal(DbusErrorName.Disconnected, refusal.Name);
    }

    [Fact]
    public void Bus_ThatStopsReading_CostsABoundedQueueAndIsUsableLater()
    {
        _bus.Pause();
        string large = new('x', 4000);

        // More than the bus's socket and our queue can hold together.
        long most = (DbusConnection.MostQueuedBytes / large.Length) + 4000;
        for (long i = 0; i < most; i++) _connection.EmitSignal("/", "org.example.I", "S", writer => writer.WriteString(large));

        Assert.InRange(_connection.Statistics.MessagesDropped, 1, most);
        _bus.Resume();
        string id = _pump.Await(() => RetryAsync());
        Assert.NotEmpty(id);
    }

    [Fact]
    public void Descriptors_AfterManyConnections_AreAllGone()
    {
        int before = Directory.GetFiles("/proc/self/fd").Length;
        for (int i = 0; i < 50; i++) DbusConnection.OpenAddress(_bus.Address, s_limit).Dispose();

        Assert.InRange(Directory.GetFiles("/proc/self/fd").Length, 0, before + 20);
    }

    private async Task<string> RetryAsync()
    {
        long began = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                return await _connection.CallAsync(Bus, BusPath, Bus, "GetId", write: null, static reader => reader.ReadString(), s_limit);
            }
            catch (DbusException full) when (full.Name == DbusErrorName.LimitsExceeded && Stopwatch.GetElapsedTime(began) < s_limit)
            {
                // The queue is still full; it empties while others have their turn.
                await Task.Yield();
            }
        }
    }

    private static string[] ReadStrings(DbusReader reader)
    {
        List<string> strings = [];
        reader.EnterArray("s");
        while (!reader.AtEnd) strings.Add(reader.ReadString());
        reader.Exit();
        return [.. strings];
    }

    private static void WriteAll(DbusWriter writer)
    {
        writer.WriteByte(200);
        writer.WriteBoolean(true);
        writer.WriteInt16(-3);
        writer.WriteUInt16(ushort.MaxValue);
        writer.WriteInt32(-70000);
        writer.WriteUInt32(4_000_000_000);
        writer.WriteInt64(-5_000_000_000);
        writer.WriteUInt64(ulong.MaxValue);
        writer.WriteDouble(2.5);
        writer.WriteString("Grüße");
        writer.WriteObjectPath("/a/b");
        writer.WriteSignature("a{sv}");
        writer.WriteBytes([1, 2]);
        writer.OpenArray("{sv}");
        writer.OpenEntry("sv");
        writer.WriteString("k");
        writer.OpenVariant("q");
        writer.WriteUInt16(7);
        writer.Close();
        writer.Close();
        writer.Close();
        writer.OpenStruct("yb");
        writer.WriteByte(9);
        writer.WriteBoolean(false);
        writer.Close();
    }

    private static string ReadAll(DbusReader reader)
    {
        string basic =
            $"{reader.ReadByte()} {reader.ReadBoolean()} {reader.ReadInt16()} {reader.ReadUInt16()} {reader.ReadInt32()} {reader.ReadUInt32()} {reader.ReadInt64()} "
            + $"{reader.ReadUInt64()} {reader.ReadDouble()} '{reader.ReadString()}' {reader.ReadObjectPath()} {reader.ReadSignature()} {BitConverter.ToString(reader.ReadBytes(2, ""))}";
        reader.EnterArray("{sv}");
        reader.EnterEntry("sv");
        string key = reader.ReadString();
        Assert.Equal("q", reader.PeekVariant());
        reader.EnterVariant("q");
        ushort value = reader.ReadUInt16();
        reader.Exit();
        reader.Exit();
        reader.Exit();
        reader.EnterStruct("yb");
        byte first = reader.ReadByte();
        bool second = reader.ReadBoolean();
        reader.Exit();
        Assert.True(reader.AtEnd);
        return $"{basic} {key}={value} {first},{second}";
    }
}
