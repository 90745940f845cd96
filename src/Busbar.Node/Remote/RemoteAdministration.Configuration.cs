// SPDX-License-Identifier: Apache-2.0
using Busbar.ControlPlane;
using Busbar.Mctp;

namespace Busbar.Node;

/// <content>The daemon's configuration.</content>
public sealed partial class RemoteAdministration
{
    /// <inheritdoc/>
    public IReadOnlyList<HostLink> Links() => [.. LinkReports().Select(ReportConversion.ToHostLink)];

    /// <inheritdoc/>
    public IReadOnlyList<HostAddress> Addresses() =>
        [.. LinkReports().SelectMany(link => link.Eids.Select(eid => new HostAddress(link.Index, ReportConversion.ToEid(eid))))];

    /// <inheritdoc/>
    public IReadOnlyList<HostRoute> Routes() =>
        [.. (Ask(new AdministrationRequest { Method = AdministrationMethod.Routes }).Routes ?? []).Select(ReportConversion.ToHostRoute)];

    /// <inheritdoc/>
    public IReadOnlyList<HostNeighbour> Neighbours() =>
        [.. (Ask(new AdministrationRequest { Method = AdministrationMethod.Neighbours }).Neighbours ?? []).Select(ReportConversion.ToHostNeighbour)];

    /// <inheritdoc/>
    public void SetLink(int link, bool? isUp = null, int? mtu = null, uint? network = null) =>
        Ask(new AdministrationRequest { Method = AdministrationMethod.SetLink, Link = link, IsUp = isUp, Mtu = mtu, Network = network });

    /// <inheritdoc/>
    public void AddAddress(int link, Eid eid) => Ask(new AdministrationRequest { Method = AdministrationMethod.AddAddress, Link = link, Eid = eid.Value });

    /// <inheritdoc/>
    public void RemoveAddress(int link, Eid eid) => Ask(new AdministrationRequest { Method = AdministrationMethod.RemoveAddress, Link = link, Eid = eid.Value });

    /// <inheritdoc/>
    public void AddRoute(in HostRoute route) => Ask(new AdministrationRequest { Method = AdministrationMethod.AddRoute, Route = ReportConversion.Of(route) });

    /// <inheritdoc/>
    public void RemoveRoute(in HostRoute route) => Ask(new AdministrationRequest { Method = AdministrationMethod.RemoveRoute, Route = ReportConversion.Of(route) });

    /// <inheritdoc/>
    public void AddNeighbour(in HostNeighbour neighbour) => Ask(new AdministrationRequest { Method = AdministrationMethod.AddNeighbour, Neighbour = ReportConversion.Of(neighbour) });

    /// <inheritdoc/>
    public void RemoveNeighbour(int link, Eid eid) => Ask(new AdministrationRequest { Method = AdministrationMethod.RemoveNeighbour, Link = link, Eid = eid.Value });
}
