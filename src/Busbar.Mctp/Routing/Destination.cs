// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <summary>One slot of a network's look-up array: all that a send needs to know about an EID, found with one index.</summary>
internal sealed class Destination
{
    /// <summary>Stands for an EID to which no route leads, so that this is looked up only once.</summary>
    public static readonly Destination None = new(null!, null!, default, default, 0, viaGateway: false);

    public readonly LinkPort Port;

    /// <summary>The route that covers the EID; counts what goes along it.</summary>
    public readonly RouteEntry Route;

    public readonly PhysicalAddress Address;

    /// <summary>Largest packet by the routes on the way, header included; the link's own MTU is applied when sending, because it may change.</summary>
    public readonly int RouteMtu;

    public readonly bool ViaGateway;

    private readonly Eid _target;
    private TagSet? _tags;

    public Destination(LinkPort port, RouteEntry route, Eid target, in PhysicalAddress address, int routeMtu, bool viaGateway)
    {
        Port = port;
        Route = route;
        _target = target;
        Address = address;
        RouteMtu = routeMtu;
        ViaGateway = viaGateway;
    }

    /// <summary>Tags toward this EID from the link's own EID. A change of that EID makes new destinations.</summary>
    public TagSet Tags => _tags ??= Port.Network.Tags.Between(Port.Source, _target);
}
