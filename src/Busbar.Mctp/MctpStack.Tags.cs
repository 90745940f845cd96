// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <content>Tags: eight toward each peer from each of our EIDs.</content>
public sealed partial class MctpStack
{
    /// <summary>
    /// Takes a tag toward a peer ahead of sending. It never expires and carries any number of answers until it is released or the socket closes.
    /// </summary>
    /// <param name="socket">The owner.</param>
    /// <param name="peer">
    /// The peer. With the null or broadcast EID, whoever answers matches: on the link of an extended address, or without one on any link.
    /// </param>
    /// <param name="now">Monotonic milliseconds.</param>
    /// <returns>Null when all eight are busy, or no route leads to the peer.</returns>
    public MctpTag? AllocateTag(MctpSocketCore socket, in MctpEndPoint peer, long now) =>
        AllocateTag(socket, peer, now, out MctpTag tag) == SendStatus.Ok ? tag : null;

    /// <summary>Takes a tag toward a peer ahead of sending, and says why not.</summary>
    /// <param name="socket">The owner.</param>
    /// <param name="peer">As for the other overload.</param>
    /// <param name="now">Monotonic milliseconds.</param>
    /// <param name="tag">The tag, with the owner and preallocated bits.</param>
    public SendStatus AllocateTag(MctpSocketCore socket, in MctpEndPoint peer, long now, out MctpTag tag)
    {
        tag = default;
        if (socket.IsClosed) return SendStatus.Closed;
        if (socket.Kind != MctpSocketKind.Datagram) return SendStatus.WrongKind;
        SendStatus status = FindTagSet(socket, peer, out MctpNetwork? network, out TagSet? tags, out int link);
        if (status != SendStatus.Ok) return status;
        int value = _tags.Take(tags!, TagsToAvoid(tags!, network!), socket, link, TagState.Preallocated, now);
        if (value < 0) return SendStatus.NoTag;
        tag = MctpTag.Preallocated(value);
        return SendStatus.Ok;
    }

    /// <summary>
    /// Gives a tag back. A preallocated one with an unanswered request cools down first. For a tag that a send chose, the caller vouches that
    /// no answer will come: it is free at once (see <see cref="AbandonRequest"/> otherwise).
    /// </summary>
    /// <param name="socket">The owner.</param>
    /// <param name="peer">The peer that the tag was taken for.</param>
    /// <param name="tag">The tag.</param>
    /// <param name="now">Monotonic milliseconds.</param>
    /// <returns>False when the socket does not hold such a tag.</returns>
    public bool ReleaseTag(MctpSocketCore socket, in MctpEndPoint peer, MctpTag tag, long now)
    {
        if (FindHeld(socket, peer, tag) is not { } tags) return false;
        ref TagSlot slot = ref tags.Slots[tag.Value];
        if ((slot.State == TagState.Preallocated) != tag.IsPreallocated) return false;
        if (slot.IsAwaiting) _tags.Cool(tags, tag.Value, now);
        else TagTable.Free(tags, tag.Value);
        return true;
    }

    /// <summary>Gives up an outstanding request: a late answer is dropped, and the tag cools down before it is used again.</summary>
    /// <param name="socket">Who asked.</param>
    /// <param name="peer">Who was asked.</param>
    /// <param name="tag">The tag that the send reported.</param>
    /// <param name="now">Monotonic milliseconds.</param>
    /// <returns>False when there is no such request.</returns>
    public bool AbandonRequest(MctpSocketCore socket, in MctpEndPoint peer, MctpTag tag, long now)
    {
        if (FindHeld(socket, peer, tag) is not { } tags) return false;
        if (tags.Slots[tag.Value].State == TagState.Preallocated) return false;
        _tags.Cool(tags, tag.Value, now);
        return true;
    }

    private SendStatus TakeTag(MctpSocketCore socket, LinkPort port, in MctpEndPoint to, Eid source, ref TagSet? tags, long now, ref MctpTag tag)
    {
        TagState state = TagState.Request;
        if (tags is null)
        {
            if (to.Eid == Eid.Broadcast) state = TagState.Broadcast;
            tags = to.Eid.IsAssignable ? port.Network.Tags.Between(source, to.Eid) : port.Network.Tags.Open(source, to.Eid, port, to.Address);
        }

        uint avoid = port.Network.Tags.HasOpen ? TagsToAvoid(tags, port.Network) : 0;
        int value = _tags.Take(tags, avoid, socket, port.Link.Index, state, now);
        if (value < 0) return SendStatus.NoTag;
        tag = MctpTag.Owned(value);
        return SendStatus.Ok;
    }

    private SendStatus UsePreallocated(MctpSocketCore socket, LinkPort port, in MctpEndPoint to, Eid source, ref TagSet? tags)
    {
        int tag = to.Tag.Value;
        if (tags is null || !IsPreallocated(tags, socket, tag))
        {
            tags = port.Network.Tags.FindBetween(source.Value, to.Eid.Value);
            if (tags is null || !IsPreallocated(tags, socket, tag)) tags = port.Network.Tags.FindOpenPreallocated(socket, port, tag);
            if (tags is null) return SendStatus.TagNotAllocated;
        }

        ref TagSlot slot = ref tags.Slots[tag];
        slot.IsAwaiting = true;
        slot.Link = port.Link.Index;
        return SendStatus.Ok;
    }

    private static bool IsPreallocated(TagSet tags, MctpSocketCore socket, int tag)
    {
        ref TagSlot slot = ref tags.Slots[tag];
        return slot.State == TagState.Preallocated && ReferenceEquals(slot.Socket, socket);
    }

    // An answer names only its sender. Requests to an unknown EID and requests to known ones therefore use different tags while they can.
    private static uint TagsToAvoid(TagSet tags, MctpNetwork network) =>
        tags.Peer.IsAssignable ? network.Tags.OpenBusy : network.Tags.OpenBusy | network.Tags.ExactBusy;

    private SendStatus FindTagSet(MctpSocketCore socket, in MctpEndPoint peer, out MctpNetwork? network, out TagSet? tags, out int link)
    {
        network = null;
        tags = null;
        link = 0;
        LinkPort? port = null;
        if (peer.IsExtended)
        {
            port = PortAt(peer.Link);
            if (port is null) return SendStatus.NoLink;
        }

        if (peer.Eid.IsReserved) return SendStatus.BadAddress;
        if (!peer.Eid.IsAssignable)
        {
            network = port?.Network ?? FindNetwork(peer.Network);
            if (network is null) return SendStatus.NoRoute;
            Eid local = port is null ? Eid.Any : SourceFor(socket, port);
            tags = network.Tags.Open(local, peer.Eid, port, peer.Address);
            link = port?.Link.Index ?? 0;
            return SendStatus.Ok;
        }

        port ??= FindNetwork(peer.Network)?.Find(peer.Eid)?.Port;
        if (port is null) return SendStatus.NoRoute;
        network = port.Network;
        tags = network.Tags.Between(SourceFor(socket, port), peer.Eid);
        link = port.Link.Index;
        return SendStatus.Ok;
    }

    // The usual set first; after a change of addresses or routes, whichever still holds the tag.
    private TagSet? FindHeld(MctpSocketCore socket, in MctpEndPoint peer, MctpTag tag)
    {
        LinkPort? port = peer.IsExtended ? PortAt(peer.Link) : null;
        MctpNetwork? network = port?.Network ?? FindNetwork(peer.Network);
        if (network is null) return null;
        if (!peer.IsExtended && network.Find(peer.Eid) is { } destination && Holds(destination.Tags, socket, tag.Value)) return destination.Tags;
        return _tags.FindHeld(network.Tags, socket, peer.Eid, port, tag.Value);
    }

    private static bool Holds(TagSet tags, MctpSocketCore socket, int tag)
    {
        ref TagSlot slot = ref tags.Slots[tag];
        return slot.State is not (TagState.Free or TagState.Cooling) && ReferenceEquals(slot.Socket, socket);
    }
}
