// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.ControlPlane;

/// <summary>
/// Our part below other bus owners. As an endpoint we take the EID that we are given; as a bridge, with buses of our own in the same network, we also take a pool and hand it on,
/// and lead everything that is not behind us to where our EID came from.
/// </summary>
internal sealed partial class BridgeRole
{
    private readonly NetworkController _controller;
    private readonly Dictionary<int, UpstreamLink> _upstreams = [];
    private readonly Dictionary<uint, BridgePool> _pools = [];
    private readonly Dictionary<uint, Guid> _networkIds = [];

    public BridgeRole(NetworkController controller)
    {
        _controller = controller;
        _routes = new BridgeRoutes(controller);
    }

    /// <summary>The links on which somebody else is, or may become, bus owner.</summary>
    public IReadOnlyCollection<UpstreamLink> Upstreams => _upstreams.Values;

    /// <summary>Whether endpoints of a link's binding are found by discovery (DSP0238 is the binding that has it).</summary>
    /// <param name="link">The link.</param>
    public static bool HasDiscovery(HostLink link) => link.Binding == PhysicalBinding.PcieVdm;

    /// <summary>What we keep about a link on which we are not bus owner.</summary>
    /// <param name="link">The index of a link of the host.</param>
    public UpstreamLink UpstreamOf(int link)
    {
        if (_upstreams.TryGetValue(link, out UpstreamLink? known)) return known;
        var upstream = new UpstreamLink(link);
        _upstreams.Add(link, upstream);
        return upstream;
    }

    /// <summary>Whether we are a bridge as seen from a link: an endpoint there, and bus owner on another link of its network.</summary>
    /// <param name="link">The link's index.</param>
    public bool IsBridge(int link) => _controller.Links.Find(link) is { Role: LinkRole.Endpoint } found && DownstreamOf(found.Host.Network).Any();

    /// <summary>Whether packets that come in by a link are led on to others: we are bus owner there, or a bridge.</summary>
    /// <param name="link">The link's index.</param>
    public bool Forwards(int link) => _controller.Links.Find(link)?.Role == LinkRole.BusOwner || IsBridge(link);

    /// <summary>The EID that we send from on a link.</summary>
    /// <param name="link">The link's index.</param>
    /// <returns>The null EID when we have none there.</returns>
    public Eid EidOn(int link)
    {
        foreach (HostAddress address in _controller.Host.Addresses())
        {
            if (address.Link == link) return address.Eid;
        }

        return Eid.Null;
    }

    /// <summary>Whether an EID is ours on any link of a network.</summary>
    /// <param name="network">The network.</param>
    /// <param name="eid">The EID.</param>
    public bool Holds(uint network, Eid eid) =>
        _controller.Host.Addresses().Any(address => address.Eid == eid && _controller.Links.Find(address.Link)?.Host.Network == network);

    /// <summary>What Get Network ID said above us.</summary>
    /// <param name="link">A link of the network.</param>
    public Guid? NetworkIdOf(int link) =>
        _controller.Links.Find(link) is { } found && _networkIds.TryGetValue(found.Host.Network, out Guid id) ? id : null;

    private IEnumerable<ManagedLink> DownstreamOf(uint network) =>
        _controller.Links.All.Where(link => link.Role == LinkRole.BusOwner && link.Host.Network == network);

    private IEnumerable<UpstreamLink> UpstreamsOf(uint network) =>
        _upstreams.Values.Where(upstream => _controller.Links.Find(upstream.Index) is { Role: LinkRole.Endpoint } link && link.Host.Network == network);
}
