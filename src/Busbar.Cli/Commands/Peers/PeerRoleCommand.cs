// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using Busbar.ControlPlane;
using Busbar.Node;

namespace Busbar.Cli;

/// <summary><c>busbar peer role</c>: decides the daemon's part on a link.</summary>
internal sealed class PeerRoleCommand : BusbarCommand
{
    private readonly PeerPlace _place = new();
    private readonly Argument<string> _role = new("ROLE") { Description = "bus-owner or endpoint." };

    public PeerRoleCommand()
        : base("role", "Decide the daemon's part on a link whose part is still unknown.")
    {
        _place.AddLink(this);
        _role.AcceptOnlyFromAmong("bus-owner", "endpoint");
        Arguments.Add(_role);
        SetAction(Run);
    }

    public override IReadOnlyList<string> Examples => ["busbar peer role mmbi0 bus-owner"];

    private int Run(ParseResult parsed)
    {
        using RemoteAdministration daemon = _place.Connect(parsed);
        int link = _place.Link(parsed, daemon).Index;
        _place.Report(parsed, daemon.SetRoleAsync(link, parsed.GetValue(_role) == "bus-owner" ? LinkRole.BusOwner : LinkRole.Endpoint));
        return ExitCode.Success;
    }
}
