// SPDX-License-Identifier: Apache-2.0
using System.Numerics;

namespace Busbar.Mctp;

/// <summary>
/// Allocation, expiry and cool-down of tags. Values are taken round robin, and the tag of an unanswered request rests for a while, so
/// that a late answer does not meet a new request (DSP0236 gives tags no lifetime; 6 s is what implementations use).
/// </summary>
internal sealed class TagTable
{
    private const uint AllTags = (1u << TagSet.Count) - 1;

    private readonly List<TagSet> _sets = [];
    private readonly MctpStackOptions _options;
    private readonly StackStatistics _statistics;

    public TagTable(MctpStackOptions options, StackStatistics statistics)
    {
        _options = options;
        _statistics = statistics;
    }

    /// <summary>No tag changes by itself before this time.</summary>
    public long NextDeadline { get; private set; } = long.MaxValue;

    public TagSet Register(TagSet set)
    {
        _sets.Add(set);
        return set;
    }

    public void Unregister(TagSet set) => _sets.Remove(set);

    public void UnregisterAll(Predicate<TagSet> match) => _sets.RemoveAll(match);

    /// <summary>Takes the next free tag.</summary>
    /// <param name="set">Between whom.</param>
    /// <param name="avoid">Tags to be taken only when no other is free.</param>
    /// <param name="socket">Who gets the answer.</param>
    /// <param name="link">Index of the outgoing link.</param>
    /// <param name="state">What the tag is for.</param>
    /// <param name="now">Monotonic milliseconds.</param>
    /// <returns>0..7, or -1 when all are busy.</returns>
    public int Take(TagSet set, uint avoid, MctpSocketCore socket, int link, TagState state, long now)
    {
        uint free = ~set.Busy & AllTags;
        if (free == 0)
        {
            ExpireSet(set, now);
            free = ~set.Busy & AllTags;
            if (free == 0) return -1;
        }

        uint preferred = free & ~avoid;
        if (preferred != 0) free = preferred;
        int step = BitOperations.TrailingZeroCount((free | (free << TagSet.Count)) >> set.Next);
        int tag = (set.Next + step) & (TagSet.Count - 1);
        set.Next = (tag + 1) & (TagSet.Count - 1);
        set.Busy |= 1u << tag;
        ref TagSlot slot = ref set.Slots[tag];
        if (!ReferenceEquals(slot.Socket, socket)) slot.Socket = socket;
        slot.State = state;
        slot.Link = link;
        slot.IsAwaiting = false;
        slot.Deadline = long.MaxValue;
        if (state != TagState.Preallocated) SetDeadline(ref slot, now + _options.TagLifetime);
        return tag;
    }

    /// <summary>The answer's first packet is here: whatever the clock says, the tag waits for the rest of the assembly.</summary>
    public void HoldForAssembly(TagSet set, int tag, long now)
    {
        ref TagSlot slot = ref set.Slots[tag];
        if (slot.State == TagState.Preallocated) return;
        long end = now + _options.ReassemblyTimeout;
        if (end > slot.Deadline) slot.Deadline = end;
    }

    /// <summary>A whole answer is here.</summary>
    public static void Answered(TagSet set, int tag)
    {
        ref TagSlot slot = ref set.Slots[tag];
        slot.IsAwaiting = false;
        if (slot.State == TagState.Request) Free(set, tag);
    }

    public static void Free(TagSet set, int tag)
    {
        set.Slots[tag].State = TagState.Free;
        set.Busy &= ~(1u << tag);
    }

    /// <summary>Nobody waits for the answer any more, but it may still come.</summary>
    public void Cool(TagSet set, int tag, long now)
    {
        ref TagSlot slot = ref set.Slots[tag];
        if (_options.TagCooldown == 0)
        {
            Free(set, tag);
            return;
        }

        slot.State = TagState.Cooling;
        SetDeadline(ref slot, now + _options.TagCooldown);
    }

    /// <summary>Runs everything that is due. Cheap when nothing is.</summary>
    public void Expire(long now)
    {
        if (now < NextDeadline) return;
        long next = long.MaxValue;
        foreach (TagSet set in _sets)
        {
            if (set.Busy != 0) next = Math.Min(next, ExpireSet(set, now));
        }

        NextDeadline = next;
    }

    /// <summary>Finds a tag that a socket holds toward a peer.</summary>
    public TagSet? FindHeld(NetworkTags tags, MctpSocketCore socket, Eid peer, LinkPort? port, int tag)
    {
        foreach (TagSet set in _sets)
        {
            ref TagSlot slot = ref set.Slots[tag];
            if (set.Peer != peer || slot.State is TagState.Free or TagState.Cooling || !ReferenceEquals(slot.Socket, socket)) continue;
            if (set.Port is not null && port is not null && !ReferenceEquals(set.Port, port)) continue;
            if (tags.Contains(set)) return set;
        }

        return null;
    }

    /// <summary>Gives up whatever a socket that is being closed still holds.</summary>
    public void ReleaseAll(MctpSocketCore socket, long now)
    {
        foreach (TagSet set in _sets)
        {
            for (int tag = 0; tag < TagSet.Count; tag++)
            {
                ref TagSlot slot = ref set.Slots[tag];
                if (!ReferenceEquals(slot.Socket, socket)) continue;
                slot.Socket = null;
                if (slot.State is TagState.Request or TagState.Broadcast || (slot.State == TagState.Preallocated && slot.IsAwaiting)) Cool(set, tag, now);
                else if (slot.State == TagState.Preallocated) Free(set, tag);
            }
        }
    }

    /// <summary>Fails the requests that left on a link which went down; their sockets are told.</summary>
    public void FailLink(int link, long now)
    {
        foreach (TagSet set in _sets)
        {
            for (int tag = 0; tag < TagSet.Count; tag++)
            {
                ref TagSlot slot = ref set.Slots[tag];
                if (slot.Link != link) continue;
                if (slot.State == TagState.Preallocated && slot.IsAwaiting)
                {
                    slot.IsAwaiting = false;
                    slot.Socket!.Fail(SocketFault.LinkDown);
                }
                else if (slot.State is TagState.Request or TagState.Broadcast)
                {
                    slot.Socket!.Fail(SocketFault.LinkDown);
                    Cool(set, tag, now);
                }
            }
        }
    }

    // Returns the earliest deadline left in the set.
    private long ExpireSet(TagSet set, long now)
    {
        long next = long.MaxValue;
        for (int tag = 0; tag < TagSet.Count; tag++)
        {
            ref TagSlot slot = ref set.Slots[tag];
            if (slot.State is TagState.Free or TagState.Preallocated) continue;
            if (now >= slot.Deadline)
            {
                if (slot.State == TagState.Cooling)
                {
                    Free(set, tag);
                    continue;
                }

                if (slot.State == TagState.Request) _statistics.RequestsExpired++;
                Cool(set, tag, now);
                if (slot.State == TagState.Free) continue;
            }

            next = Math.Min(next, slot.Deadline);
        }

        return next;
    }

    private void SetDeadline(ref TagSlot slot, long deadline)
    {
        slot.Deadline = deadline;
        if (deadline < NextDeadline) NextDeadline = deadline;
    }
}
