// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <summary>The tags of one network: an exact set for each pair of EIDs, and a few for peers that are asked without knowing their EID.</summary>
internal sealed class NetworkTags
{
    private readonly TagTable _table;

    // By local and peer EID; made for the first request, because many endpoints only answer.
    private TagSet?[]?[]? _exact;
    private readonly List<TagSet> _open = [];

    public NetworkTags(TagTable table) => _table = table;

    /// <summary>Tags that requests to unknown EIDs use; requests to known EIDs avoid them while they can.</summary>
    public uint OpenBusy
    {
        get
        {
            uint busy = 0;
            foreach (TagSet set in _open) busy |= set.Busy;
            return busy;
        }
    }

    public bool HasOpen => _open.Count != 0;

    /// <summary>The set of a pair of EIDs, made when first needed.</summary>
    public TagSet Between(Eid local, Eid peer)
    {
        _exact ??= new TagSet?[]?[256];
        TagSet?[] row = _exact[local.Value] ??= new TagSet?[256];
        return row[peer.Value] ??= _table.Register(new TagSet(local, peer, port: null, default));
    }

    public TagSet? FindBetween(int local, int peer) => _exact?[local]?[peer];

    /// <summary>The set for whoever answers on a link (or anywhere) to a null or broadcast destination, made when first needed.</summary>
    public TagSet Open(Eid local, Eid peer, LinkPort? port, in PhysicalAddress address)
    {
        foreach (TagSet set in _open)
        {
            if (set.Local == local && set.Peer == peer && ReferenceEquals(set.Port, port) && set.Address == address) return set;
        }

        TagSet made = _table.Register(new TagSet(local, peer, port, address));
        _open.Add(made);
        return made;
    }

    /// <summary>Tags that are busy toward any known EID; requests to unknown EIDs avoid them while they can.</summary>
    public uint ExactBusy
    {
        get
        {
            uint busy = 0;
            foreach (TagSet?[]? row in _exact ?? [])
            {
                if (row is null) continue;
                foreach (TagSet? set in row)
                {
                    if (set is not null) busy |= set.Busy;
                }
            }

            return busy;
        }
    }

    /// <summary>Finds the set whose request an answer belongs to; an exact one comes first.</summary>
    /// <param name="local">Destination EID of the answer.</param>
    /// <param name="peer">Source EID of the answer.</param>
    /// <param name="tag">Its tag.</param>
    /// <param name="port">The link that it came in on.</param>
    /// <param name="wasKnown">True when the tag exists but waits for nothing any more.</param>
    public TagSet? Match(int local, int peer, int tag, LinkPort port, out bool wasKnown)
    {
        TagSet? exact = FindBetween(local, peer);
        wasKnown = false;
        if (exact is not null)
        {
            TagState state = exact.Slots[tag].State;
            if (state is not (TagState.Free or TagState.Cooling)) return exact;
            wasKnown = state == TagState.Cooling;
        }

        return _open.Count == 0 ? null : MatchOpen(local, tag, port, ref wasKnown);
    }

    /// <summary>A tag that a socket preallocated toward whoever answers, usable on a link.</summary>
    public TagSet? FindOpenPreallocated(MctpSocketCore socket, LinkPort port, int tag)
    {
        foreach (TagSet set in _open)
        {
            ref TagSlot slot = ref set.Slots[tag];
            if (slot.State != TagState.Preallocated || !ReferenceEquals(slot.Socket, socket)) continue;
            if (set.Port is null || ReferenceEquals(set.Port, port)) return set;
        }

        return null;
    }

    /// <summary>True when the set is one of this network's.</summary>
    public bool Contains(TagSet set) => ReferenceEquals(FindBetween(set.Local.Value, set.Peer.Value), set) || _open.Contains(set);

    public void Forget(LinkPort port)
    {
        foreach (TagSet set in _open)
        {
            if (ReferenceEquals(set.Port, port)) _table.Unregister(set);
        }

        _open.RemoveAll(set => ReferenceEquals(set.Port, port));
    }

    /// <summary>The network goes.</summary>
    public void ForgetAll()
    {
        _table.UnregisterAll(Contains);
        _exact = null;
        _open.Clear();
    }

    private TagSet? MatchOpen(int local, int tag, LinkPort port, ref bool wasKnown)
    {
        foreach (TagSet set in _open)
        {
            TagState state = set.Slots[tag].State;
            if (state == TagState.Free) continue;
            if (set.Port is not null && (set.Local.Value != local || !ReferenceEquals(set.Port, port))) continue;
            if (set.Address.Length != 0 && port.Sender.Length != 0 && set.Address != port.Sender) continue;
            if (state != TagState.Cooling) return set;
            wasKnown = true;
        }

        return null;
    }
}
