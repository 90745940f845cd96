// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp.Tests;

/// <summary>Which packets belong together: source, destination, TO and tag; and what a new first packet does (DSP0236, message assembly).</summary>
public sealed class TerminusTests
{
    private readonly Core _core = new(eids: [8, 77]);
    private readonly MctpSocketCore _socket;

    public TerminusTests() => _socket = _core.OpenBound();

    [Fact]
    public void Start_OnABusyTerminus_LosesTheOldAndKeepsTheNew()
    {
        Start(tag: 1, fill: 0x11);
        Start(tag: 1, fill: 0x22);
        End(tag: 1, fill: 0x22);

        byte[]? body = _core.Receive(_socket);

        Assert.All(body!, value => Assert.Equal(0x22, value));
        Assert.Equal(1, _core.Drops[DropReason.Superseded]);
        Assert.Null(_core.Receive(_socket));
    }

    [Fact]
    public void WholeMessage_OnABusyTerminus_IsDeliveredAndTheOldIsGone()
    {
        Start(tag: 1, fill: 0x11);
        _core.Arrive(9, 8, tag: 1, body: [0x33]);
        End(tag: 1, fill: 0x11);

        Assert.Equal([0x33], _core.Receive(_socket));
        Assert.Null(_core.Receive(_socket));
        Assert.Equal(1, _core.Drops[DropReason.Superseded]);
        Assert.Equal(1, _core.Drops[DropReason.NoAssembly]);
    }

    [Fact]
    public void WrongSequenceThenRightOne_DeliversNothing()
    {
        Start(tag: 1, fill: 0x11);
        _core.Wire.Send(9, 8, Core.Flags(sequence: 2, tag: 1), Fill(64, 0x11));
        _core.Wire.Send(9, 8, Core.Flags(eom: true, sequence: 1, tag: 1), Fill(4, 0x11));

        Assert.Null(_core.Receive(_socket));
        Assert.Equal(1, _core.Drops[DropReason.BadSequence]);
        Assert.Equal(1, _core.Drops[DropReason.NoAssembly]);
    }

    [Fact]
    public void EndWithFlippedOwner_LeavesTheRunningAssemblyAlone()
    {
        Start(tag: 1, fill: 0x11);
        _core.Wire.Send(9, 8, Core.Flags(eom: true, sequence: 1, owner: false, tag: 1), Fill(4, 0x99));
        End(tag: 1, fill: 0x11);

        Assert.All(_core.Receive(_socket)!, value => Assert.Equal(0x11, value));
        Assert.Equal(1, _core.Drops[DropReason.NoAssembly]);
    }

    [Fact]
    public void SameTagAndSource_WithBothOwnerBits_AreTwoMessages()
    {
        MctpSocketCore asker = _core.Stack.OpenSocket();
        int tag = _core.Request(asker).Value;
        _core.Wire.Send(9, 8, Core.Flags(som: true, owner: true, tag: tag), Fill(64, 0x11, type: true));
        _core.Wire.Send(9, 8, Core.Flags(som: true, owner: false, tag: tag), Fill(64, 0x22, type: true));
        _core.Wire.Send(9, 8, Core.Flags(eom: true, sequence: 1, owner: true, tag: tag), Fill(9, 0x11));
        _core.Wire.Send(9, 8, Core.Flags(eom: true, sequence: 1, owner: false, tag: tag), Fill(9, 0x22));

        Assert.All(_core.Receive(_socket)!, value => Assert.Equal(0x11, value));
        Assert.All(_core.Receive(asker)!, value => Assert.Equal(0x22, value));
    }

    [Theory]
    [InlineData(9, 8, 2)]
    [InlineData(10, 8, 1)]
    [InlineData(9, 77, 1)]
    public void Interleaved_MessagesOfOtherTermini_AreBothDelivered(int source, int destination, int tag)
    {
        _core.Wire.Send(9, 8, Core.Flags(som: true, tag: 1), Fill(64, 0x11, type: true));
        _core.Wire.Send(source, destination, Core.Flags(som: true, tag: tag), Fill(64, 0x22, type: true));
        _core.Wire.Send(9, 8, Core.Flags(sequence: 1, tag: 1), Fill(64, 0x11));
        _core.Wire.Send(source, destination, Core.Flags(sequence: 1, tag: tag), Fill(64, 0x22));
        _core.Wire.Send(source, destination, Core.Flags(eom: true, sequence: 2, tag: tag), Fill(5, 0x22));
        _core.Wire.Send(9, 8, Core.Flags(eom: true, sequence: 2, tag: 1), Fill(5, 0x11));

        Assert.All(_core.Receive(_socket)!, value => Assert.Equal(0x22, value));
        Assert.All(_core.Receive(_socket)!, value => Assert.Equal(0x11, value));
    }

    [Fact]
    public void RefusedPackets_OfTheSameTerminus_LeaveTheAssemblyAlone()
    {
        Start(tag: 1, fill: 0x11);
        _core.Wire.Send([2, 8, 9, Core.Flags(sequence: 1, tag: 1), 0]);
        _core.Wire.Send([1, 8, 9, Core.Flags(sequence: 1, tag: 1)]);
        _core.Wire.Send([1, 60, 9, Core.Flags(sequence: 1, tag: 1), 0]);
        _core.Wire.Send(9, 8, Core.Flags(som: true, eom: true, tag: 1), [0x05, 1]);
        End(tag: 1, fill: 0x11);

        Assert.All(_core.Receive(_socket)!, value => Assert.Equal(0x11, value));
        Assert.Equal(1, _core.Drops[DropReason.BadVersion]);
        Assert.Equal(1, _core.Drops[DropReason.EmptyPayload]);
        Assert.Equal(1, _core.Drops[DropReason.NotForUs]);
        Assert.Equal(1, _core.Drops[DropReason.NoListener]);
    }

    [Fact]
    public void TwoLinks_WithTheSameTerminus_DoNotMix()
    {
        var second = new WireEnd(_core.Stack);
        _core.Wire.Send(9, 8, Core.Flags(som: true, tag: 1), Fill(64, 0x11, type: true));
        second.Send(9, 8, Core.Flags(som: true, tag: 1), Fill(64, 0x22, type: true));
        second.Send(9, 8, Core.Flags(eom: true, sequence: 1, tag: 1), Fill(4, 0x22));
        _core.Wire.Send(9, 8, Core.Flags(eom: true, sequence: 1, tag: 1), Fill(4, 0x11));

        Assert.All(_core.Receive(_socket)!, value => Assert.Equal(0x11, value));
        Assert.All(_core.Receive(_socket)!, value => Assert.Equal(0x22, value));
    }

    [Fact]
    public void FinishedTerminus_OfOneLink_IsNotContinuedInTheAssemblyOfAnother()
    {
        var second = new WireEnd(_core.Stack);
        Start(tag: 1, fill: 0x11);
        End(tag: 1, fill: 0x11);
        _core.Poll();
        second.Send(9, 8, Core.Flags(som: true, tag: 1), Fill(64, 0x22, type: true));
        _core.Poll();
        _core.Wire.Send(9, 8, Core.Flags(sequence: 1, tag: 1), Fill(64, 0x99));
        _core.Poll();
        second.Send(9, 8, Core.Flags(eom: true, sequence: 1, tag: 1), Fill(4, 0x22));

        Assert.All(_core.Receive(_socket)!, value => Assert.Equal(0x11, value));
        Assert.All(_core.Receive(_socket)!, value => Assert.Equal(0x22, value));
        Assert.Equal(1, _core.Drops[DropReason.NoAssembly]);
    }

    [Fact]
    public void NullSources_WithDifferentPhysicalAddresses_AreDifferentSenders()
    {
        var stack = new MctpStack();
        (PairLink near, PairLink far) = PairLink.Create(68, 65_536, "bus", WireEnd.Address("10"), WireEnd.Address("20"));
        stack.AddLink(near);
        var other = new AddressedEnd(stack);
        other.Attach();
        MctpSocketCore socket = stack.OpenSocket();
        stack.Bind(socket, new MctpEndPoint(Eid.Any, MessageType.VendorPci));
        other.Deliver("30", Core.Flags(som: true, tag: 1), Fill(64, 0x11, type: true));
        other.Deliver("31", Core.Flags(som: true, tag: 1), Fill(64, 0x22, type: true));
        other.Deliver("30", Core.Flags(eom: true, sequence: 1, tag: 1), Fill(64, 0x11));
        other.Deliver("31", Core.Flags(eom: true, sequence: 1, tag: 1), Fill(64, 0x22));
        byte[] buffer = new byte[256];
        stack.Poll(0, 100);

        Assert.True(stack.TryReceive(socket, buffer, out MctpReceiveResult first));
        Assert.All(buffer[..first.Length], value => Assert.Equal(0x11, value));
        Assert.Equal(WireEnd.Address("30"), first.From.Address);
        Assert.True(stack.TryReceive(socket, buffer, out MctpReceiveResult second));
        Assert.All(buffer[..second.Length], value => Assert.Equal(0x22, value));
        Assert.Equal(WireEnd.Address("31"), second.From.Address);
        Assert.Equal(0, far.Index);
    }

    private static byte[] Fill(int length, byte value, bool type = false)
    {
        byte[] bytes = new byte[length];
        Array.Fill(bytes, value);
        if (type) bytes[0] = Core.Vendor;
        return bytes;
    }

    private void Start(int tag, byte fill) => _core.Wire.Send(9, 8, Core.Flags(som: true, tag: tag), Fill(64, fill, type: true));

    private void End(int tag, byte fill) => _core.Wire.Send(9, 8, Core.Flags(eom: true, sequence: 1, tag: tag), Fill(4, fill));
}
