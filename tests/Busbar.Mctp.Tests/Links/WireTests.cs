// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp.Tests;

/// <summary>Two links joined packet by packet.</summary>
public sealed class WireTests
{
    private readonly MctpStack _stack = new();
    private readonly AddressedEnd _one;
    private readonly AddressedEnd _other;

    public WireTests()
    {
        _one = new AddressedEnd(_stack).Attach();
        _other = new AddressedEnd(_stack).Attach();
    }

    [Fact]
    public void Join_PacketsOfEveryKind_PassUnchangedBothWays()
    {
        _stack.AddAddress(_one, new Eid(8));
        _stack.Join(_one, _other, now: 0);

        // For our own EID, for nobody's, from a reserved source, and with a version that the stack would refuse.
        _one.Deliver("", source: 9, destination: 8, 0xC8, [0x7e, 1, 2]);
        _one.Deliver("", source: 3, destination: 99, 0x8B, []);
        _other.Deliver("", source: 9, destination: 0xFF, 0x40, [5]);
        _stack.Poll(now: 1, budgetPerLink: 16);

        Assert.Equal(new byte[][] { [1, 8, 9, 0xC8, 0x7e, 1, 2], [1, 99, 3, 0x8B] }, _other.Sent.Select(sent => sent.Packet));
        Assert.Equal(new byte[][] { [1, 0xFF, 9, 0x40, 5] }, _one.Sent.Select(sent => sent.Packet));
        Assert.Equal(0, _stack.Statistics.Drops.Total);
        Assert.Equal(2, _other.Statistics.PacketsSent);
        Assert.Equal(7 + 4, _other.Statistics.BytesSent);
    }

    [Fact]
    public void Join_ARequestForUs_ReachesNoSocketOfTheStack()
    {
        MctpSocketCore socket = _stack.OpenSocket(MctpSocketKind.Datagram);
        _stack.AddAddress(_one, new Eid(8));
        _stack.Bind(socket, new MctpEndPoint(Eid.Any, MessageType.VendorPci));
        _stack.Join(_one, _other, now: 0);

        _one.Deliver("", source: 9, destination: 8, 0xC8, [0x7e]);
        _stack.Poll(now: 1, budgetPerLink: 16);

        Assert.Equal(0, socket.QueuedMessages);
    }

    [Fact]
    public void Join_ARawSocket_StillSeesWhatPasses()
    {
        MctpSocketCore raw = _stack.OpenSocket(MctpSocketKind.Raw);
        _stack.Bind(raw, new MctpEndPoint(Eid.Any, default, link: _one.Index));
        _stack.Join(_one, _other, now: 0);

        _one.Deliver("", source: 9, destination: 8, 0xC8, [0x7e]);
        _stack.Poll(now: 1, budgetPerLink: 16);

        Assert.Equal(1, raw.QueuedMessages);
        Assert.Single(_other.Sent);
    }

    [Theory]
    [InlineData(SendRoom.Later, DropReason.WireFull)]
    [InlineData(SendRoom.Never, DropReason.PacketTooLarge)]
    [InlineData(SendRoom.Down, DropReason.LinkDown)]
    public void Join_NoRoomAtTheOtherEnd_IsCountedByReason(SendRoom room, DropReason reason)
    {
        _stack.Join(_one, _other, now: 0);
        _other.Space = room;

        _one.Deliver("", source: 9, destination: 8, 0xC8, [0x7e]);
        _stack.Poll(now: 1, budgetPerLink: 16);

        Assert.Empty(_other.Sent);
        Assert.Equal(1, _one.Statistics.Drops[reason]);
        Assert.Equal(1, _stack.Statistics.Drops[reason]);
    }

    [Fact]
    public void Cut_OfAWire_GivesTheStackItsPacketsBack()
    {
        _stack.Join(_one, _other, now: 0);
        _stack.Cut(_other);

        _one.Deliver("", source: 9, destination: 8, 0xC8, [0x7e]);
        _stack.Poll(now: 1, budgetPerLink: 16);

        Assert.Empty(_other.Sent);
        Assert.Equal(1, _one.Statistics.Drops[DropReason.NotForUs]);
    }

    [Fact]
    public void RemoveLink_OfAnEnd_CutsTheWire()
    {
        _stack.Join(_one, _other, now: 0);
        _stack.RemoveLink(_other, now: 1);

        _one.Deliver("", source: 9, destination: 8, 0xC8, [0x7e]);
        _stack.Poll(now: 2, budgetPerLink: 16);

        Assert.Equal(1, _one.Statistics.Drops[DropReason.NotForUs]);
    }

    [Fact]
    public void Join_AnEndThatHasAWire_IsRefused()
    {
        AddressedEnd third = new AddressedEnd(_stack).Attach();
        _stack.Join(_one, _other, now: 0);

        Assert.Throws<InvalidOperationException>(() => _stack.Join(third, _one, now: 0));
        Assert.Throws<ArgumentException>(() => _stack.Join(third, third, now: 0));
    }
}
