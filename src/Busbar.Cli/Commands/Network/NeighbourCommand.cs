// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using Busbar.ControlPlane;

namespace Busbar.Cli;

/// <summary><c>busbar neigh</c>: the neighbours of an MCTP system.</summary>
internal sealed class NeighbourCommand : TableCommand
{
    public NeighbourCommand()
        : base(
            "neigh",
            "Show, add and remove the neighbours of a daemon or the kernel: which EID sits at which physical address.",
            "neighbours",
            "[dev NAME]: only those of this link.")
    {
        Aliases.Add("neighbour");
        AddChange(
            "add", "Record where an EID sits.", "EID dev NAME lladdr HEX[:HEX]...", "busbar neigh add 9 dev mctpi2c1 lladdr 0x1d", (actions, words) => actions.AddNeighbour(words));
        AddChange("del", "Forget where an EID sits.", "EID dev NAME", "busbar neigh del 9 dev mctpi2c1", (actions, words) => actions.RemoveNeighbour(words));
    }

    public override IReadOnlyList<string> Examples => ["busbar neigh", "busbar neigh show dev mctpi2c1 --json", "busbar neigh add 9 dev mctpi2c1 lladdr 0x1d"];

    protected override IEnumerable<string> Rows(ISystemSession system, MctpWords words, bool details, ref TableReport report)
    {
        IReadOnlyList<HostLink> links = system.Configuration.Links();
        HostLink? only = words.TakeIf("dev") ? TakeLinkIfAny(new MctpWords([words.Take("NAME")]), links) : null;
        words.EnsureEnd();
        HostNeighbour[] rows = [.. system.Configuration.Neighbours().Where(neighbour => only is null || neighbour.Link == only.Index)];
        report = report with { Neighbours = [.. rows.Select(row => NetworkRows.Of(row, links))] };
        return rows.Select(row => MctpLines.Neighbour(row, links));
    }
}
