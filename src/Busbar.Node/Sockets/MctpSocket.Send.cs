// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.Node;

/// <content>Blocking and non-blocking sends.</content>
public sealed partial class MctpSocket
{
    /// <summary>Sends one message; waits for room at most <see cref="SendTimeout"/>.</summary>
    /// <param name="payload">The body without its type byte; may be empty.</param>
    /// <param name="to">Peer, type with IC bit, and tag: <see cref="MctpTag.Owner"/> for a request, the request's tag turned round for an answer.</param>
    /// <param name="more">
    /// True when more messages follow at once: the packets stay unpublished until a send without it, <see cref="Flush"/>, or the next turn
    /// of the node, so that a batch costs one publication and one doorbell.
    /// </param>
    /// <returns>The tag that the message carries.</returns>
    /// <exception cref="MctpException">With the reason; nothing was sent then.</exception>
    public MctpTag SendTo(ReadOnlySpan<byte> payload, in MctpEndPoint to, bool more = false)
    {
        SendStatus status = _backend.TrySend(to, payload, more, out MctpTag tag);
        if (status == SendStatus.WouldBlock) status = _backend.WaitAndSend(to, payload, more, MctpNode.DeadlineAfter(SendTimeout), out tag);
        if (status == SendStatus.Ok) return tag;
        if (status == SendStatus.WouldBlock) throw new MctpException(MctpError.TimedOut, $"no room on the link within {SendTimeout.TotalMilliseconds:0} ms");
        throw Failures.OfSend(status, to, payload.Length);
    }

    /// <summary>Sends one message if there is room now.</summary>
    /// <param name="payload">The body without its type byte.</param>
    /// <param name="to">As for <see cref="SendTo"/>.</param>
    /// <param name="tag">The tag that the message carries.</param>
    /// <param name="more">As for <see cref="SendTo"/>.</param>
    /// <returns><see cref="SendStatus.Ok"/>, or why nothing was sent.</returns>
    public SendStatus TrySendTo(ReadOnlySpan<byte> payload, in MctpEndPoint to, out MctpTag tag, bool more = false) =>
        _backend.TrySend(to, payload, more, out tag);

    /// <summary>Publishes what sends with <c>more</c> left unpublished, with at most one doorbell a link.</summary>
    public void Flush() => _backend.Flush();

    /// <summary>Gives up an outstanding request, so that its tag cools down now instead of when it expires.</summary>
    /// <param name="to">The peer that was asked.</param>
    /// <param name="tag">What the send returned.</param>
    public void Abandon(in MctpEndPoint to, MctpTag tag) => _backend.Abandon(to, tag);

    /// <summary>Sends one packet as given, on a raw socket.</summary>
    /// <param name="link">Link index.</param>
    /// <param name="packet">4-byte header and payload.</param>
    /// <param name="to">Physical destination; empty where the medium has none.</param>
    public SendStatus SendPacket(int link, ReadOnlySpan<byte> packet, in PhysicalAddress to = default) => _backend.SendPacket(link, packet, to);
}
