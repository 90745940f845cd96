// SPDX-License-Identifier: Apache-2.0
using Busbar.TestKit;

namespace Busbar.Mctp.Tests;

/// <summary>Which binds exclude each other, and what bind and connect refuse.</summary>
public sealed class BindConflictTests
{
    private readonly MctpStack _stack = new();

    public static TheoryData<int> Pairs => [.. Enumerable.Range(0, SocketCaseTable.Conflicts.Count)];

    [Theory]
    [MemberData(nameof(Pairs))]
    public void TwoBinds_InEitherOrder_ConflictOnlyWhenAllIsTheSame(int number)
    {
        BindConflictCase item = SocketCaseTable.Conflicts[number];
        foreach ((SocketBind a, SocketBind b) in new[] { (item.First, item.Second), (item.Second, item.First) })
        {
            MctpSocketCore one = Open(a, out BindStatus opened);
            MctpSocketCore two = Open(b, out BindStatus status);

            Assert.Equal(BindStatus.Ok, opened);
            Assert.Equal(item.Conflicts ? BindStatus.AddressInUse : BindStatus.Ok, status);
            _stack.Close(one, 0);
            _stack.Close(two, 0);
        }
    }

    [Fact]
    public void Bind_OfTheIntegrityBit_IsIgnored()
    {
        Assert.Equal(BindStatus.Ok, _stack.Bind(_stack.OpenSocket(), new MctpEndPoint(Eid.Any, new MessageType(0x84))));
        Assert.Equal(BindStatus.AddressInUse, _stack.Bind(_stack.OpenSocket(), new MctpEndPoint(Eid.Any, new MessageType(0x04))));
    }

    [Fact]
    public void Bind_ASecondTime_IsRefused()
    {
        MctpSocketCore socket = _stack.OpenSocket();

        Assert.Equal(BindStatus.Ok, _stack.Bind(socket, new MctpEndPoint(Eid.Any, MessageType.Pldm)));
        Assert.Equal(BindStatus.AlreadyBound, _stack.Bind(socket, new MctpEndPoint(Eid.Any, MessageType.Spdm)));
    }

    [Fact]
    public void Bind_AfterAConflict_MayTryAnotherType()
    {
        MctpSocketCore socket = _stack.OpenSocket();
        _stack.Bind(_stack.OpenSocket(), new MctpEndPoint(new Eid(8), MessageType.Pldm));

        Assert.Equal(BindStatus.AddressInUse, _stack.Bind(socket, new MctpEndPoint(new Eid(8), MessageType.Pldm)));
        Assert.Null(socket.BoundTo);
        Assert.Equal(BindStatus.Ok, _stack.Bind(socket, new MctpEndPoint(new Eid(8), MessageType.Spdm)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(7)]
    public void Bind_ToAnEidNobodyCanHold_IsRefused(byte eid) =>
        Assert.Equal(BindStatus.BadAddress, _stack.Bind(_stack.OpenSocket(), new MctpEndPoint(new Eid(eid), MessageType.Pldm)));

    [Fact]
    public void Connect_ThenBindOfAnotherTypeOrNetwork_IsRefused()
    {
        MctpSocketCore socket = _stack.OpenSocket();
        _stack.Connect(socket, new MctpEndPoint(new Eid(9), MessageType.Pldm, network: 2));

        Assert.Equal(BindStatus.PeerMismatch, _stack.Bind(socket, new MctpEndPoint(Eid.Any, MessageType.Spdm, network: 2)));
        Assert.Equal(BindStatus.PeerMismatch, _stack.Bind(socket, new MctpEndPoint(Eid.Any, MessageType.Pldm, network: 3)));
        Assert.Equal(BindStatus.Ok, _stack.Bind(socket, new MctpEndPoint(Eid.Any, MessageType.Pldm)));
        Assert.Equal(2u, socket.BoundTo!.Value.Network);
    }

    [Fact]
    public void Connect_TwiceOrAfterBind_IsRefused()
    {
        MctpSocketCore connected = _stack.OpenSocket();
        MctpSocketCore bound = _stack.OpenSocket();
        var peer = new MctpEndPoint(new Eid(9), MessageType.Pldm);
        _stack.Bind(bound, new MctpEndPoint(Eid.Any, MessageType.Pldm));

        Assert.Equal(BindStatus.Ok, _stack.Connect(connected, peer));
        Assert.Equal(BindStatus.AlreadyBound, _stack.Connect(connected, peer));
        Assert.Equal(BindStatus.AlreadyBound, _stack.Connect(bound, peer));
    }

    [Fact]
    public void Connect_WithTagOrIntegrityBitOrImpossibleEid_IsRefused()
    {
        MctpSocketCore socket = _stack.OpenSocket();

        Assert.Equal(BindStatus.BadAddress, _stack.Connect(socket, new MctpEndPoint(new Eid(9), MessageType.Pldm, MctpTag.Owner)));
        Assert.Equal(BindStatus.BadAddress, _stack.Connect(socket, new MctpEndPoint(new Eid(9), new MessageType(0x81))));
        Assert.Equal(BindStatus.BadAddress, _stack.Connect(socket, new MctpEndPoint(Eid.Any, MessageType.Pldm)));
    }

    [Fact]
    public void RawSocket_BindsToLinksOnly()
    {
        MctpSocketCore raw = _stack.OpenSocket(MctpSocketKind.Raw);

        Assert.Equal(BindStatus.WrongKind, _stack.Connect(raw, new MctpEndPoint(new Eid(9), MessageType.Pldm)));
        Assert.Equal(BindStatus.WrongKind, _stack.Bind(raw, new MctpEndPoint(Eid.Any, MessageType.Pldm, link: 5)));
        Assert.Equal(BindStatus.Ok, _stack.Bind(raw, default));
    }

    [Fact]
    public void ClosedSocket_RefusesEverything()
    {
        MctpSocketCore socket = _stack.OpenSocket();
        _stack.Close(socket, 0);
        _stack.Close(socket, 0);

        Assert.True(socket.IsClosed);
        Assert.Equal(BindStatus.Closed, _stack.Bind(socket, new MctpEndPoint(Eid.Any, MessageType.Pldm)));
        Assert.Equal(BindStatus.Closed, _stack.Connect(socket, new MctpEndPoint(new Eid(9), MessageType.Pldm)));
        Assert.Equal(SendStatus.Closed, _stack.Send(socket, Core.Peer(9), [1], 0));
    }

    private MctpSocketCore Open(SocketBind bind, out BindStatus status)
    {
        MctpSocketCore socket = _stack.OpenSocket();
        var type = new MessageType(bind.Type);
        if (bind.Peer != 0) Assert.Equal(BindStatus.Ok, _stack.Connect(socket, new MctpEndPoint(new Eid(bind.Peer), type, network: bind.Network)));
        status = _stack.Bind(socket, new MctpEndPoint(new Eid(bind.Eid), type, network: bind.Network));
        return socket;
    }
}
