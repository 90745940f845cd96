// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;
using Busbar.Mctp;
using Xunit;

namespace Busbar.Node.Tests;

/// <summary>Several threads in one node: who sleeps where, who wakes whom, and how waiting ends.</summary>
public sealed class WaitingTests
{
    private static readonly TimeSpan s_long = TimeSpan.FromSeconds(15);

    public static TheoryData<WindowKind, WaitStrategy> Ways => new()
    {
        { WindowKind.Ivshmem, WaitStrategy.Spin },
        { WindowKind.Ivshmem, WaitStrategy.Adaptive },
        { WindowKind.Ivshmem, WaitStrategy.Block },
        { WindowKind.Shm, WaitStrategy.Poll },
    };

    [Theory]
    [MemberData(nameof(Ways))]
    public void ManyThreads_AskingAtOnce_EachGetItsOwnAnswers(WindowKind kind, WaitStrategy wait)
    {
        using NodePair pair = NodePair.Open(kind, wait);
        Background[] threads =
        [
            .. Enumerable.Range(0, 6).Select(number => new Background(() =>
            {
                using MctpSocket socket = pair.Discoverer.Node.OpenSocket();
                byte[] body = new byte[100 + number];
                for (int i = 0; i < 30; i++)
                {
                    body.AsSpan().Fill((byte)(i + number));
                    Assert.Equal(body, pair.Discoverer.Ask(socket, body));
                }
            })),
        ];

        foreach (Background thread in threads) thread.Join();
    }

    [Theory]
    [InlineData(WaitStrategy.Block)]
    [InlineData(WaitStrategy.Adaptive)]
    public void TwoReceivers_OnTwoSockets_EachGetItsMessagesWhoeverLeads(WaitStrategy wait)
    {
        using NodePair pair = NodePair.Open(WindowKind.Ivshmem, wait);
        using MctpSocket first = Bound(pair.Owner.Node, MessageType.Pldm);
        using MctpSocket second = Bound(pair.Owner.Node, MessageType.Spdm);
        using MctpSocket sender = pair.Discoverer.Node.OpenSocket();
        MctpEndPoint to = new(NodeEnd.OwnerEid, MessageType.Pldm);
        to = to with { Tag = sender.AllocateTag(to) };
        int fromFirst = 0;
        int fromSecond = 0;
        using var one = new Background(() => ReceiveNumbers(first, 500, ref fromFirst));
        using var two = new Background(() => ReceiveNumbers(second, 500, ref fromSecond));
        var random = new Random(1);

        for (int i = 0, sentFirst = 0, sentSecond = 0; i < 1000; i++)
        {
            bool isFirst = sentSecond == 500 || (sentFirst < 500 && random.Next(2) == 0);
            byte[] number = BitConverter.GetBytes(isFirst ? sentFirst++ : sentSecond++);
            sender.SendTo(number, to with { Type = isFirst ? MessageType.Pldm : MessageType.Spdm });
            if (random.Next(50) == 0) pair.Owner.Node.WaitFor(() => true, s_long);
        }

        one.Join();
        two.Join();
        Assert.Equal((500, 500), (fromFirst, fromSecond));
    }

    [Theory]
    [InlineData(WindowKind.Ivshmem, WaitStrategy.Spin)]
    [InlineData(WindowKind.Ivshmem, WaitStrategy.Block)]
    [InlineData(WindowKind.Shm, WaitStrategy.Poll)]
    public void Receive_WithNothingToReceive_TimesOutInTime(WindowKind kind, WaitStrategy wait)
    {
        using NodePair pair = NodePair.Open(kind, wait);
        using MctpSocket socket = pair.Discoverer.Node.OpenSocket();
        long start = Environment.TickCount64;

        MctpException failure = Assert.Throws<MctpException>(() => socket.ReceiveFrom(new byte[8], TimeSpan.FromMilliseconds(60)));
        long took = Environment.TickCount64 - start;

        Assert.Equal(MctpError.TimedOut, failure.Error);
        Assert.InRange(took, 50, 1000);
        Assert.False(socket.TryReceiveFrom(new byte[8], TimeSpan.Zero, out _));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void CloseAndDispose_WhileThreadsAreBlocked_EndTheirWaits(WindowKind kind, WaitStrategy wait)
    {
        using NodePair pair = NodePair.Open(kind, wait);
        MctpSocket closed = pair.Discoverer.Node.OpenSocket();
        MctpSocket disposed = pair.Discoverer.Node.OpenSocket();
        using var one = new Background(() => closed.ReceiveFrom(new byte[8]));
        using var two = new Background(() => disposed.ReceiveFrom(new byte[8]));
        MctpNode node = pair.Discoverer.Node;
        using var three = new Background(() => node.WaitFor(() => false, Timeout.InfiniteTimeSpan));
        if (wait == WaitStrategy.Block) pair.Discoverer.AwaitSleepers(3);

        closed.Dispose();
        Exception? first = one.Failure();
        pair.Discoverer.Dispose();

        Assert.Equal(MctpError.Closed, Assert.IsType<MctpException>(first).Error);
        Assert.Equal(MctpError.Closed, Assert.IsType<MctpException>(two.Failure()).Error);
        Assert.IsType<ObjectDisposedException>(three.Failure());
    }

    [Fact]
    public void Close_InEveryOrderWithReceive_NeverLeavesTheReceiverAsleep()
    {
        using NodePair pair = NodePair.Open();
        using MctpSocket other = pair.Discoverer.Node.OpenSocket();
        using var leader = new Background(() => other.TryReceiveFrom(new byte[8], TimeSpan.FromMinutes(1), out _));
        pair.Discoverer.AwaitSleepers(1);

        for (int i = 0; i < 300; i++)
        {
            MctpSocket socket = pair.Discoverer.Node.OpenSocket();
            using var receiver = new Background(() => socket.TryReceiveFrom(new byte[8], TimeSpan.FromMinutes(1), out _));
            Thread.SpinWait(i * 37 % 4096);
            socket.Dispose();
            receiver.Join();
        }

        other.Dispose();
        leader.Join();
    }

    [Fact]
    public void Dispose_WhileSendersWaitForRoom_EndsTheirWaits()
    {
        using NodePair pair = StuckPair();
        using MctpSocket socket = pair.Discoverer.Node.OpenSocket();
        Background[] senders = [.. Enumerable.Range(0, 3).Select(_ => new Background(() => SendForever(socket)))];
        SpinWait.SpinUntil(() => pair.Discoverer.Node.BlockedSenders == 3, s_long);

        pair.Discoverer.Dispose();

        foreach (Background sender in senders) Assert.Equal(MctpError.Closed, Assert.IsType<MctpException>(sender.Failure()).Error);
    }

    [Fact]
    public void Send_WithoutRoom_TimesOutAndSendsNothing()
    {
        using NodePair pair = StuckPair();
        using MctpSocket socket = pair.Discoverer.Node.OpenSocket();
        Fill(socket);
        long before = pair.Discoverer.Node.Read((stack, _) => stack.Statistics.MessagesSent);
        socket.SendTimeout = TimeSpan.FromMilliseconds(40);

        MctpException failure = Assert.Throws<MctpException>(() => SendDatagram(socket, new byte[1000], MessageType.Pldm));

        Assert.Equal(MctpError.TimedOut, failure.Error);
        Assert.Equal(before, pair.Discoverer.Node.Read((stack, _) => stack.Statistics.MessagesSent));
    }

    [Fact]
    public void BlockedSender_OnOneLink_DoesNotHoldUpOthers()
    {
        using NodePair pair = StuckPair();
        (PairLink a, PairLink b) = PairLink.Create();
        pair.Discoverer.Node.AddLink(new PairAttachment(a), network: 2);
        pair.Discoverer.Node.AddLink(new PairAttachment(b), network: 3);
        pair.Discoverer.Node.Use((stack, _) =>
        {
            stack.AddAddress(a, new Eid(20));
            stack.AddAddress(b, new Eid(21));
            stack.AddRoute(MctpRoute.Direct(new Eid(21), new Eid(21), a));
        });
        using MctpSocket stuck = pair.Discoverer.Node.OpenSocket();
        using var sender = new Background(() => SendForever(stuck));
        SpinWait.SpinUntil(() => pair.Discoverer.Node.BlockedSenders == 1, s_long);
        using MctpSocket free = pair.Discoverer.Node.OpenSocket();
        using MctpSocket sink = Bound(pair.Discoverer.Node, MessageType.Pldm);
        free.SendTimeout = TimeSpan.FromSeconds(5);

        free.SendTo([1, 2, 3], new MctpEndPoint(new Eid(21), MessageType.Pldm, MctpTag.Owner, network: 2));

        Assert.Equal(3, sink.ReceiveFrom(new byte[8], s_long).Length);
        stuck.Dispose();
        Assert.Equal(MctpError.Closed, Assert.IsType<MctpException>(sender.Failure()).Error);
    }

    [Fact]
    public void Leader_WhoseMessageAnotherThreadPolled_IsWoken()
    {
        using MctpNode node = QuietNode();
        using MctpSocket sink = Bound(node, MessageType.Pldm);
        using MctpSocket source = node.OpenSocket();
        using Background receiver = AsleepIn(node, sink);

        source.SendTo([1], new MctpEndPoint(new Eid(21), MessageType.Pldm, MctpTag.Owner));
        source.TryReceiveFrom(new byte[8], TimeSpan.Zero, out _);

        Assert.True(SpinWait.SpinUntil(() => !receiver.IsRunning, TimeSpan.FromSeconds(5)));
        receiver.Join();
    }

    [Fact]
    public void Leader_WhenAMessageIsStaged_SendsTheRestOfIt()
    {
        using MctpNode node = QuietNode();
        using MctpSocket sink = Bound(node, MessageType.Pldm);
        using MctpSocket source = node.OpenSocket();
        using Background receiver = AsleepIn(node, sink);

        source.SendTo(new byte[20_000], new MctpEndPoint(new Eid(21), MessageType.Pldm, MctpTag.Owner));

        Assert.True(SpinWait.SpinUntil(() => !receiver.IsRunning, TimeSpan.FromSeconds(5)));
        receiver.Join();
    }

    [Fact]
    public void PingPong_InBlockModeWithPauses_LosesNoWakeUp()
    {
        const int Rounds = 20_000;
        using NodePair pair = NodePair.Open(timings: NodePair.NoSecondLook);
        using MctpSocket asking = pair.Discoverer.Node.OpenSocket();
        using MctpSocket answering = Bound(pair.Owner.Node, MessageType.Pldm);
        using var responder = new Background(() =>
        {
            byte[] buffer = new byte[64];
            var random = new Random(2);
            for (int i = 0; i < Rounds; i++)
            {
                MctpReceiveResult request = answering.ReceiveFrom(buffer, s_long);
                Thread.SpinWait(random.Next(400));
                answering.SendTo(buffer.AsSpan(0, request.Length), request.From with { Tag = request.From.Tag.ToResponse() });
            }
        });
        byte[] buffer = new byte[64];
        var pauses = new Random(3);

        for (int i = 0; i < Rounds; i++)
        {
            Thread.SpinWait(pauses.Next(400));
            BitConverter.TryWriteBytes(buffer, i);
            asking.SendTo(buffer.AsSpan(0, 16), new MctpEndPoint(NodeEnd.OwnerEid, MessageType.Pldm, MctpTag.Owner));
            asking.ReceiveFrom(buffer, s_long);
            Assert.Equal(i, BitConverter.ToInt32(buffer));
        }

        responder.Join();
    }

    [Theory]
    [Trait("speed", "slow")]
    [InlineData(WaitStrategy.Block)]
    [InlineData(WaitStrategy.Adaptive)]
    public void IdlePair_InBlockMode_UsesNoProcessor(WaitStrategy wait)
    {
        using NodePair pair = NodePair.Open(WindowKind.Ivshmem, wait);
        using MctpSocket socket = pair.Discoverer.Node.OpenSocket();
        pair.Discoverer.Ask(socket, new byte[64]);
        long least = long.MaxValue;

        // The least of several, because the runtime still compiles in the background.
        for (int i = 0; i < 4; i++)
        {
            long before = CpuTime.ProcessNanoseconds();
            socket.TryReceiveFrom(new byte[8], TimeSpan.FromMilliseconds(500), out _);
            least = Math.Min(least, CpuTime.ProcessNanoseconds() - before);
        }

        Assert.InRange(least, 0, 8_000_000);
    }

    // Two joined links in one node, without doorbells or deadlines: nothing but another thread wakes a sleeper.
    private static MctpNode QuietNode()
    {
        var node = new MctpNode(new MctpNodeOptions { RunAgent = false });
        (PairLink a, PairLink b) = PairLink.Create(mtu: 1000, capacity: 4096);
        node.AddLink(new PairAttachment(a));
        node.AddLink(new PairAttachment(b), network: 2);
        node.Use((stack, _) =>
        {
            stack.AddAddress(a, new Eid(20));
            stack.AddAddress(b, new Eid(21));
            stack.AddRoute(MctpRoute.Direct(new Eid(21), new Eid(21), a));
        });
        return node;
    }

    // The first sleep only takes the wake-ups that setting up has left behind.
    private static Background AsleepIn(MctpNode node, MctpSocket socket)
    {
        socket.TryReceiveFrom(new byte[8], TimeSpan.FromMilliseconds(30), out _);
        var receiver = new Background(() => socket.ReceiveFrom(new byte[8], s_long));
        Assert.True(SpinWait.SpinUntil(() => node.Sleepers == 1, s_long));
        return receiver;
    }

    internal static MctpSocket Bound(MctpNode node, MessageType type)
    {
        MctpSocket socket = node.OpenSocket();
        socket.Bind(new MctpEndPoint(Eid.Any, type));
        return socket;
    }

    // An owner that nobody serves: it takes what the ring holds, and no more.
    private static NodePair StuckPair()
    {
        return NodePair.Open(WindowKind.Ivshmem, WaitStrategy.Block, "64K", new MctpNodeOptions { RunAgent = false });
    }

    private static void SendDatagram(MctpSocket socket, byte[] body, MessageType type) =>
        socket.SendTo(body, new MctpEndPoint(NodeEnd.OwnerEid, type, MctpTag.Unowned(0)));

    private static void SendForever(MctpSocket socket)
    {
        while (true) SendDatagram(socket, new byte[1000], MessageType.Pldm);
    }

    private static void Fill(MctpSocket socket)
    {
        var to = new MctpEndPoint(NodeEnd.OwnerEid, MessageType.Pldm, MctpTag.Unowned(0));
        while (socket.TrySendTo(new byte[1000], to, out _) == SendStatus.Ok)
        {
        }
    }

    private static void ReceiveNumbers(MctpSocket socket, int count, ref int received)
    {
        byte[] buffer = new byte[8];
        for (; received < count; received++)
        {
            socket.ReceiveFrom(buffer, s_long);
            Assert.Equal(received, BitConverter.ToInt32(buffer));
        }
    }
}
