// SPDX-License-Identifier: Apache-2.0
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Busbar.Linux.Tests;

public sealed class UnixPacketsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly UnixPackets _ours;
    private readonly UnixPackets _theirs;

    public UnixPacketsTests() => (_ours, _theirs) = UnixPackets.CreatePair();

    public void Dispose()
    {
        _ours.Dispose();
        _theirs.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Packets_OfAnyLengths_StayApart()
    {
        Prop.ForAll(
            Gen.Choose(1, 4000).ListOf().Where(lengths => lengths.Count is > 0 and < 20).ToArbitrary(),
            lengths =>
            {
                foreach (int length in lengths) Assert.Equal(SendResult.Sent, _theirs.TrySend(Bytes(length).AsSpan(0, length / 2), Bytes(length).AsSpan(length / 2)));
                byte[] buffer = new byte[4096];
                foreach (int length in lengths)
                {
                    Assert.Equal(ReceiveResult.Received, _ours.TryReceive(buffer, out int count));
                    Assert.Equal(length, count);
                    Assert.Equal(Bytes(length), buffer[..count]);
                }

                Assert.Equal(ReceiveResult.WouldBlock, _ours.TryReceive(buffer, out _));
            }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Packet_LongerThanTheBuffer_IsTruncatedAndTheNextOneWhole()
    {
        _theirs.TrySend(Bytes(100));
        _theirs.TrySend(Bytes(7));
        byte[] buffer = new byte[64];

        Assert.Equal(ReceiveResult.Truncated, _ours.TryReceive(buffer, out int count));
        Assert.Equal(64, count);
        Assert.Equal(ReceiveResult.Received, _ours.TryReceive(buffer, out count));
        Assert.Equal(Bytes(7), buffer[..count]);
    }

    [Fact]
    public void Packet_LongerThanTheSystemTakes_IsNoEndlessWait()
    {
        // Larger than any send buffer a user can have: it will never fit, so the answer is not "later".
        Assert.Equal(SendResult.Closed, _theirs.TrySend(new byte[64 << 20]));
    }

    [Fact]
    public void Peer_ThatDoesNotRead_GivesWouldBlockAndRoomWhenItReads()
    {
        byte[] packet = Bytes(4000);
        int sent = 0;
        while (sent < 100_000 && _theirs.TrySend(packet) == SendResult.Sent) sent++;

        Assert.InRange(sent, 1, 99_999);
        Assert.False(_theirs.Wait(PollEvents.Writable, 0));
        byte[] buffer = new byte[4096];
        while (_ours.TryReceive(buffer, out _) == ReceiveResult.Received) sent--;
        Assert.Equal(0, sent);
        Assert.True(_theirs.Wait(PollEvents.Writable, 10_000));
        Assert.Equal(SendResult.Sent, _theirs.TrySend(packet));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(253)]
    public void Descriptors_SentUnasked_AreClosedAndThePacketArrives(int count)
    {
        using EventFd doorbell = EventFd.Create();
        FileDescriptor[] unasked = [.. Enumerable.Repeat(doorbell.Descriptor, count)];
        int before = Open();

        for (int i = 0; i < 50; i++)
        {
            Assert.Equal(2, DescriptorPassing.Send(_theirs.Descriptor, [1, 2], unasked, out _));
            Assert.Equal(ReceiveResult.Received, _ours.TryReceive(new byte[8], out int length));
            Assert.Equal(2, length);
        }

        // Other tests of this process come and go meanwhile; fifty rounds of leaks would show. What others sent is closed by a thread that has the time.
        const int LimitMs = 20_000;
        Assert.True(SpinWait.SpinUntil(() => Open() < before + 40, LimitMs), $"{Open()} descriptors are open, {before} were");
    }

    [Fact]
    public void Peer_ThatCloses_IsHeardBehindItsLastPacket()
    {
        _theirs.TrySend([1]);
        _theirs.Dispose();

        Assert.Equal(ReceiveResult.Received, _ours.TryReceive(new byte[8], out _));
        Assert.Equal(ReceiveResult.Closed, _ours.TryReceive(new byte[8], out _));
        Assert.Equal(SendResult.Closed, _ours.TrySend([1]));
    }

    [Fact]
    public void Ends_ThatWereDisposed_AnswerClosed()
    {
        _ours.Dispose();

        Assert.Equal(ReceiveResult.Closed, _ours.TryReceive(new byte[8], out _));
        Assert.Equal(SendResult.Closed, _ours.TrySend([1]));
        Assert.True(_ours.Wait(PollEvents.Readable, 10_000));
        _ours.Shutdown();
    }

    [Fact]
    public async Task Wait_OfAnotherThread_EndsWhenTheSocketIsShutDown()
    {
        Task<bool> waiting = Task.Run(() => _ours.Wait(PollEvents.Readable, 30_000), TestContext.Current.CancellationToken);

        _ours.Shutdown();

        Assert.True(await waiting.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken));
        Assert.Equal(ReceiveResult.Closed, _ours.TryReceive(new byte[8], out _));
    }

    [Fact]
    public void Connect_WhereNobodyListensOrTooManyWait_SaysWhich()
    {
        string path = _folder.File("s");
        Assert.Null(UnixPackets.TryConnect(path, out Errno reason));
        Assert.Equal(Errno.ENOENT, reason);

        using UnixListener listener = UnixListener.BindPackets(path, backlog: 1);
        var crowd = new List<UnixPackets>();
        while (crowd.Count < 100 && UnixPackets.TryConnect(path, out reason) is { } one) crowd.Add(one);

        Assert.Equal(Errno.EAGAIN, reason);
        foreach (UnixPackets one in crowd) one.Dispose();
    }

    private static byte[] Bytes(int length) => [.. Enumerable.Range(0, length).Select(value => (byte)(value * 7))];

    private static int Open() => Directory.GetFiles("/proc/self/fd").Length;
}
