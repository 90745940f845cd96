// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp.Tests;

/// <summary>Messages that are larger than what a link takes at once.</summary>
public sealed class StagedSendTests
{
    // The ring holds about a dozen packets.
    private readonly Core _core = new(mtu: 68, capacity: 1024);

    [Fact]
    public void LongMessage_OverASmallRing_ArrivesWhole()
    {
        byte[] body = Bytes.Pattern(65_535);

        Assert.Equal(SendStatus.Ok, _core.Stack.Send(_core.Stack.OpenSocket(), Core.Peer(9), body, _core.Now));
        List<byte[]> packets = Drain();

        Assert.Equal(1_024, packets.Count);
        Assert.Equal([Core.Vendor, .. body], packets.SelectMany(packet => packet[4..]).ToArray());
        for (int i = 0; i < packets.Count; i++)
        {
            MctpHeader header = MctpHeader.Read(packets[i]);
            Assert.Equal(i == 0, header.IsStart);
            Assert.Equal(i == packets.Count - 1, header.IsEnd);
            Assert.Equal(i & 3, header.Sequence);
        }

        Assert.Equal(0, _core.Stack.StagedMessages);
        Assert.Equal(1_024, _core.Link.Statistics.PacketsSent);
    }

    [Fact]
    public void LongMessages_OfSeveralSockets_TakeTurnsPacketByPacket()
    {
        MctpSocketCore[] sockets = [.. Enumerable.Range(0, 3).Select(_ => _core.Stack.OpenSocket())];
        for (int i = 0; i < 3; i++)
            Assert.Equal(SendStatus.Ok, _core.Stack.Send(sockets[i], Core.Peer((byte)(20 + i)), Bytes.Pattern(6_399, i), _core.Now));

        List<byte[]> packets = Drain();
        int[] order = [.. packets.Select(packet => (int)packet[1])];

        for (int i = 0; i < 3; i++)
        {
            byte[][] own = [.. packets.Where(packet => packet[1] == 20 + i)];
            Assert.Equal([Core.Vendor, .. Bytes.Pattern(6_399, i)], own.SelectMany(packet => packet[4..]).ToArray());
        }

        // The first message has a head start: what fitted the link before the others came.
        int[] shared = [.. order.Skip(30).Take(150)];
        for (int i = 0; i + 3 <= shared.Length; i += 3) Assert.Equal(3, shared[i..(i + 3)].Distinct().Count());
    }

    [Fact]
    public void LongMessages_OfOneSocket_KeepTheirOrder()
    {
        MctpSocketCore socket = _core.Stack.OpenSocket();
        for (int i = 0; i < 3; i++) Assert.Equal(SendStatus.Ok, _core.Stack.Send(socket, Core.Peer((byte)(20 + i)), new byte[2_000], _core.Now));

        int[] order = [.. Drain().Select(packet => (int)packet[1])];

        Assert.Equal(order.Order(), order);
    }

    [Fact]
    public void ShortMessage_BehindAStagedOneOfItsSocket_DoesNotOvertake()
    {
        MctpSocketCore socket = _core.Stack.OpenSocket();
        _core.Stack.Send(socket, Core.Peer(20), new byte[5_000], _core.Now);

        Assert.Equal(SendStatus.Ok, _core.Stack.Send(socket, Core.Peer(21), [1], _core.Now));
        Assert.Equal(21, Drain()[^1][1]);
    }

    [Fact]
    public void ShortMessage_OfAnotherSocket_GoesBetweenThePacketsOfAStagedOne()
    {
        _core.Stack.Send(_core.Stack.OpenSocket(), Core.Peer(20), new byte[10_000], _core.Now);
        _core.Stack.Send(_core.Stack.OpenSocket(), Core.Peer(21), [1], _core.Now);

        List<byte[]> packets = Drain();

        Assert.InRange(packets.FindIndex(packet => packet[1] == 21), 1, 40);
    }

    [Fact]
    public void Staging_WhenFull_BlocksAndTakesNoTag()
    {
        var core = new Core(mtu: 68, capacity: 1024, options: new MctpStackOptions { StagedBytes = 128 << 10 });
        MctpSocketCore socket = core.Stack.OpenSocket();
        Assert.Equal(SendStatus.Ok, core.Stack.Send(socket, Core.Peer(9), new byte[60_000], core.Now));
        Assert.Equal(SendStatus.Ok, core.Stack.Send(socket, Core.Peer(9), new byte[60_000], core.Now));

        Assert.Equal(SendStatus.WouldBlock, core.Stack.Send(socket, Core.Peer(9), new byte[60_000], core.Now));
        while (core.Stack.StagedMessages != 0)
        {
            core.Wire.Take();
            core.Poll();
        }

        Assert.Equal(2, core.Request(socket).Value);
    }

    [Fact]
    public void NextDeadline_WithStagedMessages_IsTheNextMillisecond()
    {
        _core.Stack.Send(_core.Stack.OpenSocket(), Core.Peer(9), new byte[5_000], _core.Now);
        _core.Poll();

        Assert.Equal(_core.Now + 1, _core.Stack.NextDeadline);
    }

    [Fact]
    public void LinkDown_WithStagedMessages_LosesAndCountsThem()
    {
        _core.Stack.Send(_core.Stack.OpenSocket(), Core.Peer(9), new byte[5_000], _core.Now);
        _core.Wire.Near.SetUp(up: false, _core.Now);

        Assert.Equal(0, _core.Stack.StagedMessages);
        Assert.Equal(1, _core.Drops[DropReason.StagedLost]);
    }

    private List<byte[]> Drain()
    {
        var packets = new List<byte[]>();
        for (int quiet = 0; quiet < 2;)
        {
            List<byte[]> some = _core.Wire.Take();
            packets.AddRange(some);
            quiet = some.Count == 0 ? quiet + 1 : 0;
            _core.Poll();
        }

        return packets;
    }
}
