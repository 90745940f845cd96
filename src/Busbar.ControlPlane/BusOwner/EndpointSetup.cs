// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.ControlPlane;

/// <summary>What mctpd's methods of a link do. One at a time for each physical address; different addresses never wait for each other.</summary>
internal sealed class EndpointSetup
{
    private readonly NetworkController _controller;
    private readonly BusOwner _owner;

    public EndpointSetup(NetworkController controller, BusOwner owner)
    {
        _controller = controller;
        _owner = owner;
    }

    /// <summary>Finds out who is there and gives it an EID if what it has will not do.</summary>
    public async Task<SetupOutcome> SetupAsync(ManagedLink link, PhysicalAddress address)
    {
        using Turns<ResponderKey>.Turn turn = await TakeTurnAsync(link, address);
        GetEndpointIdResponse told = await LookAsync(link, address);
        if (_controller.Endpoints.Find(link.Host.Index, address) is { } known)
        {
            if (known.Eid == told.Eid && (known.Kind == told.Kind || !known.IsKindTold))
            {
                (known.Kind, known.IsKindTold) = (told.Kind, true);
                await _owner.Pools.GrantMissingAsync(known);
                return Outcome(known, isNew: false);
            }

            _controller.Note(NoteSeverity.Information, $"{link.Host.Name}: endpoint {known.Eid} has EID {told.Eid} now and is set up again");
            _owner.Removal.Forget(known, retire: true);
        }

        Eid? reserved = Reserved(link, address);
        bool keeps = told.Kind == EndpointKind.Simple && (reserved is { } eid ? told.Eid == eid : CanKeep(link.Host.Network, told.Eid));
        if (told.Eid.IsAssignable && !keeps && told.Kind == EndpointKind.Simple) _controller.Statistics.Conflicts++;
        ManagedEndpoint endpoint = keeps
            ? await _owner.Assigner.AdoptAsync(link, address, told)
            : await _owner.Assigner.AssignAsync(link, address, new AssignmentOrder { Eid = reserved, Kind = told.Kind });
        return Outcome(endpoint, isNew: true);
    }

    /// <summary>Gives an EID and, to a bridge, a pool.</summary>
    public async Task<SetupOutcome> AssignAsync(ManagedLink link, PhysicalAddress address)
    {
        using Turns<ResponderKey>.Turn turn = await TakeTurnAsync(link, address);
        if (_controller.Endpoints.Find(link.Host.Index, address) is { } known) return Outcome(known, isNew: false);
        return Outcome(await _owner.Assigner.AssignAsync(link, address, new AssignmentOrder { Eid = Reserved(link, address) }), isNew: true);
    }

    /// <summary>Gives a certain EID.</summary>
    public async Task<SetupOutcome> AssignStaticAsync(ManagedLink link, PhysicalAddress address, Eid eid)
    {
        using Turns<ResponderKey>.Turn turn = await TakeTurnAsync(link, address);
        if (KnownWith(link, address, eid) is { } known) return Outcome(known, isNew: false);
        return Outcome(await _owner.Assigner.AssignAsync(link, address, new AssignmentOrder { Eid = eid, GrantsPool = false }), isNew: true);
    }

    /// <summary>Gives a certain EID and pool.</summary>
    public async Task<SetupOutcome> AssignBridgeStaticAsync(ManagedLink link, PhysicalAddress address, Eid eid, Eid poolStart, int poolSize)
    {
        using Turns<ResponderKey>.Turn turn = await TakeTurnAsync(link, address);
        if (KnownWith(link, address, eid) is { } known) return Outcome(known, isNew: false);
        EidPool? pool = poolSize == 0 ? null : StaticPool(link.Host.Network, eid, poolStart, poolSize);
        var order = new AssignmentOrder { Eid = eid, GrantsPool = false, Pool = pool, Kind = EndpointKind.BusOwnerOrBridge };
        return Outcome(await _owner.Assigner.AssignAsync(link, address, order), isNew: true);
    }

    /// <summary>Finds out who is there and takes it as it is.</summary>
    public async Task<SetupOutcome> LearnAsync(ManagedLink link, PhysicalAddress address)
    {
        using Turns<ResponderKey>.Turn turn = await TakeTurnAsync(link, address);
        GetEndpointIdResponse told = await LookAsync(link, address);
        ManagedEndpoint? known = _controller.Endpoints.Find(link.Host.Index, address);
        if (known is not null && known.Eid == told.Eid) return Outcome(known, isNew: true);
        if (told.Eid.IsAssignable && !_controller.Allocator.IsFree(link.Host.Network, told.Eid))
        {
            _controller.Statistics.Conflicts++;
            throw new ControlPlaneException(ControlPlaneError.EidClaimed, $"Endpoint claimed EID {told.Eid} which is already used");
        }

        if (known is not null) _owner.Removal.Forget(known, retire: true);
        if (!told.Eid.IsAssignable) return new SetupOutcome(Eid.Null, link.Host.Network, IsNew: false);
        return Outcome(await _owner.Assigner.AdoptAsync(link, address, told), isNew: true);
    }

    /// <summary>Waits until nobody else sets up who sits at an address.</summary>
    public Task<Turns<ResponderKey>.Turn> TakeTurnAsync(ManagedLink link, PhysicalAddress address) =>
        _owner.Turns.TakeAsync(new ResponderKey(link.Host.Index, address, 0, Eid.Null));

    private static SetupOutcome Outcome(ManagedEndpoint endpoint, bool isNew) => new(endpoint.Eid, endpoint.Network, isNew, endpoint.Pool);

    private async Task<GetEndpointIdResponse> LookAsync(ManagedLink link, PhysicalAddress address)
    {
        var to = new MctpEndPoint(Eid.Null, MessageType.Control, MctpTag.Owner, link.Host.Network, link.Host.Index, address);
        GetEndpointIdResponse told = QueryErrors.Require(await _controller.Queries.AskAsync<GetEndpointIdResponse>(to));
        if (_controller.Links.Find(link.Host.Index) != link) throw new ControlPlaneException(ControlPlaneError.NotFound, $"{link.Host.Name} went meanwhile");
        return told;
    }

    private Eid? Reserved(ManagedLink link, PhysicalAddress address)
    {
        if (_controller.Options.ReservedEid(link.Host, address) is not { } reserved) return null;
        if (_controller.Allocator.IsFree(link.Host.Network, reserved)) return reserved;
        _controller.Statistics.Conflicts++;
        _controller.Note(NoteSeverity.Warning, $"{link.Host.Name}: EID {reserved} is reserved for the endpoint at '{address}', but another has it; it gets one of the others");
        return null;
    }

    private bool CanTake(uint network, Eid eid) => _controller.Allocator.IsFree(network, eid) && !_controller.Allocator.IsReserved(network, eid);

    // What a bridge lets somebody keep must be an EID that lies behind it for everybody above.
    private bool CanKeep(uint network, Eid eid) => CanTake(network, eid) && _controller.Allocator.IsOurs(network, eid);

    private ManagedEndpoint? KnownWith(ManagedLink link, PhysicalAddress address, Eid eid)
    {
        if (!eid.IsAssignable) throw new ControlPlaneException(ControlPlaneError.InvalidArgument, $"Bad EID {eid}: use 8 to 254");
        if (_controller.Endpoints.Find(link.Host.Index, address) is { } known)
        {
            return known.Eid == eid ? known : throw new ControlPlaneException(ControlPlaneError.InvalidArgument, "Already assigned a different EID");
        }

        bool othersReservation = _controller.Allocator.IsReserved(link.Host.Network, eid) && _controller.Options.ReservedEid(link.Host, address) != eid;
        if (_controller.Allocator.IsFree(link.Host.Network, eid) && !othersReservation) return null;
        throw new ControlPlaneException(ControlPlaneError.AddressInUse, "Address in use");
    }

    private EidPool StaticPool(uint network, Eid eid, Eid start, int size)
    {
        if (size is < 0 or > 246) throw new ControlPlaneException(ControlPlaneError.InvalidArgument, $"Bad pool size {size}: use 1 to 246");
        if (start == Eid.Null)
        {
            return _controller.Allocator.PoolFor(network, eid, size) ?? throw new ControlPlaneException(ControlPlaneError.NoFreeEid, "Ran out of EIDs");
        }

        var pool = new EidPool(start, size);
        if (!start.IsAssignable || start.Value + size - 1 > 254 || pool.Contains(eid))
            throw new ControlPlaneException(ControlPlaneError.InvalidArgument, "Bad pool start EID");
        for (int i = 0; i < size; i++)
        {
            if (!CanTake(network, new Eid((byte)(start.Value + i)))) throw new ControlPlaneException(ControlPlaneError.NoFreeEid, "Ran out of EIDs");
        }

        return pool;
    }
}
