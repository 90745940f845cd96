// SPDX-License-Identifier: Apache-2.0
using Busbar.TestKit;

namespace Busbar.Mctp.Tests;

/// <summary>Which of many binds a request goes to: the order of Linux, as its own test suite has it.</summary>
public sealed class BindLookupTests
{
    private readonly MctpStack _stack = new();
    private readonly Dictionary<uint, WireEnd> _wires = [];
    private readonly Dictionary<string, MctpSocketCore> _sockets = [];

    public BindLookupTests()
    {
        for (uint network = 1; network <= SocketCaseTable.LookupNetworks; network++)
        {
            var wire = new WireEnd(_stack, network: network);
            _wires.Add(network, wire);
            foreach (byte eid in SocketCaseTable.LookupEids) _stack.AddAddress(wire.Near, new Eid(eid));
        }

        foreach (SocketBind bind in SocketCaseTable.Binds)
        {
            MctpSocketCore socket = _stack.OpenSocket();
            var type = new MessageType(bind.Type);
            if (bind.Peer != 0) Assert.Equal(BindStatus.Ok, _stack.Connect(socket, new MctpEndPoint(new Eid(bind.Peer), type, network: bind.Network)));
            Assert.Equal(BindStatus.Ok, _stack.Bind(socket, new MctpEndPoint(new Eid(bind.Eid), type, network: bind.Network)));
            _sockets.Add(bind.Name, socket);
        }
    }

    public static TheoryData<int> Cases => [.. Enumerable.Range(0, SocketCaseTable.Lookups.Count)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Request_WithNineBindsPresent_GoesToTheMostSpecific(int number)
    {
        BindLookupCase item = SocketCaseTable.Lookups[number];
        _wires[item.Network].Send(item.Source, item.Destination, Core.Flags(som: true, eom: true), [item.Type, 1]);
        _stack.Poll(0, 100);

        string[] receivers = [.. _sockets.Where(pair => pair.Value.QueuedMessages != 0).Select(pair => pair.Key)];

        Assert.Equal(item.Winner is null ? [] : [item.Winner], receivers);
    }

    [Fact]
    public void Close_OfABoundSocket_MakesTheNextBestOneTheReceiver()
    {
        _stack.Close(_sockets["R20"], 0);
        _wires[1].Send(20, 10, Core.Flags(som: true, eom: true), [1, 1]);
        _stack.Poll(0, 100);

        Assert.Equal(1, _sockets["L10"].QueuedMessages);
    }
}
