// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <summary>A message as a service sees it. The body is a private copy: it does not change while it is looked at.</summary>
public readonly ref struct MctpMessage
{
    private readonly MctpStack _stack;
    private readonly Message _message;
    private readonly object _service;

    internal MctpMessage(MctpStack stack, Message message, object service)
    {
        _stack = stack;
        _message = message;
        _service = service;
    }

    /// <summary>Sender: network, EID, type with IC bit, tag, link and physical address.</summary>
    public MctpEndPoint From => new MctpReceiveResult(_message.Port, _message.Header, _message.Data[0], _message.Address, _message.Length, truncated: false).From;

    /// <summary>Destination EID of the message: one of ours, null, or broadcast.</summary>
    public Eid Local => _message.Header.Destination;

    /// <summary>The link that it came in on.</summary>
    public MctpLink Link => _message.Port.Link;

    /// <summary>The body without its type byte.</summary>
    public ReadOnlySpan<byte> Body => _message.Data.AsSpan(1, _message.Length - 1);

    /// <summary>True when the sender owns the tag, which makes the message a request (or a datagram).</summary>
    public bool IsRequest => _message.Header.IsTagOwner;

    /// <summary>
    /// Answers a request: same type, tag turned round, back over the same link to the same physical address. The source EID is the
    /// destination EID of the request (DSP0236 1.3.2, response addressing); for a broadcast it is the link's own EID.
    /// </summary>
    /// <param name="body">The answer without its type byte.</param>
    /// <returns>False when the answer was lost, because the link is down or has no room and the staging buffer is full; it is counted.</returns>
    public bool Reply(ReadOnlySpan<byte> body) => _stack.Reply(_message, body, _service);
}
