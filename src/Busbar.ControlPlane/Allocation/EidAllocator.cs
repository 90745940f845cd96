// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.ControlPlane;

/// <summary>
/// Chooses EIDs and pools. An EID that somebody had is given again only when no unused one is left, oldest first, and not before TRECLAIM is over (DSP0236, reclaiming EIDs).
/// </summary>
internal sealed class EidAllocator
{
    private readonly NetworkController _controller;
    private readonly Dictionary<uint, NetworkEids> _networks = [];

    public EidAllocator(NetworkController controller) => _controller = controller;

    /// <summary>Whether an EID can be given to somebody who asks for this one: nobody has it and no pool holds it. Being retired does not matter.</summary>
    /// <param name="network">The network.</param>
    /// <param name="eid">The EID.</param>
    public bool IsFree(uint network, Eid eid) =>
        eid.IsAssignable && _controller.Endpoints.Find(network, eid) is null && _controller.Endpoints.PoolOwner(network, eid) is null;

    /// <summary>Whether an EID is kept for somebody by configuration.</summary>
    /// <param name="network">The network.</param>
    /// <param name="eid">The EID.</param>
    public bool IsReserved(uint network, Eid eid) => _controller.Options.ReservedEids(network).Contains(eid);

    /// <summary>Whether an EID is one that may be had on our buses: any EID, unless we are a bridge, whose pool it must be part of.</summary>
    /// <param name="network">The network.</param>
    /// <param name="eid">The EID.</param>
    public bool IsOurs(uint network, Eid eid) => Of(network).Range is not { } range || range.Contains(eid);

    /// <summary>Lets a network's EIDs be assigned from another range than the options say, as a bridge does with the pool that it was given.</summary>
    /// <param name="network">The network.</param>
    /// <param name="range">The range; null for that of the options.</param>
    public void SetRange(uint network, EidPool? range) => Of(network).Range = range;

    /// <summary>
    /// Chooses an EID: the lowest unused one that leaves room for the largest pool behind it, else the one with the most room, else the lowest of those kept for pools (from the
    /// top), else the one that was given back first.
    /// </summary>
    /// <param name="network">The network.</param>
    /// <param name="needsRoom">Whether it may be for a bridge; false for the lowest unused one.</param>
    /// <returns>Null when there is none.</returns>
    public Eid? Pick(uint network, bool needsRoom) => Pick(network, needsRoom ? _controller.Options.MaximumPoolSize : 0, ignoresKept: false, out _);

    /// <summary>
    /// Waits while the room that a bridge needs is only kept for others, who may not need theirs: until they have said so, but no longer than a query takes. Ends at once where there is room.
    /// </summary>
    /// <param name="network">The network.</param>
    public async Task AwaitRoomAsync(uint network)
    {
        Task? limit = null;
        while (Of(network).Kept.Count != 0)
        {
            int room = _controller.Options.MaximumPoolSize;
            Pick(network, room, ignoresKept: false, out int found);
            Pick(network, room, ignoresKept: true, out int atBest);
            if (found >= Math.Min(room, atBest)) return;
            limit ??= _controller.Background.PauseAsync(_controller.Options.MessageTimeout * _controller.Options.Tries);
            await Task.WhenAny(Of(network).RoomGivenBack.Task, limit);
            if (limit.IsCompleted) return;
        }
    }

    private Eid? Pick(uint network, int room, bool ignoresKept, out int bestRoom)
    {
        (int first, int last) = RangeOf(network);
        EidState[] states = StatesOf(network, ignoresKept);
        int best = -1;
        bestRoom = -1;
        foreach (EidState worst in (ReadOnlySpan<EidState>)[EidState.Unused, EidState.Cooled])
        {
            for (int eid = first; eid <= last; eid++)
            {
                if (states[eid] != EidState.Unused) continue;
                int found = RoomAfter(states, eid, last, room, worst);
                if (found > bestRoom) (best, bestRoom) = (eid, found);
                if (found >= room) return new Eid((byte)eid);
            }
        }

        if (best < 0) best = Array.LastIndexOf(states, EidState.Kept, last, last - first + 1);
        if (best < 0) best = OldestCooled(network, states, first, last);
        return best < 0 ? null : new Eid((byte)best);
    }

    /// <summary>The EIDs that may still be given to somebody, ascending.</summary>
    /// <param name="network">The network.</param>
    public IReadOnlyList<Eid> Free(uint network)
    {
        (int first, int last) = RangeOf(network);
        EidState[] states = StatesOf(network);
        return [.. Enumerable.Range(first, Math.Max(0, last - first + 1)).Where(eid => states[eid] != EidState.Taken).Select(static eid => new Eid((byte)eid))];
    }

    /// <summary>The pool that a bridge can have directly behind its own EID.</summary>
    /// <param name="bridge">The bridge.</param>
    /// <param name="wanted">How many EIDs it asks for; more than the largest pool is cut.</param>
    /// <returns>Null when the next EID is taken already.</returns>
    public EidPool? PoolBehind(ManagedEndpoint bridge, int wanted)
    {
        (int first, int last) = RangeOf(bridge.Network);
        int own = bridge.Eid.Value;
        if (own < first || own > last) last = 254;
        int count = RoomAfter(StatesOf(bridge.Network), own, last, Math.Min(wanted, _controller.Options.MaximumPoolSize), EidState.Cooled, kept: true);
        return count == 0 ? null : new EidPool(new Eid((byte)(own + 1)), count);
    }

    /// <summary>A pool of a certain size: behind an EID if there is room, else the first place that has it.</summary>
    /// <param name="network">The network.</param>
    /// <param name="behind">The bridge's EID, which is not part of the pool.</param>
    /// <param name="size">How many EIDs.</param>
    /// <returns>Null when no place is free.</returns>
    public EidPool? PoolFor(uint network, Eid behind, int size)
    {
        (int first, int last) = RangeOf(network);
        EidState[] states = StatesOf(network);
        states[behind.Value] = EidState.Taken;
        if (RoomAfter(states, behind.Value, 254, size, EidState.Cooling, kept: true) == size) return new EidPool(new Eid((byte)(behind.Value + 1)), size);
        for (int start = first; start + size - 1 <= last; start++)
        {
            if (RoomAfter(states, start - 1, last, size, EidState.Cooled, kept: true) == size) return new EidPool(new Eid((byte)start), size);
        }

        return null;
    }

    /// <summary>Keeps the room behind an EID until it is known whether it is needed.</summary>
    /// <param name="endpoint">Who is being assigned.</param>
    /// <returns>Dispose it to give the room back.</returns>
    public IDisposable KeepRoom(ManagedEndpoint endpoint)
    {
        (_, int last) = RangeOf(endpoint.Network);
        int count = Math.Min(_controller.Options.MaximumPoolSize, last - endpoint.Eid.Value);
        var room = new EidPool(new Eid((byte)(endpoint.Eid.Value + 1)), Math.Max(count, 0));
        return new KeptRoom(Of(endpoint.Network), room);
    }

    /// <summary>Takes back an EID that somebody had.</summary>
    /// <param name="network">The network.</param>
    /// <param name="eid">The EID.</param>
    public void Retire(uint network, Eid eid) => Of(network).RetiredAt[eid.Value] = _controller.Time.GetTimestamp();

    /// <summary>Takes back a pool.</summary>
    /// <param name="network">The network.</param>
    /// <param name="pool">The pool.</param>
    public void Retire(uint network, EidPool pool)
    {
        for (int i = 0; i < pool.Count; i++) Retire(network, new Eid((byte)(pool.First.Value + i)));
    }

    private static int RoomAfter(EidState[] states, int eid, int last, int most, EidState worst, bool kept = false)
    {
        int count = 0;
        while (count < most && eid + count + 1 <= last)
        {
            EidState state = states[eid + count + 1];
            bool good = state == EidState.Kept ? kept : state <= worst;
            if (!good) break;
            count++;
        }

        return count;
    }

    private int OldestCooled(uint network, EidState[] states, int first, int last)
    {
        long?[] retired = Of(network).RetiredAt;
        int oldest = -1;
        for (int eid = first; eid <= last; eid++)
        {
            if (states[eid] == EidState.Cooled && (oldest < 0 || retired[eid] < retired[oldest])) oldest = eid;
        }

        return oldest;
    }

    private EidState[] StatesOf(uint network, bool ignoresKept = false)
    {
        var states = new EidState[256];
        NetworkEids eids = Of(network);
        for (int eid = 0; eid < states.Length; eid++)
        {
            if (eids.RetiredAt[eid] is { } at)
                states[eid] = _controller.Time.GetElapsedTime(at) >= _controller.Options.Reclaim ? EidState.Cooled : EidState.Cooling;
        }

        foreach (EidPool room in ignoresKept ? [] : eids.Kept)
        {
            foreach (ref EidState state in states.AsSpan(room.First.Value, room.Count))
            {
                if (state == EidState.Unused) state = EidState.Kept;
            }
        }

        foreach (Eid eid in _controller.Options.ReservedEids(network)) states[eid.Value] = EidState.Taken;
        foreach (ManagedEndpoint endpoint in _controller.Endpoints.In(network))
        {
            states[endpoint.Eid.Value] = EidState.Taken;
            if (endpoint.HeldPool is { } pool) states.AsSpan(pool.First.Value, pool.Count).Fill(EidState.Taken);
        }

        states.AsSpan(0, 8).Fill(EidState.Taken);
        states[255] = EidState.Taken;
        return states;
    }

    private (int First, int Last) RangeOf(uint network) => Of(network).Range is { } range
        ? (range.First.Value, range.Last.Value)
        : (_controller.Options.DynamicFirst.Value, _controller.Options.DynamicLast.Value);

    private NetworkEids Of(uint network)
    {
        if (!_networks.TryGetValue(network, out NetworkEids? eids)) _networks.Add(network, eids = new NetworkEids());
        return eids;
    }

    private sealed class KeptRoom : IDisposable
    {
        private readonly NetworkEids _eids;
        private readonly EidPool _room;
        private bool _released;

        public KeptRoom(NetworkEids eids, EidPool room)
        {
            _eids = eids;
            _room = room;
            if (room.Count != 0) eids.Kept.Add(room);
            else _released = true;
        }

        public void Dispose()
        {
            if (_released) return;
            _released = true;
            _eids.Kept.Remove(_room);
            TaskCompletionSource waiting = _eids.RoomGivenBack;
            _eids.RoomGivenBack = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            waiting.SetResult();
        }
    }
}
