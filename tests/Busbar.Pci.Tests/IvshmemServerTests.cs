// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;
using Busbar.Memory;
using Busbar.TestKit;
using Xunit;

namespace Busbar.Pci.Tests;

/// <summary>The server's exact words, one step at a time.</summary>
public sealed class IvshmemServerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _path;
    private readonly List<string> _events = [];
    private IvshmemServer? _server;

    public IvshmemServerTests() => _path = _folder.File("s");

    [Fact]
    public void FirstClient_IsTold_VersionIdMemoryAndItsOwnDoorbells()
    {
        IvshmemServer server = Serve(vectors: 3);
        using var client = new RawClient(_path);

        Step(server);

        Assert.Equal("0 0 -1+ 0+ 0+ 0+", client.Read());
        Assert.Equal(["+0"], _events);
        Assert.Equal(1, server.ClientCount);
    }

    [Fact]
    public void FirstClient_GetsSealedMemoryOfTheSizeAsked()
    {
        IvshmemServer server = Serve(size: 1 << 20);
        using var client = new RawClient(_path);
        Step(server);
        client.Read();

        using MappedMemory memory = MappedMemory.Adopt(client.Descriptors[0].Duplicate());

        Assert.Equal(1 << 20, memory.Size);
        Assert.True(memory.CannotShrink);
        using SharedRegion theirs = memory.Map();
        using SharedRegion ours = server.Memory.Map();
        theirs.Write32(100, 0xfeed);
        Assert.Equal(0xfeedu, ours.Read32(100));
    }

    [Fact]
    public void SecondClient_HearsOfTheFirst_WhichHasHeardOfTheSecond()
    {
        IvshmemServer server = Serve(vectors: 2);
        using var first = new RawClient(_path);
        Step(server);
        first.Read();
        using var second = new RawClient(_path);

        Step(server);

        Assert.Equal("1+ 1+", first.Read());
        Assert.Equal("0 1 -1+ 0+ 0+ 1+ 1+", second.Read());
    }

    [Fact]
    public void Doorbells_AsHandedOut_ReachTheirPeerAndVector()
    {
        IvshmemServer server = Serve(vectors: 2);
        using var first = new RawClient(_path);
        Step(server);
        first.Read();
        using var second = new RawClient(_path);
        Step(server);
        first.Read();
        second.Read();

        // The first has memory, 0.0, 0.1, 1.0, 1.1; the second has memory, 0.0, 0.1, 1.0, 1.1, too.
        using EventFd ringsSecondOnOne = EventFd.Wrap(first.Descriptors[4].Duplicate());
        ringsSecondOnOne.Ring();

        using EventFd secondVectorZero = EventFd.Wrap(second.Descriptors[3].Duplicate());
        using EventFd secondVectorOne = EventFd.Wrap(second.Descriptors[4].Duplicate());
        Assert.False(secondVectorZero.TryDrain(out _));
        Assert.True(secondVectorOne.TryDrain(out _));
    }

    [Fact]
    public void LaterClients_HearOfTheOthers_InTheOrderOfTheirArrival()
    {
        IvshmemServer server = Serve();
        RawClient[] clients = [.. Enumerable.Range(0, 4).Select(_ => Join(server))];
        clients[1].Dispose();
        Step(server);

        using RawClient late = Join(server, read: false);

        Assert.Equal("0 4 -1+ 0+ 2+ 3+ 4+", late.Read());
        Assert.Equal("1+ 2+ 3+ 1 4+", clients[0].Read());
        Assert.Equal("3+ 1 4+", clients[2].Read());
        foreach (RawClient client in clients) client.Dispose();
    }

    [Fact]
    public void Client_ThatLeaves_IsAnnouncedByItsIdAlone()
    {
        IvshmemServer server = Serve(vectors: 4);
        using RawClient stays = Join(server);
        RawClient leaves = Join(server);
        stays.Read();

        leaves.Dispose();
        Step(server);

        Assert.Equal("1", stays.Read());
        Assert.Equal(["+0", "+1", "-1 Left"], _events);
        Assert.Equal(1, server.Statistics.Dropped(IvshmemDropReason.Left));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    [InlineData(100)]
    public void Client_ThatSpeaks_IsDropped(int bytes)
    {
        IvshmemServer server = Serve();
        using RawClient quiet = Join(server);
        using RawClient loud = Join(server);
        quiet.Read();

        loud.Connection.TrySend(new byte[bytes], []);
        Step(server);

        loud.Read();
        Assert.True(loud.IsClosed);
        Assert.Equal("1", quiet.Read());
        Assert.Equal(1, server.Statistics.Dropped(IvshmemDropReason.Spoke));
    }

    [Fact]
    public void Ids_AreNotReusedBeforeTheyWrap()
    {
        IvshmemServer server = Serve();
        for (int i = 0; i < 3; i++)
        {
            Join(server).Dispose();
            Step(server);
        }

        using RawClient next = Join(server, read: false);

        Assert.StartsWith("0 3 -1+", next.Read(), StringComparison.Ordinal);
    }

    [Fact]
    public void Ids_AfterTheLargest_StartAgainAtZero()
    {
        IvshmemServer wrapping = Serve(firstId: 65534);
        RawClient[] clients = [.. Enumerable.Range(0, 4).Select(_ => Join(wrapping))];

        Assert.Equal(["+65534", "+65535", "+0", "+1"], _events);
        foreach (RawClient client in clients) client.Dispose();
    }

    [Fact]
    public void Client_BeyondTheLimit_IsDisconnectedAndCounted()
    {
        IvshmemServer server = Serve(maximumClients: 2);
        using RawClient first = Join(server);
        RawClient second = Join(server);
        first.Read();

        using RawClient third = Join(server, read: false);

        Assert.Equal("", third.Read());
        Assert.True(third.IsClosed);
        Assert.Equal("", first.Read());
        Assert.Equal(1, server.Statistics.RefusedFull);
        second.Dispose();
        Step(server);
        using RawClient fourth = Join(server, read: false);
        Assert.StartsWith("0 2 -1+", fourth.Read(), StringComparison.Ordinal);
    }

    [Fact]
    public void Client_ThatDisconnectsBeforeItIsAccepted_HurtsNobody()
    {
        IvshmemServer server = Serve();
        using RawClient stays = Join(server);
        new RawClient(_path).Dispose();

        Step(server);

        Assert.Equal(1, server.ClientCount);
        Assert.True(stays.Read() is "" or "1+ 1" or "1");
    }

    [Fact]
    public void Newcomers_InTheTurnInWhichAnotherLeaves_AllStay()
    {
        IvshmemServer server = Serve();
        RawClient leaver = Join(server);

        // Another one's departure just before makes the listener come first in the next turn: the hard order.
        Join(server).Dispose();
        Step(server);
        leaver.Dispose();
        using var third = new RawClient(_path);
        using var fourth = new RawClient(_path);
        Step(server);

        Assert.Equal(2, server.ClientCount);
        Assert.Equal("0 2 -1+ 2+ 3+", third.Read());
        Assert.Equal("0 3 -1+ 2+ 3+", fourth.Read());
    }

    [Fact]
    public void Poll_WhenManyConnectAtOnce_AdmitsThemAll()
    {
        IvshmemServer server = Serve();
        RawClient[] clients = [.. Enumerable.Range(0, 60).Select(_ => new RawClient(_path))];

        Step(server);

        Assert.Equal(60, server.ClientCount);
        Assert.EndsWith("59+", clients[59].Read(), StringComparison.Ordinal);
        foreach (RawClient client in clients) client.Dispose();
        Step(server);
        Assert.Equal(0, server.ClientCount);
    }

    [Theory]
    [InlineData(0, 1, 256, "power of two")]
    [InlineData(4095, 1, 256, "power of two")]
    [InlineData(2048, 1, 256, "power of two")]
    [InlineData(12288, 1, 256, "power of two")]
    [InlineData(-4096, 1, 256, "power of two")]
    [InlineData(65536, 0, 256, "1 to 64 vectors")]
    [InlineData(65536, 65, 256, "1 to 64 vectors")]
    [InlineData(65536, 1, 0, "clients")]
    public void Server_WithAnImpossibleOption_SaysWhich(long size, int vectors, int clients, string clue)
    {
        ArgumentException refusal = Assert.Throws<ArgumentException>(() => new IvshmemServer(
            new IvshmemServerOptions { SocketPath = _path, Size = size, Vectors = vectors, MaximumClients = clients }));

        Assert.Contains(clue, refusal.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(_path));
    }

    [Fact]
    public void Server_OnALiveSocket_IsRefused()
    {
        IvshmemServer server = Serve();

        LinuxException refusal = Assert.Throws<LinuxException>(() => new IvshmemServer(new IvshmemServerOptions { SocketPath = _path, Size = 65536 }));

        Assert.Equal(Errno.EADDRINUSE, refusal.Errno);
        using RawClient client = Join(server, read: false);
        Assert.Contains("-1+", client.Read(), StringComparison.Ordinal);
    }

    [Fact]
    public void Server_OnTheSocketOfAKilledServer_TakesOver()
    {
        using ChildProcess dead = ChildProcess.Start("server", _path);
        Assert.Equal("ready", dead.ReadLine());
        dead.Kill();
        Assert.True(File.Exists(_path));

        IvshmemServer server = Serve();

        using RawClient client = Join(server, read: false);
        Assert.Equal("0 0 -1+ 0+", client.Read());
    }

    [Fact]
    public void Dispose_OfTheServer_DisconnectsEverybodyAndRemovesTheSocket()
    {
        IvshmemServer server = Serve();
        using RawClient client = Join(server);

        server.Dispose();
        server.Dispose();

        client.Read();
        Assert.True(client.IsClosed);
        Assert.False(File.Exists(_path));
        Assert.Throws<ObjectDisposedException>(() => server.Poll(0));
    }

    [Fact]
    public void Run_WhenCancelled_Ends()
    {
        IvshmemServer server = Serve();
        using var cancel = new CancellationTokenSource();
        var loop = new Thread(() => server.Run(cancel.Token));
        loop.Start();

        cancel.Cancel();

        Assert.True(loop.Join(5000));
    }

    public void Dispose()
    {
        _server?.Dispose();
        _folder.Dispose();
    }

    private static void Step(IvshmemServer server)
    {
        while (server.Poll(0) > 0)
        {
            // Until nothing is left to do; a server that spins would hang here.
        }
    }

    private IvshmemServer Serve(int vectors = 1, long size = 1 << 16, int maximumClients = 256, int firstId = 0)
    {
        _server = new IvshmemServer(new IvshmemServerOptions
        {
            SocketPath = _path,
            Size = size,
            Vectors = vectors,
            MaximumClients = maximumClients,
            FirstId = firstId,
        });
        _server.ClientConnected += id => _events.Add($"+{id}");
        _server.ClientDisconnected += (id, reason) => _events.Add($"-{id} {reason}");
        return _server;
    }

    private RawClient Join(IvshmemServer server, bool read = true)
    {
        var client = new RawClient(_path);
        Step(server);
        if (read) client.Read();
        return client;
    }
}
