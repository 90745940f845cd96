// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.ControlPlane;

/// <summary>Gives bridges their pools: a route first, then Allocate Endpoint IDs, whose answer must say what was asked for.</summary>
internal sealed class PoolGrant
{
    private readonly NetworkController _controller;
    private readonly BusOwner _owner;

    public PoolGrant(NetworkController controller, BusOwner owner)
    {
        _controller = controller;
        _owner = owner;
    }

    /// <summary>Gives a bridge a pool that is claimed for it already. A bridge that does not take it as given has none.</summary>
    /// <param name="bridge">The bridge.</param>
    /// <param name="pool">The pool.</param>
    /// <returns>True when the bridge has it now.</returns>
    public async Task<bool> GrantAsync(ManagedEndpoint bridge, EidPool pool)
    {
        bridge.ClaimedPool = pool;
        TypedAnswer<AllocateEndpointIdsResponse> answer;
        try
        {
            _owner.Plumbing.ConnectPool(bridge, pool);
            answer = await AllocateAsync(bridge, pool);
        }
        catch (ControlPlaneException refused)
        {
            Drop(bridge, pool, refused.Message, mayHold: false);
            return false;
        }

        if (!_controller.Endpoints.Has(bridge)) return false;
        if (answer.Value is not { } taken)
        {
            Drop(bridge, pool, QueryErrors.For(answer.Answer).Message, mayHold: answer.Answer.Outcome is ControlOutcome.TimedOut or ControlOutcome.BadAnswer);
            return false;
        }

        // A bridge that had a pool before us, from an earlier run for instance, says which. What nobody else has it may keep.
        var held = new EidPool(taken.First, taken.PoolSize);
        if (taken.IsRejected && held != pool && CanKeep(bridge, held))
        {
            _controller.Note(NoteSeverity.Information, $"Bridge {bridge.Eid} of network {bridge.Network} keeps the pool that it had before");
            try
            {
                _owner.Plumbing.DisconnectPool(bridge);
                bridge.ClaimedPool = pool = held;
                _owner.Plumbing.ConnectPool(bridge, pool);
            }
            catch (ControlPlaneException refused)
            {
                Drop(bridge, pool, refused.Message, mayHold: true);
                return false;
            }
        }

        if (taken.First != pool.First || taken.PoolSize != pool.Count)
        {
            Drop(bridge, pool, $"it answered {taken.PoolSize} from {taken.First} to an offer of {pool.Count} from {pool.First}", mayHold: true);
            return false;
        }

        bridge.ClaimedPool = null;
        bridge.Pool = pool;
        _controller.Statistics.Pools++;
        _controller.Endpoints.NotifyChanged(bridge, EndpointField.Pool);
        _controller.Note(NoteSeverity.Information, $"Bridge {bridge.Eid} of network {bridge.Network} has the pool {pool.First}..{pool.Last}");
        _owner.Bridges.Begin(bridge);
        return true;
    }

    private bool CanKeep(ManagedEndpoint bridge, EidPool held)
    {
        if (held.Count == 0 || held.Count > _controller.Options.MaximumPoolSize || !held.First.IsAssignable || held.First.Value + held.Count > 255) return false;
        for (int i = 0; i < held.Count; i++)
        {
            var eid = new Eid((byte)(held.First.Value + i));
            EidAllocator allocator = _controller.Allocator;
            bool isOurs = bridge.ClaimedPool is { } claimed && claimed.Contains(eid);
            if ((!isOurs && !allocator.IsFree(bridge.Network, eid)) || allocator.IsReserved(bridge.Network, eid) || !allocator.IsOurs(bridge.Network, eid)) return false;
        }

        return true;
    }

    /// <summary>Tries again with a bridge that wants a pool and has none, because its answer was lost or no room was free.</summary>
    /// <param name="bridge">The bridge; anybody else is left alone.</param>
    public async Task GrantMissingAsync(ManagedEndpoint bridge)
    {
        if (bridge.PoolWanted == 0 || bridge.HeldPool is not null || !_controller.Endpoints.Has(bridge)) return;
        if (_controller.Allocator.PoolBehind(bridge, bridge.PoolWanted) is { } pool) await GrantAsync(bridge, pool);
    }

    private Task<TypedAnswer<AllocateEndpointIdsResponse>> AllocateAsync(ManagedEndpoint bridge, EidPool pool) =>
        _controller.Queries.AskAsync<AllocateEndpointIdsRequest, AllocateEndpointIdsResponse>(
            bridge.ByRoute, new AllocateEndpointIdsRequest(AllocateEndpointIdsOperation.Allocate, (byte)pool.Count, pool.First));

    private void Drop(ManagedEndpoint bridge, EidPool pool, string why, bool mayHold)
    {
        _owner.Plumbing.DisconnectPool(bridge);
        bridge.ClaimedPool = null;
        if (mayHold) _controller.Allocator.Retire(bridge.Network, pool);
        _controller.Statistics.PoolsRefused++;
        _controller.Note(NoteSeverity.Warning, $"Bridge {bridge.Eid} of network {bridge.Network} gets no pool: {why}");
    }
}
