// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.ControlPlane;

/// <summary>What a person or program may ask of a bus owner: mctpd's methods, for all who offer them (a controller of this process, a daemon elsewhere).</summary>
/// <remarks>All throw <see cref="ControlPlaneException"/> with the reason. Several may run at once; they do not wait for each other.</remarks>
public interface IPeerAdministration
{
    /// <summary>Finds out who sits at a physical address, and gives it an EID if it needs one.</summary>
    /// <param name="link">The link's index; we are its bus owner.</param>
    /// <param name="address">The physical address; empty where the medium has none.</param>
    Task<SetupOutcome> SetupEndpointAsync(int link, PhysicalAddress address);

    /// <summary>Gives an EID of our choice, and a pool if it is a bridge that wants one.</summary>
    /// <param name="link">The link's index.</param>
    /// <param name="address">The physical address.</param>
    Task<SetupOutcome> AssignEndpointAsync(int link, PhysicalAddress address);

    /// <summary>Gives a certain EID.</summary>
    /// <param name="link">The link's index.</param>
    /// <param name="address">The physical address.</param>
    /// <param name="eid">8 to 254.</param>
    Task<SetupOutcome> AssignEndpointStaticAsync(int link, PhysicalAddress address, Eid eid);

    /// <summary>Gives a bridge a certain EID and pool.</summary>
    /// <param name="link">The link's index.</param>
    /// <param name="address">The physical address.</param>
    /// <param name="eid">8 to 254.</param>
    /// <param name="poolStart">First EID of the pool; null EID lets the bus owner choose.</param>
    /// <param name="poolSize">How many EIDs.</param>
    Task<SetupOutcome> AssignBridgeStaticAsync(int link, PhysicalAddress address, Eid eid, Eid poolStart, int poolSize);

    /// <summary>Finds out who sits at a physical address, and takes its EID as it is; never assigns.</summary>
    /// <param name="link">The link's index.</param>
    /// <param name="address">The physical address.</param>
    Task<SetupOutcome> LearnEndpointAsync(int link, PhysicalAddress address);

    /// <summary>Finds out who answers at an EID that a route leads to.</summary>
    /// <param name="network">The network.</param>
    /// <param name="eid">The EID.</param>
    Task<SetupOutcome> LearnEndpointAsync(uint network, Eid eid);

    /// <summary>Forgets an endpoint, its route and neighbour; a bridge takes those behind it along.</summary>
    /// <param name="network">The network.</param>
    /// <param name="eid">The EID; not one of our own.</param>
    Task RemoveEndpointAsync(uint network, Eid eid);

    /// <summary>Marks an endpoint degraded and begins to find out in the background whether it is still there, or was reset, or exchanged.</summary>
    /// <param name="network">The network.</param>
    /// <param name="eid">
    /// The EID; not one of our own. Behind a bridge, an endpoint that was reset is its bridge's to assign again; only who answers at the EID is looked at.
    /// </param>
    Task RecoverEndpointAsync(uint network, Eid eid);

    /// <summary>Sets the largest packet on the route to an endpoint.</summary>
    /// <param name="network">The network.</param>
    /// <param name="eid">The EID; not one of our own.</param>
    /// <param name="mtu">Bytes, header included, within the link's limits.</param>
    Task SetMtuAsync(uint network, Eid eid, int mtu);

    /// <summary>Decides our part on a link whose part is still unknown.</summary>
    /// <param name="link">The link's index.</param>
    /// <param name="role">Bus owner or endpoint.</param>
    Task SetRoleAsync(int link, LinkRole role);
}
