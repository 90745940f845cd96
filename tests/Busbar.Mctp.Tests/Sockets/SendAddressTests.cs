// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp.Tests;

/// <summary>What an address of a send may say, and what becomes of it.</summary>
public sealed class SendAddressTests
{
    private readonly Core _core = new();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(255)]
    public void Send_ToAnEidWithoutALink_NeedsAnAssignableOne(byte eid) =>
        Assert.Equal(SendStatus.BadAddress, _core.Stack.Send(_core.Stack.OpenSocket(), Core.Peer(eid), [1], _core.Now));

    [Fact]
    public void Send_WithoutARoute_SaysSo()
    {
        MctpSocketCore socket = _core.Stack.OpenSocket();

        Assert.Equal(SendStatus.NoRoute, _core.Stack.Send(socket, Core.Peer(15), [1], _core.Now));
        Assert.Equal(SendStatus.NoRoute, _core.Stack.Send(socket, new MctpEndPoint(new Eid(9), MessageType.Pldm, MctpTag.Owner, network: 5), [1], _core.Now));
    }

    [Fact]
    public void Send_ToNetworkZero_UsesTheDefaultNetwork()
    {
        Assert.Equal(SendStatus.Ok, _core.Stack.Send(_core.Stack.OpenSocket(), new MctpEndPoint(new Eid(9), MessageType.Pldm, MctpTag.Owner), [1], _core.Now));
        Assert.Single(_core.Wire.Take());
    }

    [Fact]
    public void Send_OfAnAnswer_CarriesTheTagAsGiven()
    {
        _core.Stack.Send(_core.Stack.OpenSocket(), new MctpEndPoint(new Eid(9), MessageType.Pldm, MctpTag.Unowned(6)), [1], _core.Now, out MctpTag tag);

        Assert.Equal("01 09 08 c6 01 01", Bytes.ToHex(_core.Wire.Take().Single()));
        Assert.Equal(MctpTag.Unowned(6), tag);
    }

    [Fact]
    public void Send_WithThePreallocatedBitButWithoutSuchATag_IsRefused() =>
        Assert.Equal(
            SendStatus.TagNotAllocated,
            _core.Stack.Send(_core.Stack.OpenSocket(), new MctpEndPoint(new Eid(9), MessageType.Pldm, MctpTag.Preallocated(2)), [1], _core.Now));

    [Theory]
    [InlineData(0)]
    [InlineData(9)]
    [InlineData(200)]
    [InlineData(255)]
    public void Send_ToALink_CarriesTheEidAsGivenAndThePhysicalAddress(byte eid)
    {
        var stack = new MctpStack();
        AddressedEnd end = new AddressedEnd(stack).Attach();
        var to = new MctpEndPoint(new Eid(eid), MessageType.Control, MctpTag.Owner, link: end.Index, address: WireEnd.Address("1d"));

        Assert.Equal(SendStatus.Ok, stack.Send(stack.OpenSocket(), to, [0x80, 2], 0));
        Assert.Equal(WireEnd.Address("1d"), end.Sent.Single().To);
        Assert.Equal([1, eid, 0, 0xC8, 0, 0x80, 2], end.Sent.Single().Packet);
    }

    [Fact]
    public void Send_ToAReservedEidOrAnUnknownLink_IsRefused()
    {
        MctpSocketCore socket = _core.Stack.OpenSocket();

        Assert.Equal(SendStatus.BadAddress, _core.Stack.Send(socket, new MctpEndPoint(new Eid(3), MessageType.Control, MctpTag.Owner, link: 1), [1], 0));
        Assert.Equal(SendStatus.NoLink, _core.Stack.Send(socket, new MctpEndPoint(Eid.Null, MessageType.Control, MctpTag.Owner, link: 9), [1], 0));
        Assert.Equal(SendStatus.NoLink, _core.Stack.Send(socket, new MctpEndPoint(Eid.Null, MessageType.Control, MctpTag.Owner, link: -1), [1], 0));
    }

    [Fact]
    public void Send_FromASocketBoundToAnEid_UsesItAsSource()
    {
        _core.Stack.AddAddress(_core.Link, new Eid(77));
        MctpSocketCore socket = _core.OpenBound(eid: 77);

        _core.Request(socket);
        _core.Arrive(9, 77, owner: false, body: [5]);

        Assert.Equal(77, _core.Wire.Take().Single()[2]);
        Assert.Equal([5], _core.Receive(socket));
    }

    [Fact]
    public void Send_FromASocketBoundToAnEidOfAnotherLink_UsesTheLinksOwn()
    {
        var other = new WireEnd(_core.Stack);
        _core.Stack.AddAddress(other.Near, new Eid(77));
        MctpSocketCore socket = _core.OpenBound(eid: 77);

        _core.Request(socket);

        Assert.Equal(8, _core.Wire.Take().Single()[2]);
    }

    [Fact]
    public void Send_OverADownLink_SaysSo()
    {
        _core.Wire.Near.SetUp(up: false, _core.Now);

        Assert.Equal(SendStatus.LinkDown, _core.Stack.Send(_core.Stack.OpenSocket(), Core.Peer(9), [1], _core.Now));
    }

    [Fact]
    public void Send_FromARawSocket_IsOfTheWrongKind()
    {
        Assert.Equal(SendStatus.WrongKind, _core.Stack.Send(_core.Stack.OpenSocket(MctpSocketKind.Raw), Core.Peer(9), [1], 0));
        Assert.Equal(SendStatus.WrongKind, _core.Stack.SendRaw(_core.Stack.OpenSocket(), 1, [1, 9, 8, 0xC8, 0]));
    }

    [Fact]
    public void Answer_ToTheSenderOfAMessage_GoesBackOverItsLink()
    {
        var second = new WireEnd(_core.Stack);
        _core.Stack.AddAddress(second.Near, new Eid(8));
        MctpSocketCore socket = _core.OpenBound();
        second.Send(60, 8, Core.Flags(som: true, eom: true, tag: 3), [Core.Vendor, 1]);
        _core.Receive(socket, out MctpReceiveResult result);

        Assert.Equal(SendStatus.Ok, _core.Stack.Send(socket, result.From with { Tag = result.From.Tag.ToResponse() }, [2], _core.Now));
        Assert.Equal("01 3c 08 c3 7e 02", Bytes.ToHex(second.Take().Single()));
        Assert.Empty(_core.Wire.Take());
    }
}
