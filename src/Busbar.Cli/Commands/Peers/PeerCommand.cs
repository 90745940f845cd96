// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;

namespace Busbar.Cli;

/// <summary><c>busbar peer</c>: what a bus owner does with the endpoints of its links, through a daemon.</summary>
internal sealed class PeerCommand : BusbarCommand
{
    public PeerCommand()
        : base("peer", "Have the daemon find, assign, learn, forget and recover endpoints.")
    {
        Subcommands.Add(new PeerSetupCommand());
        Subcommands.Add(new PeerAssignCommand());
        Subcommands.Add(new PeerLearnCommand());
        Subcommands.Add(new PeerRemoveCommand());
        Subcommands.Add(new PeerRecoverCommand());
        Subcommands.Add(new PeerMtuCommand());
        Subcommands.Add(new PeerRoleCommand());
    }

    public override IReadOnlyList<string> Examples =>
    [
        "busbar peer setup mctpi2c1 0x1d             # find out who sits there, and assign an EID if it needs one",
        "busbar peer assign mmbi0 --eid 9 --pool 20-29",
        "busbar peer recover 9",
    ];
}
