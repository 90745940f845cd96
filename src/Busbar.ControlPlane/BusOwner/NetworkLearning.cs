// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.ControlPlane;

/// <summary>Takes endpoints that answer at an EID which a route leads to, as they are.</summary>
internal sealed class NetworkLearning
{
    private readonly NetworkController _controller;
    private readonly BusOwner _owner;

    public NetworkLearning(NetworkController controller, BusOwner owner)
    {
        _controller = controller;
        _owner = owner;
    }

    /// <summary>Asks who is at an EID and takes it.</summary>
    /// <param name="network">The network.</param>
    /// <param name="eid">The EID.</param>
    /// <param name="tries">How often to ask at most; null for the option.</param>
    /// <returns>The endpoint, and whether it was not known before.</returns>
    /// <exception cref="ControlPlaneException">Nobody answers, or nonsense.</exception>
    public async Task<(ManagedEndpoint Endpoint, bool IsNew)> LearnAsync(uint network, Eid eid, int? tries = null)
    {
        using Turns<ResponderKey>.Turn turn = await _owner.Turns.TakeAsync(new ResponderKey(0, default, network, eid));
        if (_controller.Endpoints.Find(network, eid) is { } known) return (known, false);
        var to = new MctpEndPoint(eid, MessageType.Control, MctpTag.Owner, network);
        GetEndpointIdResponse told = QueryErrors.Require(await _controller.Queries.AskAsync<GetEndpointIdResponse>(to, tries));
        if (told.Eid != eid)
        {
            _controller.Statistics.Conflicts++;
            throw new ControlPlaneException(ControlPlaneError.BadAnswer, $"Endpoint at EID {eid} claims EID {told.Eid}");
        }

        if (_controller.Endpoints.Find(network, eid) is { } other) return (other, false);
        ManagedEndpoint endpoint = TryPlace(network, eid, told.Kind);
        _controller.Endpoints.Add(endpoint);
        try
        {
            await _owner.Identity.LearnAsync(endpoint);
            _owner.Assigner.EnsureThere(endpoint);
        }
        catch
        {
            _owner.Removal.Forget(endpoint, retire: false);
            throw;
        }

        _controller.Endpoints.Publish(endpoint);
        return (endpoint, true);
    }

    private ManagedEndpoint TryPlace(uint network, Eid eid, EndpointKind kind)
    {
        try
        {
            return Place(network, eid, kind);
        }
        catch (HostException refused)
        {
            throw new ControlPlaneException(ControlPlaneError.HostRefused, refused.Message, refused);
        }
    }

    // Where the newest route that covers the EID leads.
    private ManagedEndpoint Place(uint network, Eid eid, EndpointKind kind)
    {
        if (_controller.Endpoints.PoolOwner(network, eid) is { } owner) return Behind(owner, network, eid, kind);
        Eid target = eid;
        for (int hops = 0; hops < 8; hops++)
        {
            HostRoute route = _controller.Host.Routes().FirstOrDefault(route => route.Network == network && route.First.Value <= target.Value && target.Value <= route.Last.Value);
            if (route.Gateway != Eid.Null)
            {
                if (_controller.Endpoints.Find(network, route.Gateway) is { IsLocal: false } gateway) return Behind(gateway, network, eid, kind);
                target = route.Gateway;
                continue;
            }

            if (route.Link == 0) break;
            PhysicalAddress address = _controller.Host.Neighbours().FirstOrDefault(neighbour => neighbour.Link == route.Link && neighbour.Eid == target).Address;
            if (_controller.Endpoints.Find(route.Link, address) is { } there) return Behind(there, network, eid, kind);
            return new ManagedEndpoint(network, eid, route.Link, address) { Kind = kind, IsKindTold = true, Mtu = route.Mtu };
        }

        throw new ControlPlaneException(ControlPlaneError.NotFound, $"No route leads to EID {eid} of network {network}");
    }

    private static ManagedEndpoint Behind(ManagedEndpoint bridge, uint network, Eid eid, EndpointKind kind) =>
        new(network, eid, bridge.Link, bridge.Address) { Bridge = bridge, Kind = kind, IsKindTold = true };
}
