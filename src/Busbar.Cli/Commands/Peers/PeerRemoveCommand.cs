// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using Busbar.Mctp;
using Busbar.Node;

namespace Busbar.Cli;

/// <summary><c>busbar peer remove</c>: Remove of an endpoint.</summary>
internal sealed class PeerRemoveCommand : BusbarCommand
{
    private readonly PeerPlace _place = new();

    public PeerRemoveCommand()
        : base("remove", "Forget an endpoint with its route and neighbour; a bridge takes those behind it along.")
    {
        _place.AddEid(this);
        SetAction(Run);
    }

    public override IReadOnlyList<string> Examples => ["busbar peer remove 9", "busbar peer remove 9 --network 2"];

    private int Run(ParseResult parsed)
    {
        using RemoteAdministration daemon = _place.Connect(parsed);
        (uint network, Eid eid) = _place.Endpoint(parsed, daemon);
        _place.Report(parsed, daemon.RemoveEndpointAsync(network, eid));
        return ExitCode.Success;
    }
}
