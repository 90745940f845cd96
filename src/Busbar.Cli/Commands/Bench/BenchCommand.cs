// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Cli;

/// <summary><c>busbar bench</c>: the group.</summary>
internal sealed class BenchCommand : BusbarCommand
{
    public BenchCommand()
        : base("bench", "Measure, beside C programs that do the same in the same run.")
    {
        Subcommands.Add(new BenchStackCommand());
        Subcommands.Add(new BenchMmbiCommand());
        Subcommands.Add(new BenchForwardCommand());
        Subcommands.Add(new BenchScaleCommand());
        Subcommands.Add(new BenchLinkCommand());
        Subcommands.Add(new BenchPeerCommand());
        Subcommands.Add(new BenchMmbiPeerCommand());
    }

    public override IReadOnlyList<string> Examples => ["busbar bench stack", "busbar bench mmbi --json"];
}
