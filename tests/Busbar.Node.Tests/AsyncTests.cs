// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;
using Xunit;

namespace Busbar.Node.Tests;

/// <summary>Asynchronous receives and sends.</summary>
public sealed class AsyncTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(10);

    [Theory]
    [InlineData(WindowKind.Ivshmem, WaitStrategy.Spin)]
    [InlineData(WindowKind.Ivshmem, WaitStrategy.Block)]
    [InlineData(WindowKind.Shm, WaitStrategy.Poll)]
    public async Task ReceiveAsync_OfAnswers_Completes(WindowKind kind, WaitStrategy wait)
    {
        using NodePair pair = NodePair.Open(kind, wait);
        using MctpSocket socket = pair.Discoverer.Node.OpenSocket();
        byte[] buffer = new byte[100];

        for (byte i = 0; i < 50; i++)
        {
            await socket.SendToAsync(new byte[] { i, 2, 3 }, pair.Discoverer.Echo);
            MctpReceiveResult result = await socket.ReceiveFromAsync(buffer).AsTask().WaitAsync(s_limit);
            Assert.Equal(3, result.Length);
            Assert.Equal(i, buffer[0]);
        }
    }

    [Fact]
    public async Task ReceiveAsync_ManyPendingOnOneSocket_GetTheMessagesInOrder()
    {
        using NodePair pair = NodePair.Open();
        using MctpSocket sink = WaitingTests.Bound(pair.Owner.Node, MessageType.Pldm);
        using MctpSocket source = pair.Discoverer.Node.OpenSocket();
        MctpEndPoint to = new(NodeEnd.OwnerEid, MessageType.Pldm);
        to = to with { Tag = source.AllocateTag(to) };
        byte[][] buffers = [.. Enumerable.Range(0, 20).Select(_ => new byte[4])];
        Task<MctpReceiveResult>[] pending = [.. buffers.Select(buffer => sink.ReceiveFromAsync(buffer).AsTask())];

        for (int i = 0; i < 20; i++) source.SendTo(BitConverter.GetBytes(i), to);
        await Task.WhenAll(pending).WaitAsync(s_limit);

        Assert.Equal(Enumerable.Range(0, 20), buffers.Select(buffer => BitConverter.ToInt32(buffer)));
    }

    [Fact]
    public async Task ReceiveAsync_Cancelled_LeavesTheMessageForTheNext()
    {
        using NodePair pair = NodePair.Open();
        using MctpSocket socket = pair.Discoverer.Node.OpenSocket();
        using var cancel = new CancellationTokenSource();
        byte[] untouched = [9, 9, 9, 9];
        Task<MctpReceiveResult> cancelled = socket.ReceiveFromAsync(untouched, cancel.Token).AsTask();

        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled.WaitAsync(s_limit));
        socket.SendTo([1, 2], pair.Discoverer.Echo);
        MctpReceiveResult result = await socket.ReceiveFromAsync(new byte[8]).AsTask().WaitAsync(s_limit);

        Assert.Equal(2, result.Length);
        Assert.Equal(new byte[] { 9, 9, 9, 9 }, untouched);
    }

    [Fact]
    public async Task ReceiveAsync_CancelledWhileMessagesArrive_LosesNone()
    {
        using NodePair pair = NodePair.Open();
        using MctpSocket sink = WaitingTests.Bound(pair.Owner.Node, MessageType.Pldm);
        using MctpSocket source = pair.Discoverer.Node.OpenSocket();
        MctpEndPoint to = new(NodeEnd.OwnerEid, MessageType.Pldm);
        to = to with { Tag = source.AllocateTag(to) };
        byte[] buffer = new byte[4];

        for (int i = 0; i < 200; i++)
        {
            using var cancel = new CancellationTokenSource();
            ValueTask<MctpReceiveResult> receive = sink.ReceiveFromAsync(buffer, cancel.Token);
            source.SendTo(BitConverter.GetBytes(i), to);
            Thread.SpinWait(i * 100);
            Task cancelling = cancel.CancelAsync();
            bool received = await Succeeds(receive);
            await cancelling;
            if (!received) await sink.ReceiveFromAsync(buffer).AsTask().WaitAsync(s_limit);
            Assert.Equal(i, BitConverter.ToInt32(buffer));
        }
    }

    [Fact]
    public async Task ReceiveAsync_PendingWhileClosedOrDisposed_Fails()
    {
        using NodePair pair = NodePair.Open();
        using MctpSocket closed = pair.Discoverer.Node.OpenSocket();
        using MctpSocket disposed = pair.Discoverer.Node.OpenSocket();
        Task first = closed.ReceiveFromAsync(new byte[8]).AsTask();
        Task second = disposed.ReceiveFromAsync(new byte[8]).AsTask();

        closed.Dispose();
        MctpException atClose = await Assert.ThrowsAsync<MctpException>(() => first.WaitAsync(s_limit));
        pair.Discoverer.Dispose();
        MctpException atDispose = await Assert.ThrowsAsync<MctpException>(() => second.WaitAsync(s_limit));
        MctpException afterwards = await Assert.ThrowsAsync<MctpException>(() => disposed.ReceiveFromAsync(new byte[8]).AsTask());

        Assert.Equal((MctpError.Closed, MctpError.Closed, MctpError.Closed), (atClose.Error, atDispose.Error, afterwards.Error));
    }

    [Fact]
    public async Task ReceiveAsync_WhenTheLinkGoesDown_Fails()
    {
        using NodePair pair = NodePair.Open(ownerOptions: new MctpNodeOptions { RunAgent = false });
        using MctpSocket socket = pair.Discoverer.Node.OpenSocket();
        socket.SendTo([1], pair.Discoverer.Echo);
        Task pending = socket.ReceiveFromAsync(new byte[8]).AsTask();

        pair.Owner.Dispose();
        MctpException failure = await Assert.ThrowsAsync<MctpException>(() => pending.WaitAsync(s_limit));

        Assert.Equal(MctpError.LinkDown, failure.Error);
    }

    [Fact]
    public async Task SendAsync_WithoutRoom_WaitsUntilThereIsSome()
    {
        using NodePair pair = NodePair.Open(size: "64K", ownerOptions: new MctpNodeOptions { RunAgent = false });
        using MctpSocket socket = pair.Discoverer.Node.OpenSocket();
        var to = new MctpEndPoint(NodeEnd.OwnerEid, MessageType.Pldm, MctpTag.Unowned(0));
        while (socket.TrySendTo(new byte[1000], to, out _) == SendStatus.Ok)
        {
        }

        using var cancel = new CancellationTokenSource();
        Task cancelled = socket.SendToAsync(new byte[1000], to, cancel.Token).AsTask();
        Task waiting = socket.SendToAsync(new byte[1000], to).AsTask();
        bool early = waiting.IsCompleted;
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled.WaitAsync(s_limit));
        pair.Owner.Node.WaitFor(() => waiting.IsCompleted, s_limit);
        await waiting.WaitAsync(s_limit);

        Assert.False(early);
    }

    [Fact]
    public async Task SendAsync_WithoutRoomForTooLong_TimesOut()
    {
        using NodePair pair = NodePair.Open(size: "64K", ownerOptions: new MctpNodeOptions { RunAgent = false });
        using MctpSocket socket = pair.Discoverer.Node.OpenSocket();
        socket.SendTimeout = TimeSpan.FromMilliseconds(30);
        var to = new MctpEndPoint(NodeEnd.OwnerEid, MessageType.Pldm, MctpTag.Unowned(0));

        MctpException failure = await Assert.ThrowsAsync<MctpException>(async () =>
        {
            while (true) await socket.SendToAsync(new byte[1000], to);
        });

        Assert.Equal(MctpError.TimedOut, failure.Error);
    }

    private static async Task<bool> Succeeds(ValueTask<MctpReceiveResult> receive)
    {
        try
        {
            await receive.AsTask().WaitAsync(s_limit);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
