// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;
using Busbar.Mctp;

namespace Busbar.Node;

/// <summary>
/// The tags that one kernel socket has allocated toward its peers. A request takes the tag that has rested longest; one whose answer did not come cools down before it
/// is used again, so that a late answer meets nobody.
/// </summary>
/// <remarks>Any thread. Allocates memory only when a peer is new.</remarks>
internal sealed class KernelTags
{
    // Response time and cool-down of the kernel's own tags (6 s) and ours together.
    private const long RequestLifeMs = 6_000;
    private const long CoolDownMs = 6_000;
    private const int MostPeers = 32;

    private readonly Lock _gate = new();
    private readonly MctpKernelSocket _socket;
    private readonly List<Peer> _peers = [];

    public KernelTags(MctpKernelSocket socket) => _socket = socket;

    private enum Use : byte
    {
        NotHeld,
        Idle,
        InFlight,
        Cooling,

        // Taken by the user, who also gives it back.
        Lent,
    }

    /// <summary>Takes a tag for one request.</summary>
    /// <returns>False when there is none; <paramref name="refusal"/> says what the kernel answered.</returns>
    public bool TryTake(in MctpEndPoint to, long now, out MctpTag tag, out Errno refusal)
    {
        lock (_gate)
        {
            tag = default;
            refusal = Errno.None;
            Peer peer = Find(to, now);
            int best = -1;
            for (int i = 0; i < peer.Slots.Length; i++)
            {
                ref Slot slot = ref peer.Slots[i];
                if (slot.Use is Use.InFlight && now - slot.Since >= RequestLifeMs) slot = new Slot(Use.Cooling, slot.Since + RequestLifeMs);
                if (slot.Use is Use.Cooling && now - slot.Since >= CoolDownMs) slot = new Slot(Use.Idle, slot.Since);
                if (slot.Use is Use.Idle && (best < 0 || slot.Since < peer.Slots[best].Since)) best = i;
            }

            // With a single tag there is nothing to rotate; so a second one is taken when it is first needed again.
            if (best < 0 || peer.Held < 2)
            {
                refusal = Allocate(peer, now, out int taken);
                if (refusal == Errno.None) best = taken;
            }

            if (best < 0) return false;
            refusal = Errno.None;
            peer.Slots[best] = new Slot(Use.InFlight, now);
            tag = MctpTag.Preallocated(best);
            return true;
        }
    }

    /// <summary>The request could not be sent, or is given up.</summary>
    /// <param name="to">The peer.</param>
    /// <param name="tag">Its tag.</param>
    /// <param name="now">Monotonic milliseconds.</param>
    /// <param name="wasSent">True when an answer may still come.</param>
    public void GiveUp(in MctpEndPoint to, MctpTag tag, long now, bool wasSent)
    {
        lock (_gate)
        {
            foreach (Peer peer in _peers)
            {
                if (peer.Eid == AllocationEid(to) && peer.Network == to.Network && peer.Slots[tag.Value].Use == Use.InFlight)
                    peer.Slots[tag.Value] = new Slot(wasSent ? Use.Cooling : Use.Idle, now);
            }
        }
    }

    /// <summary>
    /// No way leads to a peer any more. Its tags go, but for those that the user has: a kernel that tracks flows keeps an interface, and whoever removes it, waiting as long as
    /// somebody holds tags that were used over it.
    /// </summary>
    /// <param name="to">The peer.</param>
    public void Forget(in MctpEndPoint to)
    {
        lock (_gate)
        {
            for (int i = _peers.Count - 1; i >= 0; i--)
            {
                Peer peer = _peers[i];
                if (peer.Eid != AllocationEid(to) || peer.Network != to.Network) continue;
                for (int tag = 0; tag < peer.Slots.Length; tag++)
                {
                    if (peer.Slots[tag].Use is not (Use.NotHeld or Use.Lent)) Drop(peer, tag);
                }

                if (peer.Held == 0) _peers.RemoveAt(i);
            }
        }
    }

    /// <summary>An answer arrived. False when nobody asked for it: its request was given up, or another of its kind answered before.</summary>
    public bool TryAnswer(in MctpEndPoint from, long now)
    {
        lock (_gate)
        {
            foreach (Peer peer in _peers)
            {
                if (!peer.Covers(from)) continue;
                ref Slot slot = ref peer.Slots[from.Tag.Value];
                if (slot.Use == Use.Lent) return true;
                if (slot.Use != Use.InFlight) continue;
                slot = new Slot(Use.Idle, now);
                return true;
            }

            return false;
        }
    }

    /// <summary>Takes a tag for the user.</summary>
    public Errno Lend(in MctpEndPoint to, long now, out MctpTag tag)
    {
        lock (_gate)
        {
            Peer peer = Find(to, now);
            Errno answer = Allocate(peer, now, out int value);
            tag = MctpTag.Preallocated(Math.Max(0, value));
            if (answer == Errno.None) peer.Slots[value] = new Slot(Use.Lent, now);
            return answer;
        }
    }

    /// <summary>Takes a lent tag back.</summary>
    public void TakeBack(in MctpEndPoint to, MctpTag tag)
    {
        lock (_gate)
        {
            foreach (Peer peer in _peers)
            {
                if (peer.Eid == AllocationEid(to) && peer.Network == to.Network && peer.Slots[tag.Value].Use == Use.Lent) Drop(peer, tag.Value);
            }
        }
    }

    /// <summary>Gives everything back to the kernel.</summary>
    public void DropAll()
    {
        lock (_gate)
        {
            foreach (Peer peer in _peers) DropAll(peer);
            _peers.Clear();
        }
    }

    // The null EID stands for whoever sits there, so the answer may come from anybody; the same goes for a broadcast.
    private static byte AllocationEid(in MctpEndPoint to) => to.Eid == Eid.Null ? Eid.Any.Value : to.Eid.Value;

    private Peer Find(in MctpEndPoint to, long now)
    {
        byte eid = AllocationEid(to);
        foreach (Peer peer in _peers)
        {
            if (peer.Eid == eid && peer.Network == to.Network) return peer;
        }

        if (_peers.Count == MostPeers) Evict(now);
        var found = new Peer(to.Network, eid);
        _peers.Add(found);
        return found;
    }

    // Somebody who sweeps over all EIDs must not hold tags toward each of them.
    private void Evict(long now)
    {
        for (int i = _peers.Count - 1; i >= 0; i--)
        {
            if (_peers[i].IsBusy(now)) continue;
            DropAll(_peers[i]);
            _peers.RemoveAt(i);
        }
    }

    private Errno Allocate(Peer peer, long now, out int value)
    {
        Errno answer = _socket.AllocateTag(peer.Network, peer.Eid, out byte raw);
        value = raw & MctpTag.ValueMask;
        if (answer != Errno.None)
        {
            value = -1;
            return answer;
        }

        peer.Slots[value] = new Slot(Use.Idle, now);
        peer.Held++;
        return Errno.None;
    }

    private void Drop(Peer peer, int value)
    {
        _ = _socket.DropTag(peer.Network, peer.Eid, MctpTag.Preallocated(value).Raw);
        peer.Slots[value] = default;
        peer.Held--;
    }

    private void DropAll(Peer peer)
    {
        for (int i = 0; i < peer.Slots.Length; i++)
        {
            if (peer.Slots[i].Use != Use.NotHeld) Drop(peer, i);
        }
    }

    private readonly record struct Slot(Use Use, long Since);

    private sealed class Peer
    {
        public Peer(uint network, byte eid) => (Network, Eid) = (network, eid);

        public uint Network { get; }

        public byte Eid { get; }

        public Slot[] Slots { get; } = new Slot[8];

        public int Held { get; set; }

        public bool Covers(in MctpEndPoint from) =>
            (Eid == Mctp.Eid.Any.Value || Eid == from.Eid.Value) && Network == from.Network;

        public bool IsBusy(long now)
        {
            foreach (Slot slot in Slots)
            {
                if (slot.Use == Use.Lent || (slot.Use == Use.InFlight && now - slot.Since < RequestLifeMs)) return true;
            }

            return false;
        }
    }
}
