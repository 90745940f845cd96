// SPDX-License-Identifier: Apache-2.0
using Busbar.TestKit;

namespace Busbar.Mctp.Tests;

/// <summary>The table of what MCTP sockets do, against our stack.</summary>
public sealed class SocketCaseTests
{
    private readonly Core _core = new(mtu: 100, eids: [8, 9]);

    public static TheoryData<int> Keys => [.. Enumerable.Range(0, SocketCaseTable.Keys.Count)];

    public static TheoryData<int> Deliveries => [.. Enumerable.Range(0, SocketCaseTable.Deliveries.Count)];

    [Theory]
    [MemberData(nameof(Keys))]
    public void Answer_ToAnOpenRequest_IsMatchedAsTheTableSays(int number)
    {
        KeyCase item = SocketCaseTable.Keys[number];
        var core = new Core(eids: [8]);
        core.Stack.AddAddress(core.Link, new Eid(9));
        core.Stack.AddRoute(MctpRoute.Direct(new Eid(10), new Eid(12), core.Link));
        MctpSocketCore socket = core.Stack.OpenSocket();
        MctpTag tag;
        if (item.Peer == 255)
        {
            var anybody = new MctpEndPoint(Eid.Any, new MessageType(1), link: core.Link.Index);
            tag = core.Stack.AllocateTag(socket, anybody, core.Now)!.Value;
        }
        else
        {
            tag = core.Request(socket, item.Peer);
        }

        core.Wire.Send(item.Source, item.Destination, Core.Flags(som: true, eom: true, owner: item.IsOwner, tag: (tag.Value + item.TagOffset) & 7), [1, 7]);

        Assert.True(core.Receive(socket) is not null == item.IsDelivered, item.ToString());
    }

    [Theory]
    [MemberData(nameof(Deliveries))]
    public void Packets_OfACase_MakeTheMessagesThatTheTableSays(int number)
    {
        DeliveryCase item = SocketCaseTable.Deliveries[number];
        MctpSocketCore socket = _core.OpenBound(type: 1);
        foreach (byte[] packet in item.Packets) _core.Wire.Send(packet);
        var messages = new List<byte[]>();
        while (_core.Receive(socket) is { } message) messages.Add(message);

        Assert.True(messages.Count == item.Messages.Count, $"{item}: {messages.Count} messages instead of {item.Messages.Count}");
        for (int i = 0; i < messages.Count; i++) Assert.True(messages[i].AsSpan().SequenceEqual(item.Messages[i]), $"{item}: message {i} has another content");
    }
}
