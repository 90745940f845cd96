// SPDX-License-Identifier: Apache-2.0
namespace Busbar.ControlPlane;

/// <summary>The parts of a bus owner, which know each other through it.</summary>
internal sealed class BusOwner
{
    public BusOwner(NetworkController controller)
    {
        Plumbing = new EndpointPlumbing(controller);
        Identity = new PeerIdentity(controller);
        Removal = new EndpointRemoval(controller, this);
        Pools = new PoolGrant(controller, this);
        Assigner = new EidAssigner(controller, this);
        Setup = new EndpointSetup(controller, this);
        Learning = new NetworkLearning(controller, this);
        Recovery = new EndpointRecovery(controller, this);
        Bridges = new BridgeWatch(controller, this);
        Updates = new RoutingUpdates(controller);
        Discovery = new Discovery(controller, this);
    }

    /// <summary>Who is being set up: one at a time for each physical address, or EID behind a bridge.</summary>
    public Turns<ResponderKey> Turns { get; } = new();

    public EndpointPlumbing Plumbing { get; }

    public PeerIdentity Identity { get; }

    public EndpointRemoval Removal { get; }

    public PoolGrant Pools { get; }

    public EidAssigner Assigner { get; }

    public EndpointSetup Setup { get; }

    public NetworkLearning Learning { get; }

    public EndpointRecovery Recovery { get; }

    public BridgeWatch Bridges { get; }

    public RoutingUpdates Updates { get; }

    public Discovery Discovery { get; }
}
