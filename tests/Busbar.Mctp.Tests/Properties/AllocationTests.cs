// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp.Tests;

/// <summary>The packet path allocates nothing once its buffers exist.</summary>
public sealed class AllocationTests
{
    private const int Messages = 10_000;

    private readonly byte[] _buffer = new byte[66_000];

    [Theory]
    [InlineData(68, 64)]
    [InlineData(68, 4_096)]
    [InlineData(4_100, 4_096)]
    [InlineData(32_772, 65_000)]
    public void Loopback_OfManyMessages_AllocatesNothing(int mtu, int message)
    {
        MctpStack stack = LoopbackStack(mtu, out LoopbackLink link);
        MctpSocketCore sender = stack.OpenSocket();
        MctpSocketCore receiver = stack.OpenSocket();
        stack.Bind(receiver, new MctpEndPoint(Eid.Any, MessageType.VendorPci));
        byte[] body = new byte[message - 1];
        int count = message > 10_000 ? 500 : Messages;

        long allocated = Measure(count, now =>
        {
            stack.Send(sender, Core.Peer(9), body, now, out MctpTag tag);
            stack.Poll(now, 2_000);
            bool received = stack.TryReceive(receiver, _buffer, out MctpReceiveResult result) && result.Length == body.Length;
            return stack.ReleaseTag(sender, Core.Peer(9), tag, now) && received;
        });

        Assert.Equal(0, allocated);
        Assert.True(link.Statistics.PacketsSent >= count);
    }

    [Fact]
    public void RequestsAndAnswers_ThroughPostedReceives_AllocateNothing()
    {
        MctpStack stack = LoopbackStack(68, out _);
        MctpSocketCore client = stack.OpenSocket();
        MctpSocketCore server = stack.OpenSocket();
        stack.Bind(server, new MctpEndPoint(new Eid(9), MessageType.VendorPci));
        byte[] body = new byte[60];

        long allocated = Measure(Messages, now =>
        {
            stack.Send(client, Core.Peer(9), body, now);
            if (!stack.PollInto(server, _buffer, now, 100, out MctpReceiveResult request)) return false;
            stack.Send(server, request.From with { Tag = request.From.Tag.ToResponse() }, _buffer.AsSpan(0, request.Length), now);
            return stack.PollInto(client, _buffer, now, 100, out _);
        });

        Assert.Equal(0, allocated);
    }

    [Fact]
    public void ServicesAndStagedMessages_AllocateNothing()
    {
        MctpStack stack = LoopbackStack(68, out _, capacity: 1024);
        MctpSocketCore client = stack.OpenSocket();
        stack.SetService(MessageType.VendorPci, new Echo());
        byte[] body = new byte[3_000];

        long allocated = Measure(1_000, now =>
        {
            stack.Send(client, Core.Peer(9), body, now);
            for (int turn = 0; turn < 200; turn++)
            {
                stack.Poll(now, 100);
                if (stack.TryReceive(client, _buffer, out MctpReceiveResult answer)) return answer.Length == body.Length;
            }

            return false;
        });

        Assert.Equal(0, allocated);
        Assert.True(stack.Statistics.MessagesStaged >= 2_000);
    }

    [Fact]
    public void ForwardedPackets_AllocateNothing()
    {
        var bridge = new MctpStack(new MctpStackOptions { Forwards = true });
        var ends = new MctpStack();
        (PairLink near, PairLink from) = PairLink.Create(68);
        (PairLink far, PairLink to) = PairLink.Create(68);
        bridge.AddLink(near);
        bridge.AddLink(far);
        ends.AddLink(from);
        ends.AddLink(to);
        bridge.AddRoute(MctpRoute.Direct(new Eid(9), new Eid(9), far));
        byte[] packet = [1, 9, 10, 0xC8, .. new byte[64]];
        MctpSocketCore raw = ends.OpenSocket(MctpSocketKind.Raw);

        long allocated = Measure(Messages, now =>
        {
            SendStatus status = ends.SendRaw(raw, from.Index, packet);
            bridge.Poll(now, 100);
            ends.Poll(now, 100);
            return status == SendStatus.Ok;
        });

        Assert.Equal(0, allocated);
        Assert.Equal(Messages + 300, bridge.Statistics.PacketsForwarded);
        Assert.Equal(Messages + 300, to.Statistics.PacketsReceived);
    }

    [Fact]
    public void HostilePackets_AllocateNothing()
    {
        MctpStack stack = LoopbackStack(68, out LoopbackLink link);
        stack.OpenSocket();
        MctpSocketCore raw = stack.OpenSocket(MctpSocketKind.Raw);
        var random = new Random(3);
        byte[] packet = new byte[68];

        long allocated = Measure(Messages, now =>
        {
            random.NextBytes(packet);
            packet[0] = 1;
            packet[1] = (byte)(random.Next(2) * 9);
            SendStatus status = stack.SendRaw(raw, link.Index, packet.AsSpan(0, random.Next(4, 69)));
            stack.Poll(now, 100);
            return status == SendStatus.Ok;
        });

        Assert.Equal(0, allocated);
    }

    private static MctpStack LoopbackStack(int mtu, out LoopbackLink link, int capacity = LoopbackLink.DefaultCapacity)
    {
        var stack = new MctpStack();
        link = new LoopbackLink(mtu: mtu, capacity: capacity);
        stack.AddLink(link);
        stack.AddAddress(link, new Eid(8));
        stack.AddAddress(link, new Eid(9));
        stack.AddRoute(MctpRoute.Direct(new Eid(9), new Eid(9), link));
        return stack;
    }

    // One message per call; the first calls make the buffers.
    private static long Measure(int count, Func<long, bool> exchange)
    {
        bool good = true;
        for (int i = 0; i < 300; i++) good &= exchange(i);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < count; i++) good &= exchange(300 + i);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(good);
        return allocated;
    }

    private sealed class Echo : IMctpService
    {
        public void Handle(MctpStack stack, in MctpMessage message, long now) => message.Reply(message.Body);
    }
}
