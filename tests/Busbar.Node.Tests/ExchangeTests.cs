// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;
using Xunit;

namespace Busbar.Node.Tests;

/// <summary>Two nodes in every waiting strategy over both kinds of windows.</summary>
public sealed class ExchangeTests
{
    public static TheoryData<WindowKind, WaitStrategy> Ways => new()
    {
        { WindowKind.Ivshmem, WaitStrategy.Spin },
        { WindowKind.Ivshmem, WaitStrategy.Adaptive },
        { WindowKind.Ivshmem, WaitStrategy.Block },
        { WindowKind.Ivshmem, WaitStrategy.Poll },
        { WindowKind.Shm, WaitStrategy.Spin },
        { WindowKind.Shm, WaitStrategy.Poll },
    };

    [Theory]
    [MemberData(nameof(Ways))]
    public void Requests_OfAllSizes_ComeBackIntact(WindowKind kind, WaitStrategy wait)
    {
        using NodePair pair = NodePair.Open(kind, wait);
        using MctpSocket fromDiscoverer = pair.Discoverer.Node.OpenSocket();
        using MctpSocket fromOwner = pair.Owner.Node.OpenSocket();
        int[] sizes = [0, 1, 63, 64, 4096, 65_000, 65_535];

        foreach (int size in sizes)
        {
            byte[] body = Bytes(size);
            Assert.Equal(body, pair.Discoverer.Ask(fromDiscoverer, body));
            Assert.Equal(body, pair.Owner.Ask(fromOwner, body));
        }
    }

    [Theory]
    [InlineData(WindowKind.Ivshmem, WaitStrategy.Spin, "16K")]
    [InlineData(WindowKind.Ivshmem, WaitStrategy.Block, "16K")]
    [InlineData(WindowKind.Ivshmem, WaitStrategy.Adaptive, "32K")]
    [InlineData(WindowKind.Shm, WaitStrategy.Poll, "8K")]
    public void Messages_LargerThanTheRing_GoThroughInParts(WindowKind kind, WaitStrategy wait, string size)
    {
        using NodePair pair = NodePair.Open(kind, wait, size);
        using MctpSocket socket = pair.Discoverer.Node.OpenSocket();

        for (int i = 0; i < 3; i++)
        {
            byte[] body = Bytes(65_535 - i);
            Assert.Equal(body, pair.Discoverer.Ask(socket, body));
        }

        Assert.True(pair.Discoverer.Node.Read((stack, _) => stack.Statistics.MessagesStaged) > 0);
    }

    [Fact]
    public void StagedMessage_WhileTheLeaderIsAsleep_IsSentAtItsDoorbell()
    {
        using NodePair pair = NodePair.Open(WindowKind.Ivshmem, WaitStrategy.Block, "16K", timings: NodePair.NoSecondLook);
        using MctpSocket idle = pair.Discoverer.Node.OpenSocket();
        using MctpSocket sink = pair.Owner.Node.OpenSocket();
        sink.Bind(new MctpEndPoint(Eid.Any, MessageType.VendorIana));
        using MctpSocket source = pair.Discoverer.Node.OpenSocket();
        byte[] body = Bytes(60_000);
        byte[] buffer = new byte[65_536];
        using var sleeper = new Background(() => idle.TryReceiveFrom(new byte[8], TimeSpan.FromSeconds(30), out _));
        pair.Discoverer.AwaitSleepers(1);

        for (int i = 0; i < 4; i++)
        {
            source.SendTo(body, new MctpEndPoint(NodeEnd.OwnerEid, MessageType.VendorIana, MctpTag.Owner));
            Assert.Equal(body.Length, sink.ReceiveFrom(buffer, TimeSpan.FromSeconds(10)).Length);
        }

        idle.Dispose();
        sleeper.Join();
    }

    [Fact]
    public void RawSocket_OnAnMmbiLink_SeesPacketsAndSendsThem()
    {
        using NodePair pair = NodePair.Open();
        using MctpSocket raw = pair.Owner.Node.OpenSocket(MctpSocketKind.Raw);
        raw.Bind(new MctpEndPoint(Eid.Any, default));
        using MctpSocket rawSender = pair.Discoverer.Node.OpenSocket(MctpSocketKind.Raw);
        byte[] packet = [0x01, NodeEnd.OwnerEid.Value, NodeEnd.DiscovererEid.Value, 0xC8, MessageType.VendorIana.Raw, 1, 2, 3];
        byte[] buffer = new byte[100];

        SendStatus status = rawSender.SendPacket(pair.Discoverer.Attachment.Link.Index, packet);
        MctpReceiveResult result = raw.ReceiveFrom(buffer, TimeSpan.FromSeconds(5));

        Assert.Equal(SendStatus.Ok, status);
        Assert.Equal(packet, buffer[..result.Length]);
        Assert.Equal(NodeEnd.DiscovererEid, result.From.Eid);
    }

    private static byte[] Bytes(int size)
    {
        byte[] body = new byte[size];
        new Random(size).NextBytes(body);
        return body;
    }
}
