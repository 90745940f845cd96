// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;
using Busbar.Mctp;
using Busbar.Node;

namespace Busbar.Daemon.Tests;

/// <summary>The client's end of a socket lane, against a daemon made of single frames.</summary>
public sealed class DaemonSocketBackendTests : IDisposable
{
    private static readonly MctpEndPoint s_peer = new(new Eid(21), MessageType.Pldm, MctpTag.Owner);

    private readonly UnixPackets _far;
    private readonly DaemonSocketBackend _near;

    public DaemonSocketBackendTests()
    {
        (UnixPackets near, _far) = UnixPackets.CreatePair();
        _near = new DaemonSocketBackend(near, "test") { ReplyTimeoutMs = 2000 };
    }

    public void Dispose()
    {
        _far.Shutdown();
        _near.Close();
        _far.Dispose();
    }

    [Fact]
    public void Receive_WhileAnotherThreadSends_NothingIsLeftLying()
    {
        const int Rounds = 20_000;
        int received = 0;
        var daemon = new Thread(AnswerWithAMessageEach) { IsBackground = true };
        var reader = new Thread(() =>
        {
            byte[] buffer = new byte[16];
            try
            {
                while (_near.Receive(buffer, Timeout.InfiniteTimeSpan, out _) == ReceiveOutcome.Received) Interlocked.Increment(ref received);
            }
            catch (MctpException)
            {
                // The connection ended with the test.
            }
        });
        reader.IsBackground = true;
        daemon.Start();
        reader.Start();

        for (int i = 0; i < Rounds; i++)
        {
            Assert.Equal(SendStatus.Ok, _near.TrySend(s_peer, [1], more: false, out _));
            int expected = i + 1;
            Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref received) == expected, 5000), $"message {i} was read from the connection, and its reader sleeps");
        }

        _near.Close();
        Assert.True(reader.Join(10_000));
    }

    [Fact]
    public async Task Send_ToADaemonThatReadsNothing_EndsInTime()
    {
        using var ended = new CancellationTokenSource();
        Task<MctpException> flood = Task.Run(() => Assert.Throws<MctpException>(() =>
        {
            while (!ended.IsCancellationRequested) _near.Flush();
        }), TestContext.Current.CancellationToken);

        try
        {
            MctpException failure = await flood.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
            Assert.Equal(MctpError.TimedOut, failure.Error);
        }
        finally
        {
            await ended.CancelAsync();
        }
    }

    [Theory]
    [InlineData(new byte[] { 0x40, 0, 0, 0 })]
    [InlineData(new byte[] { 0x40, 0, 0, 0, 1, 0, 0, 0 })]
    [InlineData(new byte[] { 0x40, 0, 0, 0, 1, 0, 0, 0, 9, 0, 0, 0 })]
    [InlineData(new byte[] { 0x40, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0xFF, 0 })]
    [InlineData(new byte[] { 0x41, 0, 0, 0, 0, 0, 0, 0 })]
    [InlineData(new byte[] { 0x99, 0, 0, 0, 0, 0, 0, 0 })]
    public void Daemon_ThatTalksNonsense_EndsTheSocketAndNothingElse(byte[] frame)
    {
        _far.TrySend(frame);
        _far.TrySend(frame);

        MctpException failure = Assert.Throws<MctpException>(() => _near.Bind(s_peer));

        Assert.Contains(failure.Error, new[] { MctpError.Closed, MctpError.PeerError });
    }

    private void AnswerWithAMessageEach()
    {
        byte[] frame = new byte[LaneFormat.LongestFrame];
        byte[] message = new byte[LaneFormat.MessageOffset + 1];
        byte[] reply = new byte[LaneFormat.ReplyOffset];
        while (_far.Wait(PollEvents.Readable, Timeout.Infinite) && _far.TryReceive(frame, out int count) == ReceiveResult.Received)
        {
            if (!LaneFormat.TryReadHead(frame.AsSpan(0, count), out _, out _, out uint serial) || serial == 0) continue;
            LaneFormat.WriteHead(message, LaneOperation.Message, 0, 0);
            LaneFormat.WriteAddress(message.AsSpan(LaneFormat.HeadSize), s_peer);
            LaneFormat.WriteHead(reply, LaneOperation.Reply, 0, serial);

            // Either may be met by either thread.
            _far.TrySend(serial % 2 == 0 ? message : reply);
            _far.TrySend(serial % 2 == 0 ? reply : message);
        }
    }
}
