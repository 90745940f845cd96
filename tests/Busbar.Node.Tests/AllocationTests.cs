// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;
using Xunit;

namespace Busbar.Node.Tests;

/// <summary>The way of a message from socket to socket allocates nothing.</summary>
public sealed class AllocationTests
{
    private const int WarmUp = 3_000;
    private const int Messages = 10_000;

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(15);

    [Theory]
    [Trait("speed", "slow")]
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

        long start = 0;
        for (int i = -WarmUp; i < Messages; i++)
        {
            if (i == 0) start = GC.GetAllocatedBytesForCurrentThread();
            asking.SendTo(buffer, to);
            asking.ReceiveFrom(buffer, s_limit);
        }

        long bytes = GC.GetAllocatedBytesForCurrentThread() - start;
        responder.Join();
        Assert.Equal((0, 0), (bytes, responderBytes));
    }

    private static long Respond(MctpSocket socket)
    {
        byte[] buffer = new byte[65_536];
        long start = 0;
        for (int i = -WarmUp; i < Messages; i++)
        {
            if (i == 0) start = GC.GetAllocatedBytesForCurrentThread();
            MctpReceiveResult request = socket.ReceiveFrom(buffer, s_limit);
            socket.SendTo(buffer.AsSpan(0, request.Length), request.From with { Tag = request.From.Tag.ToResponse() });
        }

        return GC.GetAllocatedBytesForCurrentThread() - start;
    }
}
