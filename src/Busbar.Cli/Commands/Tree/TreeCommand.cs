// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using Busbar.Node;

namespace Busbar.Cli;

/// <summary><c>busbar tree</c>: the networks of a daemon, or the kernel's, as trees.</summary>
internal sealed class TreeCommand : BusbarCommand
{
    private readonly SystemOptions _system = new();
    private readonly Option<int> _network = OptionKinds.Number("--network", "Only this network; 0 for all.", "N", 0, 0, int.MaxValue);
    private readonly Option<bool> _json = OptionKinds.Json();

    public TreeCommand()
        : base("tree", "Show the networks of a daemon, or the kernel's, as trees: links, our EIDs, endpoints, bridges and what is behind them, types, UUIDs, state.")
    {
        _system.AddTo(this);
        foreach (Option option in (Option[])[_network, _json]) Options.Add(option);
        SetAction(Run);
    }

    public override IReadOnlyList<string> Examples => ["busbar tree", "busbar tree --network 1 --json", "busbar tree | grep degraded", "busbar tree --kernel"];

    public override IReadOnlyList<string> Notes =>
    [
        "States: available, degraded (it was silent and is being recovered), unqueried (it has an EID, and its types are not known yet).",
        "With --kernel: its links, EIDs and routes (state: routed), gateways with what is behind them. It asks nobody; 'busbar discover --recursive --kernel --eid EID' does.",
        "Exit code 1 when a network was asked for that is not there.",
    ];

    private int Run(ParseResult parsed)
    {
        using ISystemSession system = _system.Open(parsed);
        uint? network = parsed.GetValue(_network) is var number and not 0 ? (uint)number : null;
        TreeReport report = system is DaemonSession daemon
            ? TreeBuilder.Build(daemon.Name, daemon.Daemon.State(), network)
            : KernelTree.Build(system.Configuration, network);
        report = report with { Ok = network is null || report.Networks.Count != 0 };
        if (parsed.GetValue(_json)) BusbarJson.WriteLine(report, BusbarJson.Default.TreeReport);
        else TreeText.Write(report, Console.Out, Terminal.IsRich);
        return report.Ok ? ExitCode.Success : ExitCode.Negative;
    }
}
