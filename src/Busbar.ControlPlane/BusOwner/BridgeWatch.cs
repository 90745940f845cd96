// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.ControlPlane;

/// <summary>
/// Finds out what lies behind bridges: by their routing tables, read often while they change and seldom afterwards, and, where the options say so, by asking all EIDs of a
/// pool. What was found is asked now and then whether it is still there.
/// </summary>
internal sealed class BridgeWatch
{
    private const int TriesForListed = 2;
    private static readonly TimeSpan s_shortest = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(10);

    private readonly NetworkController _controller;
    private readonly BusOwner _owner;
    private readonly RoutingTableReader _tables;
    private readonly HashSet<ManagedEndpoint> _followed = [];
    private readonly HashSet<ManagedEndpoint> _polled = [];

    public BridgeWatch(NetworkController controller, BusOwner owner)
    {
        _controller = controller;
        _owner = owner;
        _tables = new RoutingTableReader(controller);
    }

    /// <summary>Begins to look behind a bridge that has a pool; again, when it was being looked at already, does nothing.</summary>
    /// <param name="bridge">The bridge.</param>
    public void Begin(ManagedEndpoint bridge)
    {
        if (_followed.Add(bridge)) _controller.Background.Run($"Reading the routing table of bridge {bridge.Eid}", () => FollowTableAsync(bridge));
        if (bridge.Bridge is null && PollInterval > TimeSpan.Zero && _polled.Add(bridge))
            _controller.Background.Run($"Polling behind bridge {bridge.Eid}", () => PollAsync(bridge));
    }

    private TimeSpan PollInterval => _controller.Options.EndpointPoll > TimeSpan.Zero ? _controller.Options.EndpointPoll
        : _controller.Options.AutoDiscover ? s_longest
        : TimeSpan.Zero;

    private bool IsWatched(ManagedEndpoint bridge) => bridge.Pool is not null && _controller.Endpoints.Has(bridge);

    private async Task FollowTableAsync(ManagedEndpoint bridge)
    {
        try
        {
            TimeSpan pause = s_shortest;
            string? complaint = null;
            while (IsWatched(bridge))
            {
                TableReading reading = await _tables.ReadAsync(bridge);
                if (!IsWatched(bridge) || reading.IsUnsupported) return;
                if (reading.Complaint is { } text && text != complaint)
                    _controller.Note(NoteSeverity.Warning, $"The routing table of bridge {bridge.Eid} of network {bridge.Network} {text}");
                complaint = reading.Complaint;
                bool changed = reading.Entries is { } entries && await TakeTableAsync(bridge, entries);
                pause = changed ? s_shortest : pause * 2;
                if (pause > s_longest) pause = s_longest;
                if (pause == s_longest && PollInterval == TimeSpan.Zero) return;
                if (!await _controller.Background.IdlePauseAsync(pause)) return;
            }
        }
        finally
        {
            _followed.Remove(bridge);
        }
    }

    private async Task<bool> TakeTableAsync(ManagedEndpoint bridge, IReadOnlyList<RoutingTableEntry> entries)
    {
        bool changed = !bridge.RoutingTable.SequenceEqual(entries);
        if (changed)
        {
            IEnumerable<Eid> before = Listed(bridge, static _ => true).ToArray();
            bridge.RoutingTable = entries;
            _controller.Endpoints.NotifyChanged(bridge, EndpointField.Pool);

            // That a bridge stops naming an endpoint is a reason to ask, not to believe it.
            var now = Listed(bridge, static _ => true).ToHashSet();
            foreach (Eid eid in before.Where(eid => !now.Contains(eid)))
            {
                if (_controller.Endpoints.Find(bridge.Network, eid) is { IsPublished: true } missing && missing.Bridge == bridge) await CheckAsync(missing);
            }
        }

        // Bridges first, so that those behind them find them there.
        bool found = await LearnAsync(bridge, Listed(bridge, static kind => kind is RoutingEntryKind.Bridge or RoutingEntryKind.RangeWithBridge));
        TakeNestedPools(bridge);
        found |= await LearnAsync(bridge, Listed(bridge, static _ => true));
        return changed || found;
    }

    // The EIDs of its own pool that a bridge's table names one by one. Members of a range behind a further bridge are that bridge's to name.
    private static IEnumerable<Eid> Listed(ManagedEndpoint bridge, Func<RoutingEntryKind, bool> wanted)
    {
        foreach (RoutingTableEntry entry in bridge.RoutingTable)
        {
            if (!wanted(entry.Kind) || entry.Kind == RoutingEntryKind.RangeWithoutBridge) continue;
            int count = entry.Kind == RoutingEntryKind.RangeWithBridge ? 1 : entry.Count;
            for (int i = 0; i < count; i++)
            {
                var eid = new Eid((byte)(entry.First.Value + i));
                if (bridge.Pool is { } pool && pool.Contains(eid)) yield return eid;
            }
        }
    }

    private async Task<bool> LearnAsync(ManagedEndpoint bridge, IEnumerable<Eid> eids)
    {
        Eid[] unknown = [.. eids.Where(eid => _controller.Endpoints.Find(bridge.Network, eid) is null).Distinct()];
        bool found = false;
        await Staggered.ForEachAsync(_controller.Background, unknown, async eid => found |= await TryLearnAsync(bridge, eid, TriesForListed));
        return found;
    }

    private async Task<bool> TryLearnAsync(ManagedEndpoint bridge, Eid eid, int tries)
    {
        if (!IsWatched(bridge)) return false;
        try
        {
            return (await _owner.Learning.LearnAsync(bridge.Network, eid, tries)).IsNew;
        }
        catch (ControlPlaneException failure)
        {
            NoteSeverity severity = failure.Error == ControlPlaneError.NoAnswer ? NoteSeverity.Debug : NoteSeverity.Warning;
            _controller.Note(severity, $"EID {eid} behind bridge {bridge.Eid} of network {bridge.Network}: {failure.Message}");
            return false;
        }
    }

    private void TakeNestedPools(ManagedEndpoint bridge)
    {
        foreach (RoutingTableEntry entry in bridge.RoutingTable)
        {
            if (entry.Kind is not (RoutingEntryKind.RangeWithBridge or RoutingEntryKind.RangeWithoutBridge)) continue;
            Eid head = entry.Kind == RoutingEntryKind.RangeWithBridge
                ? entry.First
                : bridge.RoutingTable.FirstOrDefault(other => other.Kind == RoutingEntryKind.Bridge && other.Port == entry.Port && other.Address == entry.Address).First;
            EidPool pool = entry.Kind == RoutingEntryKind.RangeWithBridge
                ? new EidPool(new Eid((byte)(entry.First.Value + 1)), entry.Count - 1)
                : new EidPool(entry.First, entry.Count);
            if (pool.Count > 0 && _controller.Endpoints.Find(bridge.Network, head) is { } nested && nested.Bridge == bridge) TakeNestedPool(bridge, nested, pool);
        }
    }

    private void TakeNestedPool(ManagedEndpoint bridge, ManagedEndpoint nested, EidPool pool)
    {
        if (nested.Pool == pool) return;
        bool isInside = bridge.Pool is { } outer && outer.Contains(pool.First) && outer.Contains(pool.Last) && !pool.Contains(nested.Eid);
        bool overlaps = _controller.Endpoints.In(bridge.Network).Any(other => other != nested && other.Bridge == bridge && other.Pool is { } theirs && theirs.Overlaps(pool));
        if (!isInside || overlaps)
        {
            _controller.Statistics.BridgeLies++;
            _controller.Note(
                NoteSeverity.Warning,
                $"Bridge {bridge.Eid} of network {bridge.Network} says that bridge {nested.Eid} holds {pool.First}..{pool.Last}, "
                + (isInside ? "which overlaps the pool of another; ignored" : "which is not part of its own pool; ignored"));
            return;
        }

        nested.Pool = pool;
        _controller.Endpoints.NotifyChanged(nested, EndpointField.Pool);
        Begin(nested);
    }

    private async Task PollAsync(ManagedEndpoint bridge)
    {
        try
        {
            // Who is asked for by polling is asked for at once; who is known already has just answered.
            bool isFirst = _controller.Options.EndpointPoll > TimeSpan.Zero;
            while ((isFirst || await _controller.Background.IdlePauseAsync(PollInterval)) && PollInterval > TimeSpan.Zero && IsWatched(bridge) && bridge.Pool is { } pool)
            {
                isFirst = false;
                ManagedEndpoint[] known = [.. _controller.Endpoints.In(bridge.Network).Where(endpoint =>
                    endpoint.Bridge is not null && pool.Contains(endpoint.Eid) && endpoint is { IsPublished: true, Connectivity: Connectivity.Available })];
                if (_controller.Options.EndpointPoll > TimeSpan.Zero)
                {
                    Eid[] unknown = [.. Enumerable.Range(pool.First.Value, pool.Count).Select(static eid => new Eid((byte)eid))
                        .Where(eid => _controller.Endpoints.Find(bridge.Network, eid) is null)];
                    _controller.Statistics.Polls += unknown.Length;
                    await Staggered.ForEachAsync(_controller.Background, unknown, eid => TryLearnAsync(bridge, eid, tries: 1));
                }

                await Staggered.ForEachAsync(_controller.Background, known, CheckAsync);
            }
        }
        finally
        {
            _polled.Remove(bridge);
        }
    }

    private async Task CheckAsync(ManagedEndpoint endpoint)
    {
        if (!_controller.Endpoints.Has(endpoint)) return;
        _controller.Statistics.Polls++;
        TypedAnswer<GetEndpointIdResponse> answer = await _controller.Queries.AskAsync<GetEndpointIdResponse>(endpoint.ByRoute, tries: 1);
        if (!_controller.Endpoints.Has(endpoint) || (answer.Value is { } told && told.Eid == endpoint.Eid)) return;
        _owner.Recovery.Begin(endpoint);
    }
}
