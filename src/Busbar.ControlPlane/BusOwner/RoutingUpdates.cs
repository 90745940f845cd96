// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.ControlPlane;

/// <summary>
/// Tells bridges who else is there, by Routing Information Update: our own EIDs, the endpoints of their bus, other bridges with their pools, and what we forward to on other
/// links. Changes are gathered for a moment and sent once; a bridge that does not take them is left alone.
/// </summary>
internal sealed class RoutingUpdates
{
    private const int FixedEntryPart = 3;
    private static readonly TimeSpan s_gathering = TimeSpan.FromMilliseconds(100);

    private readonly NetworkController _controller;
    private readonly Dictionary<ManagedEndpoint, HashSet<RoutingUpdateEntry>> _told = [];
    private readonly HashSet<ManagedEndpoint> _deaf = [];
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
    public void Forget(ManagedEndpoint endpoint)
    {
        _told.Remove(endpoint);
        _deaf.Remove(endpoint);
    }

    /// <summary>Something changed that bridges below us should know.</summary>
    /// <param name="network">Where.</param>
    public void RoutesChanged(uint network)
    {
        if (!Bridges(network).Any() || !_pending.Add(network)) return;
        _controller.Background.Run($"Routing updates in network {network}", () => SendAsync(network));
    }

    private IEnumerable<ManagedEndpoint> Bridges(uint network) => _controller.Endpoints.In(network).Where(endpoint =>
        endpoint is { IsPublished: true, IsLocal: false, Bridge: null, Pool: not null } && !_deaf.Contains(endpoint)
        && _controller.Links.Find(endpoint.Link)?.Role == LinkRole.BusOwner);

    private async Task SendAsync(uint network)
    {
        bool goesOn = await _controller.Background.PauseAsync(s_gathering);
        _pending.Remove(network);
        if (goesOn) await Task.WhenAll(Bridges(network).ToArray().Select(TellAsync));
    }

    private async Task TellAsync(ManagedEndpoint bridge)
    {
        if (_controller.Links.Find(bridge.Link)?.Host is not { } link) return;
        if (!_told.TryGetValue(bridge, out HashSet<RoutingUpdateEntry>? told)) _told.Add(bridge, told = []);
        HashSet<RoutingUpdateEntry> current = [.. EntriesFor(bridge, link)];
        told.IntersectWith(current);
        int most = (ControlHeader.LargestMessage - ControlHeader.Size - 1) / (FixedEntryPart + link.Address.Length);
        foreach (RoutingUpdateEntry[] part in current.Where(entry => !told.Contains(entry)).Chunk(most))
        {
            if (!_controller.Endpoints.Has(bridge)) return;
            ControlAnswer answer = await AskAsync(bridge, new RoutingInformationUpdateRequest(part));
            if (answer.IsSuccess)
            {
                _controller.Statistics.RoutingUpdates++;
                told.UnionWith(part);
                continue;
            }

            _controller.Statistics.RoutingUpdatesRefused++;
            if (answer.Outcome == ControlOutcome.Answered) _deaf.Add(bridge);
            _controller.Note(
                answer.Code == CompletionCode.UnsupportedCommand ? NoteSeverity.Debug : NoteSeverity.Warning,
                $"Bridge {bridge.Eid} of network {bridge.Network} does not take routing updates: {Why(answer)}");
            return;
        }

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
