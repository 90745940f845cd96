// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;
using Xunit;

namespace Busbar.Node.Tests;

/// <summary>The way of a message from socket to socket allocates nothing.</summary>
public sealed class AllocationTests
{
    private const int WarmUp = 3_000;
    private const int Messages = 10_000;

    // The runtime itself allocates now and then on the way, when it replaces a running method by a better one. So the gate is that whole rounds
    // of messages allocate nothing; what a message allocated would be in every round.
    private const int Rounds = 3;

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(15);

    [Theory]
    [InlineData(WaitStrategy.Spin, 64)]
    [InlineData(WaitStrategy.Adaptive, 64)]
    [InlineData(WaitStrategy.Block, 64)]
    [InlineData(WaitStrategy.Block, 5000)]
    public void RoundTrips_AfterWarmUp_AllocateNothing(WaitStrategy wait, int size)
    {
        using NodePair pair = NodePair.Open(WindowKind.Ivshmem, wait);
        using MctpSocket asking = pair.Discoverer.Node.OpenSocket();
        using MctpSocket answering = WaitingTests.Bound(pair.Owner.Node, MessageType.Pldm);
        long responderBytes = 0;
        using var responder = new Background(() => responderBytes = Respond(answering));
        byte[] buffer = new byte[size];
        var to = new MctpEndPoint(NodeEnd.OwnerEid, MessageType.Pldm, MctpTag.Owner);

        Ask(asking, to, buffer, WarmUp);
        long[] bytes = [.. Enumerable.Range(0, Rounds).Select(_ => Ask(asking, to, buffer, Messages))];

        responder.Join();
        Assert.Equal((0, 0), (bytes.Min(), responderBytes));
    }

    [Fact]
    public void RoundTrips_OfTwoEndsThatSpin_RingNoDoorbells()
    {
        using NodePair pair = NodePair.Open(WindowKind.Ivshmem, WaitStrategy.Spin);
        using MctpSocket asking = pair.Discoverer.Node.OpenSocket();
        using MctpSocket answering = WaitingTests.Bound(pair.Owner.Node, MessageType.Pldm);
        using var responder = new Background(() => Respond(answering));
        byte[] buffer = new byte[64];
        var to = new MctpEndPoint(NodeEnd.OwnerEid, MessageType.Pldm, MctpTag.Owner);

        Ask(asking, to, buffer, WarmUp);
        long before = Rings(pair.Owner) + Rings(pair.Discoverer);
        Ask(asking, to, buffer, Rounds * Messages);

        responder.Join();

        // One for each message would be 60,000; what the ends do besides may ring now and then.
        Assert.InRange(Rings(pair.Owner) + Rings(pair.Discoverer) - before, 0, Messages / 100);
    }

    private static long Rings(NodeEnd end) => end.Node.Read((_, _) => end.Attachment.Link.Statistics.DoorbellsRung);

    private static long Ask(MctpSocket socket, MctpEndPoint to, byte[] buffer, int messages)
    {
        long start = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < messages; i++)
        {
            socket.SendTo(buffer, to);
            socket.ReceiveFrom(buffer, s_limit);
        }

        return GC.GetAllocatedBytesForCurrentThread() - start;
    }

    private static long Respond(MctpSocket socket)
    {
        byte[] buffer = new byte[65_536];
        Answer(socket, buffer, WarmUp);
        long least = long.MaxValue;
        for (int round = 0; round < Rounds; round++) least = Math.Min(least, Answer(socket, buffer, Messages));
        return least;
    }

    private static long Answer(MctpSocket socket, byte[] buffer, int messages)
    {
        long start = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < messages; i++)
        {
            MctpReceiveResult request = socket.ReceiveFrom(buffer, s_limit);
            socket.SendTo(buffer.AsSpan(0, request.Length), request.From with { Tag = request.From.Tag.ToResponse() });
        }

        return GC.GetAllocatedBytesForCurrentThread() - start;
    }
}
