// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.Endpoints.Tests;

/// <summary>Two stacks on one in-memory link, stepped by hand: the asking side with EID 8, the serving side with EID 9.</summary>
internal sealed class StackPair
{
    private const int Budget = 64;

    private readonly PairLink _client;

    public StackPair(int capacity = 1 << 20)
    {
        (_client, PairLink server) = PairLink.Create(capacity: capacity);
        Client.AddLink(_client);
        Server.AddLink(server);
        Client.SetAddress(_client, new Eid(8));
        Server.SetAddress(server, new Eid(9));
        Socket = Client.OpenSocket();
    }

    public MctpStack Client { get; } = new();

    public MctpStack Server { get; } = new();

    public MctpSocketCore Socket { get; }

    public long Now { get; private set; } = 1000;

    private MctpEndPoint Peer => new(new Eid(9), MessageType.VendorPci, MctpTag.Owner, link: _client.Index);

    /// <summary>Sends a body of type 0x7e to the serving side.</summary>
    public void Send(ReadOnlySpan<byte> body, MctpTag? tag = null)
    {
        MctpEndPoint to = Peer with { Tag = tag ?? MctpTag.Owner };
        Xunit.Assert.Equal(SendStatus.Ok, Client.Send(Socket, to, body, Now));
        Step();
    }

    /// <summary>Lets both sides take a turn, and time pass.</summary>
    public void Step(int milliseconds = 0)
    {
        Now += milliseconds;
        Server.Poll(Now, Budget);
        Client.Poll(Now, Budget);
    }

    /// <summary>The next message on the asking side; null when there is none.</summary>
    public byte[]? Receive()
    {
        byte[] buffer = new byte[65536];
        return Client.TryReceive(Socket, buffer, out MctpReceiveResult result) ? buffer[..result.Length] : null;
    }

    /// <summary>Everything that waits on the asking side.</summary>
    public List<byte[]> ReceiveAll()
    {
        var found = new List<byte[]>();
        while (Receive() is { } body) found.Add(body);
        return found;
    }
}
