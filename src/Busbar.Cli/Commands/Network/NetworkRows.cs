// SPDX-License-Identifier: Apache-2.0
using Busbar.ControlPlane;
using Busbar.Mctp;

namespace Busbar.Cli;

/// <summary>Makes JSON rows of what a system's tables hold.</summary>
internal static class NetworkRows
{
    public static LinkRow Of(HostLink link, string? role) => new(
        link.Index,
        link.Name,
        link.Network,
        Address(link.Address),
        link.Mtu,
        link.MinimumMtu,
        link.MaximumMtu,
        link.IsUp,
        (int)link.Binding,
        Names.Binding(link.Binding),
        role,
        link.DevicePath);

    public static AddressRow Of(HostAddress address, IReadOnlyList<HostLink> links) =>
        new(address.Eid.Value, MctpLines.NetworkOf(address.Link, links), MctpLines.NameOf(address.Link, links));

    public static RouteRow Of(HostRoute route, IReadOnlyList<HostLink> links) => new(
        route.First.Value,
        route.Last.Value,
        MctpLines.NetworkOf(route, links),
        route.Link == 0 ? null : MctpLines.NameOf(route.Link, links),
        route.Gateway == Eid.Null ? null : route.Gateway.Value,
        route.Mtu,
        route.Packets);

    public static NeighbourRow Of(HostNeighbour neighbour, IReadOnlyList<HostLink> links) => new(
        neighbour.Eid.Value, MctpLines.NetworkOf(neighbour.Link, links), MctpLines.NameOf(neighbour.Link, links), Address(neighbour.Address));

    private static string? Address(PhysicalAddress address) => address.Length == 0 ? null : address.ToString();
}
