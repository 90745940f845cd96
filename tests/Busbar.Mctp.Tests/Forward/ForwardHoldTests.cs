// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp.Tests;

/// <summary>A bridge whose outgoing link is full: packets stay where they came from, but not for ever.</summary>
public sealed class ForwardHoldTests
{
    private const byte Whole = Core.Som | Core.Eom | Core.Owner;
    private const int Ring = 1024;
    private const int RingPackets = Ring / 72;

    private readonly MctpStack _stack = new(new MctpStackOptions { Forwards = true, ForwardHold = 50 });
    private readonly WireEnd _a;
    private readonly WireEnd _b;
    private readonly WireEnd _c;

    public ForwardHoldTests()
    {
        _a = new WireEnd(_stack);
        _b = new WireEnd(_stack, capacity: Ring);
        _c = new WireEnd(_stack);
        _stack.AddRoute(MctpRoute.Direct(new Eid(20), new Eid(29), _b.Near));
        _stack.AddRoute(MctpRoute.Direct(new Eid(30), new Eid(39), _c.Near));
        for (int i = 0; i < 40; i++) _a.Send(10, 20, Whole, [Core.Vendor, (byte)i, .. new byte[62]]);
        _stack.Poll(1_000, 1_000);
    }

    private DropCounters Drops => _stack.Statistics.Drops;

    [Fact]
    public void FullLink_LeavesPacketsOnTheMediumTheyCameBy()
    {
        Assert.Equal(RingPackets, _stack.Statistics.PacketsForwarded);
        Assert.Equal(0, Drops.Total);
        Assert.Equal(RingPackets, _a.Near.Statistics.PacketsReceived);
        Assert.Equal(1_001, _stack.NextDeadline);
        Assert.True(_a.Near.PrepareSleep(), "a thread may sleep until then, although packets wait");

        var taken = new List<byte[]>();
        for (int turn = 0; turn < 10; turn++)
        {
            taken.AddRange(_b.Take());
            _stack.Poll(1_001 + turn, 1_000);
        }

        Assert.Equal(Enumerable.Range(0, 40), taken.Select(packet => (int)packet[5]));
        Assert.Equal(0, Drops.Total);
        Assert.Equal(long.MaxValue, _stack.NextDeadline);
    }

    [Fact]
    public void LinkThatStaysFull_IsGivenUpAfterAWhile_AndOthersAreServed()
    {
        _a.Send(10, 30, Whole, [Core.Vendor, 77]);
        _stack.Poll(1_049, 1_000);
        Assert.Empty(_c.Take());

        _stack.Poll(1_050, 1_000);
        Assert.Equal(77, _c.Take().Single()[5]);
        Assert.Equal(40 - RingPackets, Drops[DropReason.ForwardFull]);

        // While it is given up, nothing waits for it.
        _a.Send(10, 20, Whole, [Core.Vendor, .. new byte[63]]);
        _a.Send(10, 30, Whole, [Core.Vendor, 78]);
        _stack.Poll(1_051, 1_000);
        Assert.Equal(78, _c.Take().Single()[5]);
        Assert.Equal(41 - RingPackets, Drops[DropReason.ForwardFull]);

        // It has room again: the next time that it is full counts anew.
        Assert.Equal(RingPackets, _b.Take().Count);
        for (int i = 0; i < 20; i++) _a.Send(10, 20, Whole, [Core.Vendor, .. new byte[63]]);
        _stack.Poll(1_100, 1_000);
        _stack.Poll(1_149, 1_000);
        Assert.Equal(RingPackets, _b.Take().Count);
        Assert.Equal(41 - RingPackets, Drops[DropReason.ForwardFull]);
    }

    [Fact]
    public void PacketsThatAreDroppedAnyway_DoNotWaitForRoom()
    {
        var stack = new MctpStack(new MctpStackOptions { Forwards = true });
        var full = new AddressedEnd(stack) { Space = SendRoom.Later };
        stack.AddLink(full);
        var from = new WireEnd(stack);
        stack.AddRoute(MctpRoute.Direct(new Eid(20), new Eid(20), full));
        from.Send(0, 20, Whole, [Core.Vendor]);
        from.Send(3, 20, Whole, [Core.Vendor]);
        stack.Poll(1, 10);

        Assert.Equal(1, stack.Statistics.Drops[DropReason.NullSource]);
        Assert.Equal(1, stack.Statistics.Drops[DropReason.ReservedSource]);
    }

    [Fact]
    public void LinkThatCannotHoldPackets_LosesThemAndSaysSo()
    {
        var stack = new MctpStack(new MctpStackOptions { Forwards = true });
        AddressedEnd from = new AddressedEnd(stack).Attach();
        var full = new WireEnd(stack, capacity: Ring);
        stack.AddRoute(MctpRoute.Direct(new Eid(20), new Eid(20), full.Near));
        for (int i = 0; i < 40; i++) from.Deliver("10", 9, 20, Whole, new byte[64]);
        stack.Poll(1, 100);

        Assert.Equal(RingPackets, full.Take().Count);
        Assert.Equal(40 - RingPackets, from.Statistics.Drops[DropReason.ForwardFull]);
    }

    [Theory]
    [InlineData(SendRoom.Later, DropReason.ForwardFull)]
    [InlineData(SendRoom.Never, DropReason.TooLargeToForward)]
    [InlineData(SendRoom.Down, DropReason.ForwardDown)]
    [InlineData(SendRoom.Now, DropReason.LinkRefused)]
    public void LinkThatRefusesAPacket_IsAskedWhy(SendRoom room, DropReason reason)
    {
        var stack = new MctpStack(new MctpStackOptions { Forwards = true });
        AddressedEnd from = new AddressedEnd(stack).Attach();
        var refusing = new AddressedEnd(stack) { Space = room, Refuses = true };
        stack.AddLink(refusing);
        stack.AddRoute(MctpRoute.Direct(new Eid(20), new Eid(20), refusing));
        from.Deliver("10", 9, 20, Whole, [Core.Vendor]);
        stack.Poll(1, 10);

        Assert.Equal(1, from.Statistics.Drops[reason]);
        Assert.Equal(0, refusing.Statistics.PacketsSent);
        Assert.Equal(0, stack.Statistics.PacketsForwarded);
    }
}
