// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using Busbar.Mctp;
using Busbar.Node;

namespace Busbar.Cli;

/// <summary><c>busbar peer recover</c>: Recover of an endpoint.</summary>
internal sealed class PeerRecoverCommand : BusbarCommand
{
    private readonly PeerPlace _place = new();

    public PeerRecoverCommand()
        : base("recover", "Have the daemon find out in the background whether an endpoint is still there, was reset, or was exchanged.")
    {
        _place.AddEid(this);
        SetAction(Run);
    }

    public override IReadOnlyList<string> Examples => ["busbar peer recover 9", "busbar monitor      # shows what comes of it"];

    private int Run(ParseResult parsed)
    {
        using RemoteAdministration daemon = _place.Connect(parsed);
        (uint network, Eid eid) = _place.Endpoint(parsed, daemon);
        _place.Report(parsed, daemon.RecoverEndpointAsync(network, eid));
        return ExitCode.Success;
    }
}
