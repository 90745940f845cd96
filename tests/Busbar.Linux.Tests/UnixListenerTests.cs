// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using Busbar.TestKit;
using Xunit;

namespace Busbar.Linux.Tests;

public sealed class UnixListenerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _path;

    public UnixListenerTests() => _path = _folder.File("s");

    [Fact]
    public void TryAccept_AfterAConnect_GivesTheOtherEnd()
    {
        using UnixListener listener = UnixListener.Bind(_path);
        Assert.Equal(AcceptResult.Empty, listener.TryAccept(out _));
        using UnixConnection client = UnixConnection.Connect(_path, 1000);

        Assert.Equal(AcceptResult.Accepted, listener.TryAccept(out UnixConnection? accepted));

        using UnixConnection server = accepted!;
        server.TrySend(77);
        Assert.True(client.WaitReadable(1000));
        Assert.Equal(ReceiveResult.Received, client.TryReceive(out long value, out _));
        Assert.Equal(77, value);
    }

    [Fact]
    public void Bind_OfANewSocket_LetsOnlyItsUserIn()
    {
        using UnixListener listener = UnixListener.Bind(_path);

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_path));
    }

    [Fact]
    public void Bind_OfALiveSocket_IsRefusedAndLeavesItAlive()
    {
        using UnixListener listener = UnixListener.Bind(_path);

        LinuxException refusal = Assert.Throws<LinuxException>(() => UnixListener.Bind(_path));

        Assert.Equal(Errno.EADDRINUSE, refusal.Errno);
        Assert.Contains("already listening", refusal.Message, StringComparison.Ordinal);
        UnixConnection.Connect(_path, 1000).Dispose();
    }

    [Fact]
    public void Bind_OfALiveSocketWithAFullQueue_IsRefused()
    {
        using UnixListener listener = UnixListener.Bind(_path, backlog: 1);
        var waiting = new List<FileDescriptor>();
        while (UnixConnection.TryConnect(_path, out FileDescriptor? connection) == Errno.None) waiting.Add(connection!);

        LinuxException refusal = Assert.Throws<LinuxException>(() => UnixListener.Bind(_path));

        Assert.Equal(Errno.EADDRINUSE, refusal.Errno);
        Assert.Equal(Errno.EAGAIN, Assert.Throws<LinuxException>(() => UnixConnection.Connect(_path, 20)).Errno);
        waiting.ForEach(connection => connection.Dispose());
    }

    [Fact]
    public void Bind_OfAKilledServersSocket_TakesOver()
    {
        using ChildProcess server = ChildProcess.Start("listen", _path);
        Assert.Equal("ready", server.ReadLine());
        Assert.Equal(Errno.EADDRINUSE, Assert.Throws<LinuxException>(() => UnixListener.Bind(_path)).Errno);

        server.Kill();

        Assert.True(File.Exists(_path));
        using UnixListener listener = UnixListener.Bind(_path);
        UnixConnection.Connect(_path, 1000).Dispose();
    }

    [Fact]
    public void Bind_ByFourThreadsOverAStaleSocket_SucceedsForOneEachTime()
    {
        for (int round = 0; round < 25; round++)
        {
            LeaveStaleSocket();
            var winners = new List<UnixListener>();
            var refusals = new List<Errno>();
            using var start = new Barrier(4);
            Thread[] racers = [.. Enumerable.Range(0, 4).Select(_ => new Thread(() => Race(start, winners, refusals)))];

            foreach (Thread racer in racers) racer.Start();
            foreach (Thread racer in racers) Assert.True(racer.Join(10_000));

            Assert.Single(winners);
            Assert.Equal(Enumerable.Repeat(Errno.EADDRINUSE, 3), refusals);
            UnixConnection.Connect(_path, 1000).Dispose();
            winners[0].Dispose();
            Assert.False(File.Exists(_path));
        }
    }

    [Fact]
    public void Bind_OverAnOrdinaryFile_IsRefusedAndKeepsTheFile()
    {
        File.WriteAllText(_path, "precious");

        LinuxException refusal = Assert.Throws<LinuxException>(() => UnixListener.Bind(_path));

        Assert.Equal(Errno.EEXIST, refusal.Errno);
        Assert.Equal("precious", File.ReadAllText(_path));
    }

    [Fact]
    public void Bind_InAMissingFolder_SaysSo() =>
        Assert.Equal(Errno.ENOENT, Assert.Throws<LinuxException>(() => UnixListener.Bind(_folder.File("no/where"))).Errno);

    [Theory]
    [InlineData(107, true)]
    [InlineData(108, false)]
    [InlineData(300, false)]
    public void Bind_OfALongPath_WorksUpToTheLimitOfTheKernel(int bytes, bool fits)
    {
        string path = _folder.File(new string('x', bytes - _folder.File("x").Length + 1));
        Assert.Equal(bytes, path.Length);

        Exception? thrown = Record.Exception(() => UnixListener.Bind(path).Dispose());

        Assert.Equal(fits ? Errno.None : Errno.ENAMETOOLONG, (thrown as LinuxException)?.Errno ?? Errno.None);
        Assert.True(fits || thrown!.Message.Contains("107", StringComparison.Ordinal));
    }

    [Fact]
    public void Dispose_OfTheListener_RemovesItsFile()
    {
        UnixListener.Bind(_path).Dispose();

        Assert.False(File.Exists(_path));
    }

    [Fact]
    public void Dispose_WhenSomebodyElseHasTheNameNow_LeavesTheirFile()
    {
        UnixListener first = UnixListener.Bind(_path);
        File.Delete(_path);
        using UnixListener second = UnixListener.Bind(_path);

        first.Dispose();

        Assert.True(File.Exists(_path));
        UnixConnection.Connect(_path, 1000).Dispose();
    }

    [Fact]
    public void Connect_WhenNobodyListens_GivesUpInTime()
    {
        long start = Stopwatch.GetTimestamp();

        LinuxException refusal = Assert.Throws<LinuxException>(() => UnixConnection.Connect(_path, 60));

        Assert.Equal(Errno.ENOENT, refusal.Errno);
        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalMilliseconds, 50, double.MaxValue);
    }

    [Fact]
    public void Connect_ToAStaleSocket_IsRefused()
    {
        LeaveStaleSocket();

        Assert.Equal(Errno.ECONNREFUSED, Assert.Throws<LinuxException>(() => UnixConnection.Connect(_path, 0)).Errno);
    }

    [Fact]
    public async Task Connect_BeforeTheServerIsThere_WaitsForIt()
    {
        Task<UnixConnection> connecting = Task.Run(() => UnixConnection.Connect(_path, 10_000));

        using UnixListener listener = UnixListener.Bind(_path);

        using UnixConnection connection = await connecting;
        Assert.Equal(AcceptResult.Accepted, listener.TryAccept(out UnixConnection? accepted));
        accepted!.Dispose();
    }

    [Fact]
    public void Connect_WhenCancelled_StopsWaiting()
    {
        using var cancel = new CancellationTokenSource(20);

        Assert.Throws<OperationCanceledException>(() => UnixConnection.Connect(_path, 60_000, cancel.Token));
    }

    public void Dispose() => _folder.Dispose();

    private void LeaveStaleSocket() => UnixListener.Bind(_path).Descriptor.Dispose();

    private void Race(Barrier start, List<UnixListener> winners, List<Errno> refusals)
    {
        start.SignalAndWait();
        try
        {
            UnixListener listener = UnixListener.Bind(_path);
            lock (winners) winners.Add(listener);
        }
        catch (LinuxException refusal)
        {
            lock (winners) refusals.Add(refusal.Errno);
        }
    }
}
