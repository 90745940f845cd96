// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.ControlPlane;

/// <summary>Gives an endpoint its EID, makes it reachable, learns what it is, publishes it, and gives it its pool. A step that fails undoes those before it.</summary>
internal sealed class EidAssigner
{
    private readonly NetworkController _controller;
    private readonly BusOwner _owner;

    public EidAssigner(NetworkController controller, BusOwner owner)
    {
        _controller = controller;
        _owner = owner;
    }

    /// <summary>Gives an EID to whoever sits at a physical address.</summary>
    /// <param name="link">The link.</param>
    /// <param name="address">The address; nobody is recorded there.</param>
    /// <param name="order">What to give.</param>
    public async Task<ManagedEndpoint> AssignAsync(ManagedLink link, PhysicalAddress address, AssignmentOrder order)
    {
        bool needsRoom = order.Eid is null && order.GrantsPool && order.Kind != EndpointKind.Simple;
        if (needsRoom)
        {
            await _controller.Allocator.AwaitRoomAsync(link.Host.Network);
            if (_controller.Links.Find(link.Host.Index) != link) throw new ControlPlaneException(ControlPlaneError.NotFound, $"{link.Host.Name} went meanwhile");
        }

        Eid eid = order.Eid
            ?? _controller.Allocator.Pick(link.Host.Network, needsRoom)
            ?? throw new ControlPlaneException(ControlPlaneError.NoFreeEid, "Ran out of EIDs");
        var endpoint = new ManagedEndpoint(link.Host.Network, eid, link.Host.Index, address)
        {
            Kind = order.Kind ?? EndpointKind.Simple,
            IsKindTold = order.Kind is not null,
            ClaimedPool = order.Pool,
        };
        _controller.Endpoints.Add(endpoint);
        IDisposable? room = order.Eid is null && order.Kind != EndpointKind.Simple ? _controller.Allocator.KeepRoom(endpoint) : null;

        // Until an answer says no, the endpoint may have taken the EID.
        bool mayHoldEid = true;
        try
        {
            _owner.Plumbing.Connect(endpoint);
            SetEndpointIdResponse set = await SetAsync(endpoint, held => mayHoldEid = held);
            if (set.Pool != EidPoolStatus.None) endpoint.Kind = EndpointKind.BusOwnerOrBridge;
            if (set.Eid != endpoint.Eid) endpoint = Adopt(endpoint, set.Eid);
            else ClaimPool(endpoint, set, order);
            room?.Dispose();
            return await CompleteAsync(endpoint);
        }
        catch
        {
            _owner.Removal.Forget(endpoint, retire: mayHoldEid);
            throw;
        }
        finally
        {
            room?.Dispose();
        }
    }

    /// <summary>Takes an endpoint with the EID that it has already.</summary>
    /// <param name="link">The link.</param>
    /// <param name="address">The address; nobody is recorded there.</param>
    /// <param name="told">What it said; its EID is free.</param>
    public async Task<ManagedEndpoint> AdoptAsync(ManagedLink link, PhysicalAddress address, GetEndpointIdResponse told)
    {
        var endpoint = new ManagedEndpoint(link.Host.Network, told.Eid, link.Host.Index, address) { Kind = told.Kind, IsKindTold = true };
        _controller.Endpoints.Add(endpoint);
        try
        {
            _owner.Plumbing.Connect(endpoint);
            return await CompleteAsync(endpoint);
        }
        catch
        {
            _owner.Removal.Forget(endpoint, retire: true);
            throw;
        }
    }

    /// <summary>Throws when an endpoint was removed while something was awaited.</summary>
    /// <param name="endpoint">The endpoint.</param>
    public void EnsureThere(ManagedEndpoint endpoint)
    {
        if (!_controller.Endpoints.Has(endpoint)) throw new ControlPlaneException(ControlPlaneError.NotFound, $"Endpoint {endpoint.Eid} was removed meanwhile");
    }

    private async Task<SetEndpointIdResponse> SetAsync(ManagedEndpoint endpoint, Action<bool> mayHoldEid)
    {
        TypedAnswer<SetEndpointIdResponse> answer = await _controller.Queries.AskAsync<SetEndpointIdRequest, SetEndpointIdResponse>(
            endpoint.ByAddress, new SetEndpointIdRequest(SetEndpointIdOperation.Set, endpoint.Eid));
        mayHoldEid(answer.Value is not null || answer.Answer.Outcome is ControlOutcome.TimedOut or ControlOutcome.BadAnswer);
        EnsureThere(endpoint);
        SetEndpointIdResponse set = QueryErrors.Require(answer);
        if (!set.Eid.IsAssignable) throw new ControlPlaneException(ControlPlaneError.BadAnswer, "Endpoint returned failure to Set Endpoint ID");
        return set;
    }

    private ManagedEndpoint Adopt(ManagedEndpoint endpoint, Eid eid)
    {
        _controller.Statistics.Conflicts++;
        if (!_controller.Allocator.IsFree(endpoint.Network, eid) || _controller.Allocator.IsReserved(endpoint.Network, eid)
            || !_controller.Allocator.IsOurs(endpoint.Network, eid))
        {
            throw new ControlPlaneException(
                ControlPlaneError.EidInsisted, $"Endpoint requested EID {eid} instead of assigned {endpoint.Eid}, already used");
        }

        _controller.Note(NoteSeverity.Warning, $"Endpoint {endpoint.Eid} of network {endpoint.Network} insists on EID {eid}, which is free; it keeps that and gets no pool");
        var adopted = new ManagedEndpoint(endpoint.Network, eid, endpoint.Link, endpoint.Address) { Kind = endpoint.Kind, IsKindTold = endpoint.IsKindTold };
        _owner.Removal.Forget(endpoint, retire: false);
        _controller.Endpoints.Add(adopted);
        try
        {
            _owner.Plumbing.Connect(adopted);
        }
        catch
        {
            _owner.Removal.Forget(adopted, retire: true);
            throw;
        }

        return adopted;
    }

    private void ClaimPool(ManagedEndpoint endpoint, in SetEndpointIdResponse set, in AssignmentOrder order)
    {
        if (endpoint.ClaimedPool is not null || !order.GrantsPool || set.PoolSize == 0 || set.Pool == EidPoolStatus.None || set.IsRejected) return;
        endpoint.PoolWanted = set.PoolSize;
        endpoint.ClaimedPool = _controller.Allocator.PoolBehind(endpoint, set.PoolSize);
        if (endpoint.ClaimedPool is null)
        {
            _controller.Note(NoteSeverity.Warning, $"Bridge {endpoint.Eid} of network {endpoint.Network} wants {set.PoolSize} EIDs, and none behind its own is free");
        }
        else if (endpoint.ClaimedPool.Value.Count < set.PoolSize)
        {
            _controller.Note(
                NoteSeverity.Warning,
                $"Bridge {endpoint.Eid} of network {endpoint.Network} wants {set.PoolSize} EIDs and gets {endpoint.ClaimedPool.Value.Count}");
        }
    }

    private async Task<ManagedEndpoint> CompleteAsync(ManagedEndpoint endpoint)
    {
        try
        {
            await _owner.Identity.LearnAsync(endpoint);
            EnsureThere(endpoint);
        }
        catch
        {
            _owner.Removal.Forget(endpoint, retire: true);
            throw;
        }

        _controller.Statistics.Assignments++;
        _controller.Endpoints.Publish(endpoint);
        EnsureThere(endpoint);
        _controller.Note(NoteSeverity.Information, $"Endpoint {endpoint.Eid} of network {endpoint.Network} is set up");
        if (endpoint.ClaimedPool is { } pool) await _owner.Pools.GrantAsync(endpoint, pool);
        return endpoint;
    }
}
