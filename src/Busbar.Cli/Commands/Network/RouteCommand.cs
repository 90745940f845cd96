// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using Busbar.ControlPlane;

namespace Busbar.Cli;

/// <summary><c>busbar route</c>: the routes of an MCTP system.</summary>
internal sealed class RouteCommand : TableCommand
{
    public RouteCommand()
        : base("route", "Show, add and remove the routes of a daemon or the kernel.", "routes", "[net N]: only those of this network.")
    {
        const string Grammar = "EID[-EID] via NAME | EID[-EID] gw EID [net N]";
        AddChange("add", "Add a route to a link, or through a gateway.", Grammar + ", and [mtu N]", "busbar route add 20-29 gw 12", (actions, words) => actions.AddRoute(words));
        AddChange("del", "Remove a route: the same range, and the same link or gateway.", Grammar, "busbar route del 20-29 gw 12", (actions, words) => actions.RemoveRoute(words));
    }

    public override IReadOnlyList<string> Examples =>
        ["busbar route", "busbar route show net 2 --details", "busbar route add 9 via mctpi2c1 mtu 68", "busbar route add 20-29 gw 12 net 2 --kernel"];

    protected override IEnumerable<string> Rows(ISystemSession system, MctpWords words, bool details, ref TableReport report)
    {
        uint? network = words.TakeIf("net") ? words.TakeNumber("the network") : null;
        words.EnsureEnd();
        IReadOnlyList<HostLink> links = system.Configuration.Links();
        HostRoute[] rows = [.. system.Configuration.Routes().Where(route => network is null || MctpLines.NetworkOf(route, links) == network)];
        report = report with { Routes = [.. rows.Select(row => NetworkRows.Of(row, links))] };
        return rows.Select(row => MctpLines.Route(row, links) + (details && row.Packets is { } packets ? $" packets {packets}" : string.Empty));
    }
}
