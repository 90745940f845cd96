// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;
using Busbar.TestKit;
using Xunit;

namespace Busbar.Pci.Tests;

/// <summary>Clients that do not read, and a server that runs out of descriptors.</summary>
public sealed class IvshmemServerPressureTests : IDisposable
{
    private const int Vectors = 64;
    private const int StallLimit = 5000;

    private readonly TemporaryFolder _folder = new();
    private readonly ManualClock _clock = new();
    private readonly string _path;

    public IvshmemServerPressureTests() => _path = _folder.File("s");

    [Fact]
    public void Client_ThatNeverReads_IsDroppedAfterTheLimitAndNotBefore()
    {
        using IvshmemServer server = Serve(maximumClients: 64);
        using var sleeper = new RawClient(_path);
        Step(server);
        Crowd(server, 12);

        _clock.Advance(StallLimit - 1);
        server.Poll(0);
        Assert.Equal(1, server.ClientCount);
        _clock.Advance(1);
        server.Poll(0);

        Assert.Equal(0, server.ClientCount);
        Assert.Equal(1, server.Statistics.Dropped(IvshmemDropReason.Stalled));
    }

    [Fact]
    public void Client_ThatReadsLate_MissesNothing()
    {
        using IvshmemServer server = Serve(maximumClients: 64);
        using var late = new RawClient(_path);
        Step(server);
        Crowd(server, 12);

        var words = new List<string>();
        for (int i = 0; i < 1000 && words.LastOrDefault() != "12"; i++)
        {
            words.AddRange(late.Read().Split(' ', StringSplitOptions.RemoveEmptyEntries));
            server.Poll(0);
        }

        // Each of the twelve came with all its doorbells and left, though it was gone when the last ones were sent.
        Assert.Equal("0 0 -1+", string.Join(' ', words[..3]));
        Assert.Equal(Vectors, words.Count(word => word == "0+"));
        Assert.All(Enumerable.Range(1, 12), id => Assert.Equal(Vectors, words.Count(word => word == $"{id}+")));
        Assert.All(Enumerable.Range(1, 12), id => Assert.Equal(1, words.Count(word => word == $"{id}")));
        Assert.Equal(1 + (13 * Vectors), late.Descriptors.Count);
        Assert.Equal(1, server.ClientCount);
        _clock.Advance(StallLimit);
        server.Poll(0);
        Assert.Equal(1, server.ClientCount);
    }

    [Fact]
    public void Client_FurtherBehindThanAnyoneCanBe_IsDroppedAtOnce()
    {
        using IvshmemServer server = Serve(maximumClients: 2);
        using var sleeper = new RawClient(_path);
        Step(server);

        Crowd(server, 12);

        Assert.Equal(1, server.Statistics.Dropped(IvshmemDropReason.Stalled));
        Assert.Equal(12, server.Statistics.Dropped(IvshmemDropReason.Left));
        Assert.Equal(0, server.ClientCount);
    }

    [Fact]
    public void Newcomer_WhoseIntroductionIsLongerThanASocketBuffer_GetsItWhole()
    {
        using IvshmemServer server = Serve(maximumClients: 64);
        RawClient[] crowd = [.. Enumerable.Range(0, 20).Select(_ => JoinAndRead(server))];
        using var newcomer = new RawClient(_path);
        Step(server);

        var words = new List<string>();
        for (int i = 0; i < 1000 && words.Count < 3 + (21 * Vectors); i++)
        {
            words.AddRange(newcomer.Read().Split(' ', StringSplitOptions.RemoveEmptyEntries));
            server.Poll(0);
        }

        string[] expected =
        [
            "0", "20", "-1+", .. Enumerable.Range(0, 21).SelectMany(id => Enumerable.Repeat($"{id}+", Vectors)),
        ];
        Assert.Equal(expected, words);
        foreach (RawClient client in crowd) client.Dispose();
    }

    [Fact]
    public void Server_WithoutFreeDescriptors_TurnsClientsAwayAndRecovers()
    {
        using ChildProcess child = ChildProcess.Start("poor-server", _path);
        Assert.Equal("ready", child.ReadLine());
        Assert.Equal("set", child.ReadLine());
        RawClient[] crowd = [.. Enumerable.Range(0, 40).Select(_ => new RawClient(_path))];
        int[] served = [.. crowd.Where(WasServed).Select((_, index) => index)];
        Assert.InRange(served.Length, 1, 12);
        foreach (RawClient client in crowd) client.Dispose();

        using IvshmemClient afterwards = ConnectPatiently();

        // Connecting does not wait for a vector that is late.
        Assert.True(SpinWait.SpinUntil(
            () =>
            {
                afterwards.ProcessMessages();
                return afterwards.OwnVectors.Count == 2;
            },
            TimeSpan.FromSeconds(10)));
        child.Finish();
        string[] report = child.ReadLine().Split(' ');
        Assert.Equal("refused", report[0]);
        Assert.InRange(int.Parse(report[1]), 1, 1000);
    }

    public void Dispose() => _folder.Dispose();

    private static void Step(IvshmemServer server)
    {
        while (server.Poll(0) > 0)
        {
            // Until nothing is left to do.
        }
    }

    private static bool WasServed(RawClient client)
    {
        string words = "";
        for (int i = 0; i < 100 && !client.IsClosed && words.Split(' ').Length < 5; i++)
        {
            client.Connection.WaitReadable(100);
            words = (words + " " + client.Read()).Trim();
        }

        return words.Length > 0;
    }

    private IvshmemServer Serve(int maximumClients) => new(new IvshmemServerOptions
    {
        SocketPath = _path,
        Size = 1 << 16,
        Vectors = Vectors,
        MaximumClients = maximumClients,
        StallLimitMs = StallLimit,
        Clock = _clock,
    });

    // Comes and goes: each leaves a trail of 65 messages to everybody else.
    private void Crowd(IvshmemServer server, int count)
    {
        for (int i = 0; i < count; i++)
        {
            JoinAndRead(server).Dispose();
            Step(server);
        }
    }

    private RawClient JoinAndRead(IvshmemServer server)
    {
        var client = new RawClient(_path);
        for (int i = 0; i < 50; i++)
        {
            Step(server);
            client.Read();
        }

        return client;
    }

    private IvshmemClient ConnectPatiently()
    {
        for (int attempt = 0; ; attempt++)
        {
            try
            {
                return IvshmemClient.Connect(_path, 5000);
            }
            catch (IvshmemProtocolException) when (attempt < 200)
            {
                // The server has not noticed yet that the crowd is gone.
                Thread.Yield();
            }
        }
    }
}
