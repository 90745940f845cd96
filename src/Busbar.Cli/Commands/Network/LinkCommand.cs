// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using Busbar.ControlPlane;

namespace Busbar.Cli;

/// <summary><c>busbar link</c>: the links of an MCTP system.</summary>
internal sealed class LinkCommand : TableCommand
{
    public LinkCommand()
        : base("link", "Show and set the links (network interfaces) of a daemon's or the kernel's MCTP.", "links", "[NAME]: only this link.")
    {
        AddChange(
            "set",
            "Set a link up or down, its MTU, its network.",
            "NAME [up | down] [mtu N] [network N]",
            "busbar link set mctpi2c1 mtu 68 up",
            (actions, words) => actions.SetLink(words));
        Subcommands.Add(new WordsCommand(
            "serial",
            "Make a terminal a link of the kernel's (line discipline 28), until the command is stopped.",
            "TTY",
            ["busbar link serial /dev/ttyS1"],
            (_, words) => HoldSerial(words)));
    }

    public override IReadOnlyList<string> Examples => ["busbar link", "busbar link show mctpi2c1 --kernel", "busbar link set mctpi2c1 mtu 68 up", "busbar link --details"];

    protected override IEnumerable<string> Rows(ISystemSession system, MctpWords words, bool details, ref TableReport report)
    {
        IReadOnlyList<HostLink> links = system.Configuration.Links();
        HostLink? only = TakeLinkIfAny(words, links);
        words.EnsureEnd();
        HostLink[] rows = [.. links.Where(link => only is null || link == only)];
        report = report with { Links = [.. rows.Select(link => NetworkRows.Of(link, system.RoleOf(link.Index)))] };
        return rows.Select(link => Line(link, details ? system.RoleOf(link.Index) : null, details));
    }

    private static string Line(HostLink link, string? role, bool details)
    {
        string line = MctpLines.Link(link);
        int state = line.LastIndexOf(' ') + 1;
        line = line[..state] + (link.IsUp ? Terminal.Good(line[state..]) : Terminal.Bad(line[state..]));
        if (!details) return line;
        line += $" binding {Names.Binding(link.Binding)} mtu-min {link.MinimumMtu} mtu-max {link.MaximumMtu}";
        if (role is not null) line += $" role {role}";
        return link.DevicePath is null ? line : $"{line} path {link.DevicePath}";
    }

    private static int HoldSerial(MctpWords words)
    {
        string path = words.Take("TTY");
        words.EnsureEnd();
        using IMctpSystem system = KernelSystem.Open();
        system.HoldSerial(path);
        return ExitCode.Success;
    }
}
