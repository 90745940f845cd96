// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.ControlPlane;

/// <summary>
/// Tells bridges who else is there, by Routing Information Update: our own EIDs, the endpoints of their bus, other bridges with their pools, and what we forward to on other
/// links. Changes are gathered for a moment and sent once. A bridge that does not know the command is left alone; one that does not take an update is told again, at growing distances
/// and whenever something changes.
/// </summary>
internal sealed class RoutingUpdates
{
    private const int FixedEntryPart = 3;
    private static readonly TimeSpan s_gathering = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromMinutes(5);

    private readonly NetworkController _controller;
    private readonly Dictionary<ManagedEndpoint, ToldBridge> _told = [];
    private readonly HashSet<uint> _pending = [];

    public RoutingUpdates(NetworkController controller)
    {
        _controller = controller;
        controller.Endpoints.Published += endpoint => RoutesChanged(endpoint.Network);
        controller.Endpoints.Removed += Forget;
        controller.Endpoints.Changed += (endpoint, field) =>
        {
            if (field == EndpointField.Pool) RoutesChanged(endpoint.Network);
        };
    }

    /// <summary>Forgets what a bridge was told: it went, or was reset.</summary>
    /// <param name="endpoint">The bridge; others do no harm.</param>
    public void Forget(ManagedEndpoint endpoint) => _told.Remove(endpoint);

    /// <summary>Something changed that bridges below us should know.</summary>
    /// <param name="network">Where.</param>
    public void RoutesChanged(uint network)
    {
        if (!Bridges(network).Any() || !_pending.Add(network)) return;
        _controller.Background.Run($"Routing updates in network {network}", () => SendAsync(network));
    }

    private IEnumerable<ManagedEndpoint> Bridges(uint network) => _controller.Endpoints.In(network).Where(endpoint =>
        endpoint is { IsPublished: true, IsLocal: false, Bridge: null, Pool: not null } && !(_told.TryGetValue(endpoint, out ToldBridge? told) && told.IsDeaf)
        && _controller.Links.Find(endpoint.Link)?.Role == LinkRole.BusOwner);

    private async Task SendAsync(uint network)
    {
        bool goesOn = await _controller.Background.PauseAsync(s_gathering);
        _pending.Remove(network);
        if (goesOn) await Task.WhenAll(Bridges(network).ToArray().Select(TellAsync));
    }

    // One at a time for each bridge, so that nothing older ever follows something newer.
    private async Task TellAsync(ManagedEndpoint bridge)
    {
        if (!_told.TryGetValue(bridge, out ToldBridge? told)) _told.Add(bridge, told = new ToldBridge());
        told.IsOutdated = true;
        if (told.IsBeingTold) return;
        told.IsBeingTold = true;
        try
        {
            while (told.IsOutdated && IsCurrent(bridge, told))
            {
                told.IsOutdated = false;
                if (!await TellOnceAsync(bridge, told)) return;
            }
        }
        finally
        {
            told.IsBeingTold = false;
        }
    }

    private bool IsCurrent(ManagedEndpoint bridge, ToldBridge told) => _controller.Endpoints.Has(bridge) && _told.TryGetValue(bridge, out ToldBridge? now) && now == told;

    // False when the bridge did not take it.
    private async Task<bool> TellOnceAsync(ManagedEndpoint bridge, ToldBridge told)
    {
        if (_controller.Links.Find(bridge.Link)?.Host is not { } link) return false;
        HashSet<RoutingUpdateEntry> current = [.. EntriesFor(bridge, link)];
        told.Entries.IntersectWith(current);
        int most = (ControlHeader.LargestMessage - ControlHeader.Size - 1) / (FixedEntryPart + link.Address.Length);
        foreach (RoutingUpdateEntry[] part in current.Where(entry => !told.Entries.Contains(entry)).Chunk(most))
        {
            // What changed meanwhile makes the rest of this list old.
            if (told.IsOutdated || !IsCurrent(bridge, told)) return true;
            ControlAnswer answer = await AskAsync(bridge, new RoutingInformationUpdateRequest(part));
            if (!answer.IsSuccess)
            {
                if (IsCurrent(bridge, told)) Refused(bridge, told, answer);
                return false;
            }

            _controller.Statistics.RoutingUpdates++;
            told.Entries.UnionWith(part);
            told.Refusals = 0;
        }

        return true;
    }

    private void Refused(ManagedEndpoint bridge, ToldBridge told, in ControlAnswer answer)
    {
        _controller.Statistics.RoutingUpdatesRefused++;
        told.IsDeaf = answer is { Outcome: ControlOutcome.Answered, Code: CompletionCode.UnsupportedCommand };
        if (told.Refusals++ == 0)
        {
            _controller.Note(
                told.IsDeaf ? NoteSeverity.Debug : NoteSeverity.Warning, $"Bridge {bridge.Eid} of network {bridge.Network} does not take routing updates: {Why(answer)}");
        }

        if (told.IsDeaf || told.IsTriedAgain || answer.Outcome == ControlOutcome.Cancelled) return;
        told.IsTriedAgain = true;
        _controller.Background.Run($"Routing updates of bridge {bridge.Eid} once more", () => TryAgainAsync(bridge, told));
    }

    private async Task TryAgainAsync(ManagedEndpoint bridge, ToldBridge told)
    {
        // A reset bridge is told by those who set it up again.
        TimeSpan pause = _controller.Options.Reclaim * Math.Pow(2, Math.Min(told.Refusals - 1, 8));
        bool goesOn = await _controller.Background.IdlePauseAsync(pause < s_longestPause ? pause : s_longestPause);
        told.IsTriedAgain = false;
        if (goesOn && IsCurrent(bridge, told) && Bridges(bridge.Network).Contains(bridge)) await TellAsync(bridge);
    }

    private static string Why(in ControlAnswer answer) => answer.Code == CompletionCode.CommandSpecific ? "its table is full" : QueryErrors.For(answer).Message;

    private async Task<ControlAnswer> AskAsync(ManagedEndpoint bridge, RoutingInformationUpdateRequest request)
    {
        byte[] data = new byte[ControlHeader.LargestMessage];
        int length = request.Emit(data);
        return await _controller.Queries.AskAsync(bridge.ByRoute, ControlCommand.RoutingInformationUpdate, data.AsMemory(0, length));
    }

    private IEnumerable<RoutingUpdateEntry> EntriesFor(ManagedEndpoint bridge, HostLink link)
    {
        foreach (ManagedEndpoint endpoint in _controller.Endpoints.In(bridge.Network))
        {
            // Those behind bridges are part of their bridges' ranges.
            if (endpoint == bridge || endpoint.Bridge is not null || !endpoint.IsPublished) continue;
            bool isOnTheSameBus = endpoint.Link == link.Index && !endpoint.IsLocal;
            PhysicalAddress address = isOnTheSameBus ? endpoint.Address : link.Address;
            if (address.Length != link.Address.Length) continue;
            bool isBridge = endpoint.IsLocal || endpoint.Kind == EndpointKind.BusOwnerOrBridge;
            if (endpoint.Pool is not { } pool)
            {
                yield return new RoutingUpdateEntry(isBridge ? RoutingEntryKind.Bridge : RoutingEntryKind.Endpoint, 1, endpoint.Eid, address);
            }
            else if (pool.First.Value == endpoint.Eid.Value + 1)
            {
                yield return new RoutingUpdateEntry(RoutingEntryKind.RangeWithBridge, (byte)(pool.Count + 1), endpoint.Eid, address);
            }
            else
            {
                yield return new RoutingUpdateEntry(RoutingEntryKind.Bridge, 1, endpoint.Eid, address);
                yield return new RoutingUpdateEntry(RoutingEntryKind.RangeWithoutBridge, (byte)pool.Count, pool.First, address);
            }
        }

        // What our own bus owner told us lies behind us, as seen from below.
        foreach (RoutingUpdateEntry above in _controller.Bridge.Above(bridge.Network)) yield return above with { Address = link.Address };
    }
}
