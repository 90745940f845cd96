// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using Busbar.Mctp;
using Busbar.Node;

namespace Busbar.Cli;

/// <summary><c>busbar peer setup</c>: SetupEndpoint of the bus owner.</summary>
internal sealed class PeerSetupCommand : BusbarCommand
{
    private readonly PeerPlace _place = new();

    public PeerSetupCommand()
        : base("setup", "Find out who sits at a physical address, and give it an EID (and a bridge a pool) if it needs one.")
    {
        _place.AddAddress(this);
        SetAction(Run);
    }

    public override IReadOnlyList<string> Examples => ["busbar peer setup mctpi2c1 0x1d", "busbar peer setup mmbi0 --json"];

    private int Run(ParseResult parsed)
    {
        using RemoteAdministration daemon = _place.Connect(parsed);
        (int link, PhysicalAddress address) = _place.Address(parsed, daemon);
        _place.Report(parsed, daemon.SetupEndpointAsync(link, address));
        return ExitCode.Success;
    }
}
