// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.ControlPlane;

/// <summary>
/// Finds out whether an endpoint that was reported silent is still there, was reset, was exchanged, or is gone (DSP0236, recovery and reclaim; three tries over TRECLAIM).
/// </summary>
internal sealed class EndpointRecovery
{
    private const int Polls = 3;

    private readonly NetworkController _controller;
    private readonly BusOwner _owner;
    private readonly HashSet<ManagedEndpoint> _running = [];

    public EndpointRecovery(NetworkController controller, BusOwner owner)
    {
        _controller = controller;
        _owner = owner;
    }

    /// <summary>Marks an endpoint degraded and begins to look for it. One that is being looked for already is left alone.</summary>
    /// <param name="endpoint">On a link, or behind a bridge; not one of our own.</param>
    public void Begin(ManagedEndpoint endpoint)
    {
        if (!_running.Add(endpoint)) return;
        _controller.Statistics.Recoveries++;
        endpoint.Connectivity = Connectivity.Degraded;
        _controller.Endpoints.NotifyChanged(endpoint, EndpointField.Connectivity);
        _controller.Background.Run($"Recovery of endpoint {endpoint.Eid}", () => RecoverAsync(endpoint));
    }

    private async Task RecoverAsync(ManagedEndpoint endpoint)
    {
        try
        {
            for (int poll = 0; poll < Polls; poll++)
            {
                if (poll != 0 && !await _controller.Background.PauseAsync((_controller.Options.Reclaim / 2) - _controller.Options.MessageTimeout)) return;
                if (!_controller.Endpoints.Has(endpoint) || _controller.Links.Find(endpoint.Link) is not { } link) return;
                if (endpoint.Bridge is null ? await PollAsync(link, endpoint) : await PollBehindAsync(endpoint)) return;
            }

            _controller.Statistics.EndpointsLost++;
            _controller.Note(NoteSeverity.Warning, $"Endpoint {endpoint.Eid} of network {endpoint.Network} does not answer any more and is removed");
            _owner.Removal.Forget(endpoint, retire: true);
            if (endpoint.Bridge is null && endpoint.Address.Length == 0 && _controller.Links.Find(endpoint.Link) is { } pointToPoint) _owner.Discovery.Look(pointToPoint);
        }
        finally
        {
            _running.Remove(endpoint);
        }
    }

    // True when the question is settled.
    private async Task<bool> PollAsync(ManagedLink link, ManagedEndpoint endpoint)
    {
        using Turns<ResponderKey>.Turn turn = await _owner.Setup.TakeTurnAsync(link, endpoint.Address);
        if (!_controller.Endpoints.Has(endpoint)) return true;
        TypedAnswer<GetEndpointIdResponse> answer = await _controller.Queries.AskAsync<GetEndpointIdResponse>(endpoint.ByAddress, tries: 1);
        if (!_controller.Endpoints.Has(endpoint)) return true;
        if (answer.Value is not { } told) return false;
        await JudgeAsync(link, endpoint, told);
        return true;
    }

    // Behind a bridge there is no address but the EID, and its bridge assigns that: whoever has it is either the same or somebody else.
    private async Task<bool> PollBehindAsync(ManagedEndpoint endpoint)
    {
        TypedAnswer<GetEndpointIdResponse> answer = await _controller.Queries.AskAsync<GetEndpointIdResponse>(endpoint.ByRoute, tries: 1);
        if (!_controller.Endpoints.Has(endpoint)) return true;
        if (answer.Value is not { } told || told.Eid != endpoint.Eid) return false;
        Guid? uuid = endpoint.Uuid is null ? null : await _owner.Identity.UuidAsync(endpoint.ByRoute);
        if (!_controller.Endpoints.Has(endpoint)) return true;
        if (uuid is null || uuid == endpoint.Uuid)
        {
            MakeAvailable(endpoint);
            return true;
        }

        _controller.Note(NoteSeverity.Information, $"Endpoint {endpoint.Eid} of network {endpoint.Network} was exchanged for another");
        _controller.Statistics.EndpointsExchanged++;
        _owner.Removal.Forget(endpoint, retire: true);
        await _owner.Learning.LearnAsync(endpoint.Network, endpoint.Eid);
        return true;
    }

    private async Task JudgeAsync(ManagedLink link, ManagedEndpoint endpoint, GetEndpointIdResponse told)
    {
        Guid? uuid = endpoint.Uuid is null ? null : await _owner.Identity.UuidAsync(endpoint.ByAddress);
        if (!_controller.Endpoints.Has(endpoint)) return;
        bool same = told.Eid == endpoint.Eid ? uuid is null || uuid == endpoint.Uuid : uuid is not null && uuid == endpoint.Uuid;
        if (same && told.Eid == endpoint.Eid)
        {
            MakeAvailable(endpoint);
            await _owner.Pools.GrantMissingAsync(endpoint);
            return;
        }

        if (same && await SetAgainAsync(endpoint)) return;
        if (!_controller.Endpoints.Has(endpoint)) return;
        _controller.Note(NoteSeverity.Information, $"{link.Host.Name}: endpoint {endpoint.Eid} was exchanged for another");
        _controller.Statistics.EndpointsExchanged++;
        Eid? reserved = endpoint.Eid == _controller.Options.ReservedEid(link.Host, endpoint.Address) ? endpoint.Eid : null;
        _owner.Removal.Forget(endpoint, retire: true);
        await _owner.Assigner.AssignAsync(link, endpoint.Address, new AssignmentOrder { Kind = told.Kind, Eid = reserved });
    }

    private async Task<bool> SetAgainAsync(ManagedEndpoint endpoint)
    {
        TypedAnswer<SetEndpointIdResponse> answer = await _controller.Queries.AskAsync<SetEndpointIdRequest, SetEndpointIdResponse>(
            endpoint.ByAddress, new SetEndpointIdRequest(SetEndpointIdOperation.Set, endpoint.Eid));
        if (!_controller.Endpoints.Has(endpoint)) return true;
        if (answer.Value is not { } set || set.Eid != endpoint.Eid) return false;
        MakeAvailable(endpoint);

        // A bridge that was reset has forgotten its pool, too.
        if (endpoint.Pool is { } pool) await RestorePoolAsync(endpoint, pool);
        return true;
    }

    private async Task RestorePoolAsync(ManagedEndpoint bridge, EidPool pool)
    {
        _owner.Plumbing.DisconnectPool(bridge);
        _owner.Updates.Forget(bridge);
        bridge.Pool = null;
        bool restored = await _owner.Pools.GrantAsync(bridge, pool);
        foreach (ManagedEndpoint behind in _controller.Endpoints.In(bridge.Network).Where(other => other.Bridge == bridge).ToArray())
        {
            // The bridge assigned its EIDs anew: each may be another device's now.
            if (restored) Begin(behind);
            else _owner.Removal.Forget(behind, retire: true);
        }

        if (!restored) _controller.Endpoints.NotifyChanged(bridge, EndpointField.Pool);
    }

    private void MakeAvailable(ManagedEndpoint endpoint)
    {
        endpoint.Connectivity = Connectivity.Available;
        _controller.Endpoints.NotifyChanged(endpoint, EndpointField.Connectivity);
    }
}
