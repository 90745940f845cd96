// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp.Tests;

/// <summary>Which of many binds a request goes to: the order of Linux, as its own test suite has it.</summary>
public sealed class BindLookupTests
{
    private static readonly MessageType s_type = new(1);

    private readonly MctpStack _stack = new();
    private readonly Dictionary<uint, WireEnd> _wires = [];
    private readonly Dictionary<string, MctpSocketCore> _sockets = [];

    public BindLookupTests()
    {
        for (uint network = 1; network <= 9; network++)
        {
            var wire = new WireEnd(_stack, network: network);
            _wires.Add(network, wire);
            foreach (byte eid in new byte[] { 10, 11, 99 }) _stack.AddAddress(wire.Near, new Eid(eid));
        }

        Bind("any", 0xFF, 0);
        Bind("L10", 10, 1);
        Bind("L10n8", 10, 8);
        Bind("An9", 0xFF, 9);
        Bind("R20", 0xFF, 1, peer: 20);
        Bind("R21L11", 11, 1, peer: 21);
        Bind("R21n3", 0xFF, 3, peer: 21);
        Bind("R21n4", 0xFF, 4, peer: 21);
        Bind("R21n5", 0xFF, 5, peer: 21);
    }

    [Theory]
    [InlineData(20, 10, 1, 1, "R20")]
    [InlineData(20, 255, 1, 1, "R20")]
    [InlineData(20, 0, 1, 1, "R20")]
    [InlineData(0, 255, 1, 1, "any")]
    [InlineData(0, 11, 1, 1, "any")]
    [InlineData(0, 0, 1, 1, "any")]
    [InlineData(0, 10, 1, 1, "L10")]
    [InlineData(21, 10, 1, 1, "L10")]
    [InlineData(21, 11, 1, 1, "R21L11")]
    [InlineData(99, 99, 1, 1, "any")]
    [InlineData(20, 10, 1, 3, "none")]
    [InlineData(0, 0, 7, 1, "any")]
    [InlineData(21, 10, 2, 1, "any")]
    [InlineData(20, 10, 3, 1, "any")]
    [InlineData(21, 10, 3, 1, "R21n3")]
    [InlineData(21, 10, 4, 1, "R21n4")]
    [InlineData(21, 10, 5, 1, "R21n5")]
    [InlineData(99, 10, 8, 1, "L10n8")]
    [InlineData(99, 10, 9, 1, "An9")]
    [InlineData(0, 0, 9, 1, "An9")]
    [InlineData(99, 99, 9, 1, "An9")]
    [InlineData(20, 10, 9, 1, "An9")]
    [InlineData(20, 10, 1, 0x81, "R20")]
    public void Request_WithNineBindsPresent_GoesToTheMostSpecific(int source, int destination, uint network, byte type, string winner)
    {
        _wires[network].Send(source, destination, Core.Flags(som: true, eom: true), [type, 1]);
        _stack.Poll(0, 100);

        string[] receivers = [.. _sockets.Where(pair => pair.Value.QueuedMessages != 0).Select(pair => pair.Key)];

        Assert.Equal(winner == "none" ? [] : [winner], receivers);
    }

    [Fact]
    public void Close_OfABoundSocket_MakesTheNextBestOneTheReceiver()
    {
        _stack.Close(_sockets["R20"], 0);
        _wires[1].Send(20, 10, Core.Flags(som: true, eom: true), [1, 1]);
        _stack.Poll(0, 100);

        Assert.Equal(1, _sockets["L10"].QueuedMessages);
    }

    private void Bind(string name, byte eid, uint network, byte peer = 0)
    {
        MctpSocketCore socket = _stack.OpenSocket();
        if (peer != 0) Assert.Equal(BindStatus.Ok, _stack.Connect(socket, new MctpEndPoint(new Eid(peer), s_type, network: network)));
        Assert.Equal(BindStatus.Ok, _stack.Bind(socket, new MctpEndPoint(new Eid(eid), s_type, network: network)));
        _sockets.Add(name, socket);
    }
}
