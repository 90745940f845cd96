// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.ControlPlane;

/// <content>What may be asked of the bus owner.</content>
public sealed partial class NetworkController : IPeerAdministration
{
    /// <inheritdoc/>
    public async Task<SetupOutcome> SetupEndpointAsync(int link, PhysicalAddress address) =>
        await BusOwner.Setup.SetupAsync(OwnedLink(link, address), address);

    /// <inheritdoc/>
    public async Task<SetupOutcome> AssignEndpointAsync(int link, PhysicalAddress address) =>
        await BusOwner.Setup.AssignAsync(OwnedLink(link, address), address);

    /// <inheritdoc/>
    public async Task<SetupOutcome> AssignEndpointStaticAsync(int link, PhysicalAddress address, Eid eid) =>
        await BusOwner.Setup.AssignStaticAsync(OwnedLink(link, address), address, eid);

    /// <inheritdoc/>
    public async Task<SetupOutcome> AssignBridgeStaticAsync(int link, PhysicalAddress address, Eid eid, Eid poolStart, int poolSize) =>
        await BusOwner.Setup.AssignBridgeStaticAsync(OwnedLink(link, address), address, eid, poolStart, poolSize);

    /// <inheritdoc/>
    public async Task<SetupOutcome> LearnEndpointAsync(int link, PhysicalAddress address) =>
        await BusOwner.Setup.LearnAsync(OwnedLink(link, address), address);

    /// <inheritdoc/>
    public async Task<SetupOutcome> LearnEndpointAsync(uint network, Eid eid)
    {
        if (!eid.IsAssignable) throw new ControlPlaneException(ControlPlaneError.InvalidArgument, $"Bad EID {eid}: use 8 to 254");
        (ManagedEndpoint endpoint, _) = await BusOwner.Learning.LearnAsync(network, eid);
        return new SetupOutcome(endpoint.Eid, endpoint.Network, IsNew: true, endpoint.Pool);
    }

    /// <inheritdoc/>
    public async Task RemoveEndpointAsync(uint network, Eid eid)
    {
        ManagedEndpoint endpoint = Known(network, eid);
        if (endpoint.IsLocal) throw new ControlPlaneException(ControlPlaneError.NotAllowed, "Cannot remove mctpd-local endpoint");
        BusOwner.Removal.Forget(endpoint, retire: true);
        await Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task RecoverEndpointAsync(uint network, Eid eid)
    {
        ManagedEndpoint endpoint = Known(network, eid);
        if (endpoint.IsLocal) throw new ControlPlaneException(ControlPlaneError.NotAllowed, "Cannot recover mctpd-local endpoint");
        BusOwner.Recovery.Begin(endpoint);
        await Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task SetMtuAsync(uint network, Eid eid, int mtu)
    {
        ManagedEndpoint endpoint = Known(network, eid);
        if (endpoint.IsLocal) throw new ControlPlaneException(ControlPlaneError.NotAllowed, "Cannot set local endpoint MTU");
        HostLink link = Links.Find(endpoint.Link)?.Host ?? throw new ControlPlaneException(ControlPlaneError.UnknownLink, "Unknown MCTP interface");
        if (mtu != 0 && (mtu < link.MinimumMtu || mtu > link.MaximumMtu))
        {
            throw new ControlPlaneException(ControlPlaneError.InvalidArgument, $"Bad MTU {mtu}: {link.Name} takes {link.MinimumMtu} to {link.MaximumMtu}");
        }

        BusOwner.Plumbing.SetMtu(endpoint, mtu);
        Endpoints.NotifyChanged(endpoint, EndpointField.Mtu);
        await Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task SetRoleAsync(int link, LinkRole role)
    {
        ManagedLink managed = Links.Find(link) ?? throw new ControlPlaneException(ControlPlaneError.UnknownLink, "Unknown MCTP interface");
        if (role is not (LinkRole.BusOwner or LinkRole.Endpoint)) throw new ControlPlaneException(ControlPlaneError.InvalidArgument, "Bad role: use BusOwner or Endpoint");
        if (managed.Role != LinkRole.Unknown) throw new ControlPlaneException(ControlPlaneError.NotAllowed, "Role is already set.");
        Links.SetRole(managed, role);
        await Task.CompletedTask;
    }

    private ManagedLink OwnedLink(int index, PhysicalAddress address)
    {
        ManagedLink link = Links.Find(index) ?? throw new ControlPlaneException(ControlPlaneError.UnknownLink, "Unknown MCTP interface");
        if (link.Role != LinkRole.BusOwner) throw new ControlPlaneException(ControlPlaneError.NotAllowed, $"Not the bus owner of {link.Host.Name}");
        if (address.Length != link.Host.Address.Length) throw new ControlPlaneException(ControlPlaneError.InvalidArgument, "Bad physaddr");
        return link;
    }

    private ManagedEndpoint Known(uint network, Eid eid) =>
        Endpoints.Find(network, eid) ?? throw new ControlPlaneException(ControlPlaneError.NotFound, $"Unknown endpoint {eid} of network {network}");
}
