// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using Busbar.ControlPlane;

namespace Busbar.Cli;

/// <summary><c>busbar address</c>: the EIDs of an MCTP system.</summary>
internal sealed class AddressCommand : TableCommand
{
    public AddressCommand()
        : base("address", "Show, add and remove the EIDs of a daemon or the kernel.", "EIDs", "[NAME]: only those of this link.")
    {
        Aliases.Add("addr");
        AddChange("add", "Give the system an EID on a link.", "EID dev NAME", "busbar address add 8 dev mctpi2c1", (actions, words) => actions.AddAddress(words));
        AddChange("del", "Take an EID away.", "EID dev NAME", "busbar address del 8 dev mctpi2c1", (actions, words) => actions.RemoveAddress(words));
    }

    public override IReadOnlyList<string> Examples => ["busbar address", "busbar address add 8 dev mctpi2c1", "busbar addr show mctpi2c1 --kernel --json"];

    protected override IEnumerable<string> Rows(ISystemSession system, MctpWords words, bool details, ref TableReport report)
    {
        IReadOnlyList<HostLink> links = system.Configuration.Links();
        HostLink? only = TakeLinkIfAny(words, links);
        words.EnsureEnd();
        HostAddress[] rows = [.. system.Configuration.Addresses().Where(address => only is null || address.Link == only.Index)];
        report = report with { Addresses = [.. rows.Select(row => NetworkRows.Of(row, links))] };
        return rows.Select(row => MctpLines.Local(row, links));
    }
}
