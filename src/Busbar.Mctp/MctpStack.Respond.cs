// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <content>Answers to requests that were taken out of the stack first, and are answered later or in another thread.</content>
public sealed partial class MctpStack
{
    /// <summary>
    /// Answers a request: same type, tag turned round, back over the link and to the physical address that it came from (DSP0236 1.3.2, response addressing).
    /// </summary>
    /// <param name="request">The sender as a receive or a service told it, with link and physical address.</param>
    /// <param name="local">The EID that the request was addressed to, which becomes the source; for a broadcast, the link's own EID does.</param>
    /// <param name="body">The answer without its type byte.</param>
    /// <returns>False when the answer was lost: the link is gone or down, or has no room and the staging buffer is full. That is counted.</returns>
    public bool Respond(in MctpEndPoint request, Eid local, ReadOnlySpan<byte> body)
    {
        if (PortAt(request.Link) is not { } port) return false;
        Eid source = local == Eid.Broadcast ? port.Source : local;
        var header = new MctpHeader(request.Eid, source, som: false, eom: false, sequence: 0, owner: false, request.Tag.Value);
        int routeMtu = port.Network.Find(request.Eid) is { } back && ReferenceEquals(back.Port, port) ? back.RouteMtu : int.MaxValue;
        int unit = Math.Min(port.Link.Mtu, routeMtu) - MctpHeader.Size;
        bool sent = body.Length < _options.MaximumMessage && Answer(port, this, request.Address, header.Raw, request.Type.Raw, body, unit);
        if (!sent) port.CountDrop(Statistics, DropReason.ReplyLost);
        else _transmitter.Flush();
        return sent;
    }
}
