// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using Busbar.Mctp;
using Busbar.Node;

namespace Busbar.Cli;

/// <summary><c>busbar peer mtu</c>: SetMTU of an endpoint.</summary>
internal sealed class PeerMtuCommand : BusbarCommand
{
    private readonly PeerPlace _place = new();
    private readonly Argument<int> _mtu = new("MTU")
    {
        Description = "Bytes of the largest packet, header included; 0 for the link's own limit.",
        CustomParser = result =>
        {
            if (OptionKinds.TryParseNumber(result.Tokens[0].Value, 0, 65_536, out int value)) return value;
            result.AddError($"{result.Tokens[0].Value}: an MTU is a number of bytes, 68 or more");
            return 0;
        },
    };

    public PeerMtuCommand()
        : base("mtu", "Set the largest packet on the route to an endpoint.")
    {
        _place.AddEid(this);
        Arguments.Add(_mtu);
        SetAction(Run);
    }

    public override IReadOnlyList<string> Examples => ["busbar peer mtu 9 254"];

    private int Run(ParseResult parsed)
    {
        using RemoteAdministration daemon = _place.Connect(parsed);
        (uint network, Eid eid) = _place.Endpoint(parsed, daemon);
        _place.Report(parsed, daemon.SetMtuAsync(network, eid, parsed.GetValue(_mtu)));
        return ExitCode.Success;
    }
}
