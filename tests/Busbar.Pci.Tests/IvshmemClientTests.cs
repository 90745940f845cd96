// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;
using Busbar.Memory;
using Busbar.TestKit;
using Xunit;

namespace Busbar.Pci.Tests;

/// <summary>Clients on a real server.</summary>
public sealed class IvshmemClientTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(64)]
    public void Connect_ToAServer_BringsIdMemoryAndDoorbells(int vectors)
    {
        using var served = new ServedSocket(vectors, size: 1 << 20);
        using IvshmemClient first = served.Connect();
        using IvshmemClient second = served.Connect();

        Until(first, () => first.TryGetDoorbell(1, vectors - 1, out _) && first.OwnVectors.Count == vectors);
        Until(second, () => second.OwnVectors.Count == vectors);

        Assert.Equal((0, 1), (first.OwnId, second.OwnId));
        Assert.Equal([1], first.Peers);
        Assert.Equal([0], second.Peers);
        Assert.Equal(1 << 20, second.Memory.Size);
        Assert.True(second.TryGetDoorbell(0, vectors - 1, out _));
        Assert.False(second.TryGetDoorbell(0, vectors, out _));
        Assert.False(second.TryGetDoorbell(0, -1, out _));
        Assert.False(second.TryGetDoorbell(7, 0, out _));
    }

    [Fact]
    public void TwoClients_ShareMemoryAndRingEachOther()
    {
        using var served = new ServedSocket(vectors: 2);
        using IvshmemClient first = served.Connect();
        using IvshmemClient second = served.Connect();
        using SharedRegion firstMemory = first.Memory.Map();
        using SharedRegion secondMemory = second.Memory.Map();
        Until(first, () => first.TryGetDoorbell(1, 1, out _) && first.OwnVectors.Count == 2);
        Until(second, () => second.OwnVectors.Count == 2);

        firstMemory.Write32(0, 123);
        Assert.True(first.TryGetDoorbell(1, 1, out EventFd? doorbell));
        Assert.True(doorbell.Ring());

        Assert.Equal(123u, secondMemory.Read32(0));
        Assert.True(second.OwnVectors[1].TryDrain(out ulong rings));
        Assert.Equal(1UL, rings);
        Assert.False(second.OwnVectors[0].TryDrain(out _));
        Assert.False(first.OwnVectors[1].TryDrain(out _));
    }

    [Fact]
    public void Peer_ThatLeaves_DisappearsAndItsDoorbellFallsSilent()
    {
        using var served = new ServedSocket();
        using IvshmemClient stays = served.Connect();
        IvshmemClient leaves = served.Connect();
        Until(stays, () => stays.IsConnected(1));
        Assert.True(stays.TryGetDoorbell(1, 0, out EventFd? doorbell));
        int version = stays.Version;

        leaves.Dispose();
        Until(stays, () => !stays.IsConnected(1));

        Assert.False(stays.TryGetDoorbell(1, 0, out _));
        Assert.False(doorbell.Ring());
        Assert.NotEqual(version, stays.Version);
        Assert.Empty(stays.Peers);
    }

    [Fact]
    public void Peer_WhoseProcessIsKilled_Disappears()
    {
        using var served = new ServedSocket();
        using IvshmemClient stays = served.Connect();
        using ChildProcess child = ChildProcess.Start("client", served.Path);
        Assert.Equal("1", child.ReadLine());
        Until(stays, () => stays.IsConnected(1));

        child.Kill();

        Until(stays, () => !stays.IsConnected(1));
        using IvshmemClient next = served.Connect();
        Assert.Equal(2, next.OwnId);
        Assert.Equal([0], next.Peers);
    }

    [Fact]
    public void Server_ThatStops_IsNoticedWhileMemoryAndDoorbellsStay()
    {
        using var served = new ServedSocket();
        using IvshmemClient first = served.Connect();
        using IvshmemClient second = served.Connect();
        Until(first, () => first.IsConnected(1));
        using SharedRegion memory = first.Memory.Map();

        served.Stop();
        Until(first, () => first.ServerGone);

        Assert.Equal(IvshmemFault.None, first.Fault);
        Assert.False(first.ProcessMessages());
        memory.Write32(0, 1);
        Assert.True(first.TryGetDoorbell(1, 0, out EventFd? doorbell));
        Assert.True(doorbell.Ring());
        Assert.True(second.OwnVectors[0].TryDrain(out _));
    }

    [Fact]
    public void Connect_BySixteenAtOnce_MakesThemAllKnowEachOther()
    {
        using var served = new ServedSocket(vectors: 2);
        var clients = new IvshmemClient[16];

        Thread[] threads = [.. Enumerable.Range(0, clients.Length).Select(i => new Thread(() => clients[i] = served.Connect()))];
        foreach (Thread thread in threads) thread.Start();
        foreach (Thread thread in threads) Assert.True(thread.Join(20_000));
        foreach (IvshmemClient client in clients) Until(client, () => client.Peers.Count == 15 && client.Peers.All(peer => client.TryGetDoorbell(peer, 1, out _)));

        Assert.Equal(Enumerable.Range(0, 16), clients.Select(client => client.OwnId).Order());
        foreach (IvshmemClient client in clients) client.Dispose();
    }

    [Fact]
    public void Connect_ToAFullServer_SaysThatItWasTurnedAway()
    {
        using var served = new ServedSocket(maximumClients: 1);
        using IvshmemClient first = served.Connect();

        IvshmemProtocolException refusal = Assert.Throws<IvshmemProtocolException>(served.Connect);

        Assert.Equal(IvshmemFault.ServerClosed, refusal.Fault);
        Assert.Contains(served.Path, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Connect_WhenNobodyServes_FailsInTime()
    {
        using var folder = new TemporaryFolder();

        LinuxException refusal = Assert.Throws<LinuxException>(() => IvshmemClient.Connect(folder.File("s"), 50));

        Assert.Equal(Errno.ENOENT, refusal.Errno);
    }

    [Fact]
    public void SocketFd_WhenThereIsNews_WakesAPoller()
    {
        using var served = new ServedSocket();
        using IvshmemClient client = served.Connect();
        using var poller = new Poller();
        var ready = new PollReady[1];
        poller.Add(client.SocketFd, PollEvents.Readable);
        Assert.Equal(0, poller.Wait(0, ready));

        using IvshmemClient other = served.Connect();

        Assert.Equal(1, poller.Wait(5000, ready));
        Until(client, () => client.IsConnected(1));
    }

    [Fact]
    public void TryGetDoorbell_InSteadyState_AllocatesNothing()
    {
        using var served = new ServedSocket();
        using IvshmemClient client = served.Connect();
        using IvshmemClient other = served.Connect();
        Until(client, () => client.IsConnected(1));
        LookUp(client, 100);
        long before = GC.GetAllocatedBytesForCurrentThread();

        LookUp(client, 10_000);

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private static void LookUp(IvshmemClient client, int rounds)
    {
        for (int i = 0; i < rounds; i++)
        {
            client.TryGetDoorbell(1, 0, out _);
            client.ProcessMessages();
        }
    }

    private static void Until(IvshmemClient client, Func<bool> condition)
    {
        long limit = Environment.TickCount64 + 10_000;
        client.ProcessMessages();
        while (!condition() && Environment.TickCount64 < limit)
        {
            if (!client.ServerGone) WaitForNews(client);
            client.ProcessMessages();
        }

        Assert.True(condition());
    }

    private static void WaitForNews(IvshmemClient client)
    {
        using var poller = new Poller(1);
        poller.Add(client.SocketFd, PollEvents.Readable);
        poller.Wait(100, new PollReady[1]);
    }
}
