// SPDX-License-Identifier: Apache-2.0
namespace Busbar.ControlPlane;

/// <summary>Forgets endpoints with all that leads to them; those behind a bridge go with it.</summary>
internal sealed class EndpointRemoval
{
    private readonly NetworkController _controller;
    private readonly BusOwner _owner;

    public EndpointRemoval(NetworkController controller, BusOwner owner)
    {
        _controller = controller;
        _owner = owner;
    }

    /// <summary>Forgets an endpoint. Doing it twice does no harm.</summary>
    /// <param name="endpoint">Not one of our own.</param>
    /// <param name="retire">Whether somebody may still use the EID, so that it has to cool down.</param>
    public void Forget(ManagedEndpoint endpoint, bool retire)
    {
        if (!_controller.Endpoints.Has(endpoint)) return;

        // Those behind it first, so that nobody sees one whose bridge is gone.
        foreach (ManagedEndpoint behind in _controller.Endpoints.In(endpoint.Network).Where(other => other.Bridge == endpoint).ToArray()) Forget(behind, retire: true);
        _owner.Plumbing.Disconnect(endpoint);
        _controller.Endpoints.Remove(endpoint);
        if (!retire) return;
        _controller.Allocator.Retire(endpoint.Network, endpoint.Eid);
        if (endpoint.HeldPool is { } pool) _controller.Allocator.Retire(endpoint.Network, pool);
    }
}
