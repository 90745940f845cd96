// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;
using Busbar.Mctp;

namespace Busbar.BlackBox;

/// <summary>The MCTP sockets of the program, and the endpoints that they reach. Used in the harness's loop only.</summary>
internal sealed class MockMctp
{
    private const byte Request = 0x80;
    private const byte Datagram = 0x40;

    private readonly MockSystem _system;
    private readonly List<MockMctpSocket> _bound = [];
    private readonly List<(MockEndpoint From, byte[] Body, TaskCompletionSource<byte[]> Answer)> _asked = [];

    public MockMctp(MockSystem system) => _system = system;

    public List<MockEndpoint> Endpoints { get; } = [];

    public MockEndpoint Add(MockEndpoint endpoint)
    {
        Endpoints.Add(endpoint);
        Connect(endpoint);
        return endpoint;
    }

    public void Bind(MockMctpSocket socket) => _bound.Add(socket);

    public void Closed(MockMctpSocket socket) => _bound.Remove(socket);

    /// <summary>The program sent a message.</summary>
    public void Sent(MockMctpSocket socket, MctpEndPoint to, byte[] body)
    {
        if (body.Length < 2) return;
        (MockInterface Interface, byte[] Address)? place = to.IsExtended
            ? _system.Interface(to.Link) is { } link ? (link, Bytes(to.Address)) : null
            : _system.Resolve(to.Network, to.Eid.Value);
        if (place is not { } found) return;
        foreach (MockEndpoint endpoint in Endpoints.Where(known => known.Interface == found.Interface && known.Address.SequenceEqual(found.Address)).ToArray())
        {
            if ((body[0] & Request) != 0) endpoint.Take(to.Eid.Value, body, (from, answer) => Answer(socket, endpoint, from, to.Tag, answer));
            else Answered(endpoint, to.Eid, body);
        }
    }

    /// <summary>An endpoint asks the program.</summary>
    private Task<byte[]> AskAsync(MockEndpoint from, byte[] body)
    {
        var answer = new TaskCompletionSource<byte[]>(TaskCreationOptions.RunContinuationsAsynchronously);
        _asked.Add((from, body, answer));
        MctpEndPoint source = Source(from, from, MctpTag.Owned(_asked.Count));
        foreach (MockMctpSocket socket in _bound) socket.Deliver(source, body);
        if ((body[0] & Datagram) != 0) answer.TrySetResult([]);
        return answer.Task;
    }

    private static byte[] Bytes(PhysicalAddress address)
    {
        byte[] bytes = new byte[address.Length];
        address.CopyTo(bytes);
        return bytes;
    }

    // What comes from behind a bridge comes from the bridge's physical address.
    private static MctpEndPoint Source(MockEndpoint onLink, MockEndpoint from, MctpTag tag) =>
        new(new Eid(from.Eid), MessageType.Control, tag, onLink.Interface.Network, onLink.Interface.Index, new PhysicalAddress(onLink.Address));

    private static void Answer(MockMctpSocket socket, MockEndpoint onLink, MockEndpoint from, MctpTag tag, byte[] body) =>
        socket.Deliver(Source(onLink, from, tag.ToResponse()), body);

    private void Answered(MockEndpoint onLink, Eid destination, byte[] body)
    {
        int index = _asked.FindIndex(asked =>
            (asked.From == onLink || onLink.Behind.Contains(asked.From)) && (asked.From.Eid == destination.Value || destination == Eid.Null)
            && (asked.Body[0] & 0x1F) == (body[0] & 0x1F) && asked.Body[1] == body[1]);
        if (index < 0) return;
        _asked[index].Answer.TrySetResult(body);
        _asked.RemoveAt(index);
    }

    private void Connect(MockEndpoint endpoint)
    {
        endpoint.Sender = AskAsync;
        foreach (MockEndpoint behind in endpoint.Behind) Connect(behind);
    }
}
