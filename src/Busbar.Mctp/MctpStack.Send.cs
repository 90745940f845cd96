// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <content>Sending: which link, which source, which tag; then packets.</content>
public sealed partial class MctpStack
{
    /// <summary>Sends one message.</summary>
    /// <param name="socket">A datagram socket. One that is bound to an EID of the outgoing link sends from it, others from the link's first EID.</param>
    /// <param name="to">
    /// Peer, type with IC bit, and tag: <see cref="MctpTag.Owner"/> for a request (a tag is chosen), a preallocated tag, or the tag of the
    /// request that is answered, turned round. With <see cref="MctpEndPoint.Link"/> set, it goes to that link and physical address as given.
    /// </param>
    /// <param name="payload">The body without its type byte; may be empty.</param>
    /// <param name="now">Monotonic milliseconds.</param>
    /// <param name="tag">The tag that the message carries.</param>
    /// <param name="more">True leaves the packets unpublished until the next send without it, <see cref="Flush"/>, or the next turn.</param>
    /// <returns><see cref="SendStatus.Ok"/> when the whole message was taken, else why nothing was.</returns>
    public SendStatus Send(MctpSocketCore socket, in MctpEndPoint to, ReadOnlySpan<byte> payload, long now, out MctpTag tag, bool more = false)
    {
        tag = default;
        if (socket.IsClosed) return SendStatus.Closed;
        if (socket.Kind != MctpSocketKind.Datagram) return SendStatus.WrongKind;
        if (payload.Length >= _options.MaximumMessage) return SendStatus.TooLong;
        LinkPort? port;
        TagSet? tags = null;
        Eid source;
        int mtu;
        if (to.IsExtended)
        {
            port = PortAt(to.Link);
            if (port is null) return SendStatus.NoLink;
            if (to.Eid.IsReserved) return SendStatus.BadAddress;
            source = SourceFor(socket, port);
            return Transmit(socket, port, route: null, to, to.Address, source, null, port.Link.Mtu, payload, now, out tag, more);
        }

        MctpNetwork? network = FindNetwork(to.Network);
        Destination? destination = network?.Find(to.Eid);
        if (destination is null) return to.Eid.IsAssignable ? SendStatus.NoRoute : SendStatus.BadAddress;
        port = destination.Port;
        source = SourceFor(socket, port);
        if (source == port.Source) tags = destination.Tags;
        if (destination.ViaGateway && source == Eid.Null) return SendStatus.NoSourceAddress;
        mtu = Math.Min(port.Link.Mtu, destination.RouteMtu);
        return Transmit(socket, port, destination.Route, to, destination.Address, source, tags, mtu, payload, now, out tag, more);
    }

    /// <summary>Sends one message; the tag is found in <see cref="MctpSocketCore.LastTag"/>.</summary>
    /// <param name="socket">A datagram socket.</param>
    /// <param name="to">As for the other overload.</param>
    /// <param name="payload">The body without its type byte.</param>
    /// <param name="now">Monotonic milliseconds.</param>
    /// <param name="more">As for the other overload.</param>
    public SendStatus Send(MctpSocketCore socket, in MctpEndPoint to, ReadOnlySpan<byte> payload, long now, bool more = false) =>
        Send(socket, to, payload, now, out _, more);

    /// <summary>Publishes what sends with <c>more</c> left unpublished, with at most one doorbell a link.</summary>
    public void Flush() => _transmitter.Flush();

    /// <summary>Sends one packet as given. Only its size is checked: header and payload are the caller's.</summary>
    /// <param name="socket">A raw socket.</param>
    /// <param name="link">Link index.</param>
    /// <param name="packet">4-byte header and payload, together at most the link's MTU.</param>
    /// <param name="to">Physical destination; empty where the medium has none.</param>
    public SendStatus SendRaw(MctpSocketCore socket, int link, ReadOnlySpan<byte> packet, in PhysicalAddress to = default)
    {
        if (socket.IsClosed) return SendStatus.Closed;
        if (socket.Kind != MctpSocketKind.Raw) return SendStatus.WrongKind;
        if (PortAt(link) is not { } port) return SendStatus.NoLink;
        if (packet.Length < MctpHeader.Size || packet.Length > port.Link.Mtu) return SendStatus.BadPacket;
        SendRoom room = Room(port, packet.Length);
        if (room == SendRoom.Never) return SendStatus.BadPacket;
        if (room == SendRoom.Later) return SendStatus.WouldBlock;
        if (room == SendRoom.Down || !port.Link.Write(to, MctpHeader.Read(packet), packet[MctpHeader.Size..], default)) return SendStatus.LinkDown;
        port.Link.Statistics.PacketsSent++;
        port.Link.Statistics.BytesSent += packet.Length;
        Statistics.PacketsSent++;
        _transmitter.Publish(port, more: false);
        return SendStatus.Ok;
    }

    internal bool Reply(Message request, ReadOnlySpan<byte> body, object service)
    {
        LinkPort port = request.Port;
        MctpHeader asked = request.Header;
        Eid source = asked.Destination == Eid.Broadcast ? port.Source : asked.Destination;
        var header = new MctpHeader(asked.Source, source, som: false, eom: false, sequence: 0, owner: false, asked.Tag);

        // Without a route nobody said what the way back takes, and a bridge on it may take less than this link. The baseline gets through, and so does what the request came in.
        int most = port.Network.Find(asked.Source) is { } back && ReferenceEquals(back.Port, port)
            ? back.RouteMtu
            : Math.Max(MctpLink.MinimumMtu, request.Unit + MctpHeader.Size);
        int unit = Math.Min(port.Link.Mtu, most) - MctpHeader.Size;
        bool sent = body.Length < _options.MaximumMessage && PortOf(port.Link) is not null
            && Answer(port, service, request.Address, header.Raw, request.Data[0], body, unit);
        if (!sent) port.CountDrop(Statistics, DropReason.ReplyLost);
        return sent;
    }

    private static Eid SourceFor(MctpSocketCore socket, LinkPort port) =>
        socket.BoundEid != Eid.Any && port.Addresses.Contains(socket.BoundEid) ? socket.BoundEid : port.Source;

    private SendStatus Transmit(
        MctpSocketCore socket, LinkPort port, RouteEntry? route, in MctpEndPoint to, in PhysicalAddress address, Eid source, TagSet? tags, int mtu,
        ReadOnlySpan<byte> payload, long now, out MctpTag tag, bool more)
    {
        tag = default;
        int unit = mtu - MctpHeader.Size;
        SendRoom room = _transmitter.Admit(port, payload.Length + 1, unit, out int packets);
        if (room == SendRoom.Later) return SendStatus.WouldBlock;
        if (room == SendRoom.Down) return SendStatus.LinkDown;

        tag = to.Tag;
        if (tag.IsOwner)
        {
            SendStatus status = tag.IsPreallocated
                ? UsePreallocated(socket, port, to, source, ref tags)
                : TakeTag(socket, port, to, source, ref tags, now, ref tag);
            if (status != SendStatus.Ok)
            {
                tag = default;
                return status;
            }
        }

        uint header = MctpHeader.CurrentVersion | ((uint)to.Eid.Value << 8) | ((uint)source.Value << 16)
            | ((uint)(tag.Raw & (MctpTag.ValueMask | MctpTag.OwnerBit)) << 24);
        if (room == SendRoom.Now)
        {
            if (!_transmitter.Write(port, address, header, to.Type.Raw, payload, unit, packets))
            {
                if (tag.IsOwner && !tag.IsPreallocated) _tags.Cool(tags!, tag.Value, now);
                return SendStatus.LinkDown;
            }

            _transmitter.Publish(port, more);
        }
        else
        {
            _transmitter.Stage(port, socket, address, header, to.Type.Raw, payload, unit);
            if (!more) _transmitter.Flush();
        }

        route?.Count(packets, payload.Length + 1 + (packets * MctpHeader.Size));
        socket.LastTag = tag;
        return SendStatus.Ok;
    }

    private bool Answer(LinkPort port, object service, in PhysicalAddress address, uint header, byte type, ReadOnlySpan<byte> body, int unit)
    {
        switch (_transmitter.Admit(port, body.Length + 1, unit, out int packets))
        {
            case SendRoom.Now:
                if (!_transmitter.Write(port, address, header, type, body, unit, packets)) return false;
                _transmitter.Publish(port, more: true);
                return true;
            case SendRoom.Never:
                _transmitter.Stage(port, service, address, header, type, body, unit);
                return true;
            case SendRoom.Later when _transmitter.CanStage(port, body.Length + 1):
                _transmitter.Stage(port, service, address, header, type, body, unit);
                return true;
            default:
                return false;
        }
    }
}
