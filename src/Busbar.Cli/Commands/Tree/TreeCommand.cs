// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using Busbar.Node;

namespace Busbar.Cli;

/// <summary><c>busbar tree</c>: the networks of a daemon as trees.</summary>
internal sealed class TreeCommand : BusbarCommand
{
    private readonly Option<string?> _socket = new("--socket") { Description = "The daemon's socket, if not the usual one.", HelpName = "PATH" };
    private readonly Option<int> _network = OptionKinds.Number("--network", "Only this network; 0 for all.", "N", 0, 0, int.MaxValue);
    private readonly Option<bool> _json = OptionKinds.Json();

    public TreeCommand()
        : base("tree", "Show a daemon's networks as trees: links, our EIDs, endpoints, bridges and what is behind them, types, UUIDs, state.")
    {
        foreach (Option option in (Option[])[_socket, _network, _json]) Options.Add(option);
        SetAction(Run);
    }

    public override IReadOnlyList<string> Examples => ["busbar tree", "busbar tree --network 1 --json", "busbar tree | grep degraded"];

    public override IReadOnlyList<string> Notes =>
    [
        "States: available, degraded (it was silent and is being recovered), unqueried (it has an EID, and its types are not known yet).",
        "Exit code 1 when a network was asked for that is not there.",
    ];

    private int Run(ParseResult parsed)
    {
        using var daemon = RemoteAdministration.Connect(parsed.GetValue(_socket));
        int network = parsed.GetValue(_network);
        TreeReport report = TreeBuilder.Build(daemon.SocketPath, daemon.State(), network == 0 ? null : (uint)network);
        report = report with { Ok = network == 0 || report.Networks.Count != 0 };
        if (parsed.GetValue(_json)) BusbarJson.WriteLine(report, BusbarJson.Default.TreeReport);
        else TreeText.Write(report, Console.Out, Terminal.IsRich);
        return report.Ok ? ExitCode.Success : ExitCode.Negative;
    }
}
