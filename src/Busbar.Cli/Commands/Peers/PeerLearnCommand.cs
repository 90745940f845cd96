// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using Busbar.Mctp;
using Busbar.Node;

namespace Busbar.Cli;

/// <summary><c>busbar peer learn</c>: LearnEndpoint, at a physical address or by EID.</summary>
internal sealed class PeerLearnCommand : BusbarCommand
{
    private readonly PeerPlace _place = new();
    private readonly Option<Eid?> _eid = OptionKinds.Eid("--eid", "Instead of LINK and PHYSADDR: an EID that a route leads to.");

    public PeerLearnCommand()
        : base("learn", "Find out who is there, and take its EID as it is; assigns nothing.")
    {
        _place.AddAddress(this, required: false);
        _place.AddNetwork(this);
        Options.Add(_eid);
        SetAction(Run);
    }

    public override IReadOnlyList<string> Examples => ["busbar peer learn mctpi2c1 0x1d", "busbar peer learn --eid 21 --network 1"];

    private int Run(ParseResult parsed)
    {
        Eid? eid = parsed.GetValue(_eid);
        if (_place.HasLink(parsed) == eid is not null) throw new CommandException(ExitCode.Usage, "whom? give either LINK with its PHYSADDR, or --eid EID");
        using RemoteAdministration daemon = _place.Connect(parsed);
        if (eid is { } known)
        {
            _place.Report(parsed, daemon.LearnEndpointAsync(_place.Network(parsed, daemon, known), known));
            return ExitCode.Success;
        }

        (int link, PhysicalAddress address) = _place.Address(parsed, daemon);
        _place.Report(parsed, daemon.LearnEndpointAsync(link, address));
        return ExitCode.Success;
    }
}
