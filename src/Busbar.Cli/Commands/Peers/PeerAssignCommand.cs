// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using Busbar.ControlPlane;
using Busbar.Mctp;
using Busbar.Node;

namespace Busbar.Cli;

/// <summary><c>busbar peer assign</c>: AssignEndpoint, AssignEndpointStatic and AssignBridgeStatic of the bus owner.</summary>
internal sealed class PeerAssignCommand : BusbarCommand
{
    private readonly PeerPlace _place = new();
    private readonly Option<Eid?> _eid = OptionKinds.Eid("--eid", "The EID to give; if not given, the bus owner chooses.");
    private readonly Option<string?> _pool = new("--pool")
    {
        Description = "With --eid: the EIDs that the bridge may hand out, as FIRST-LAST, or only how many as a number.",
        HelpName = "FIRST-LAST|N",
    };

    public PeerAssignCommand()
        : base("assign", "Give the endpoint at a physical address an EID, and a bridge a pool.")
    {
        _place.AddAddress(this);
        Options.Add(_eid);
        Options.Add(_pool);
        SetAction(Run);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "busbar peer assign mctpi2c1 0x1d",
        "busbar peer assign mctpi2c1 0x1d --eid 9",
        "busbar peer assign mmbi0 --eid 9 --pool 20-29",
        "busbar peer assign mmbi0 --eid 9 --pool 16      # the bus owner chooses where",
    ];

    private int Run(ParseResult parsed)
    {
        (Eid First, int Count)? pool = ReadPool(parsed.GetValue(_pool));
        Eid? eid = parsed.GetValue(_eid);
        if (pool is not null && eid is null) throw new CommandException(ExitCode.Usage, "--pool needs --eid: a bridge with a chosen pool has a chosen EID");
        using RemoteAdministration daemon = _place.Connect(parsed);
        (int link, PhysicalAddress address) = _place.Address(parsed, daemon);
        Task<SetupOutcome> work = (eid, pool) switch
        {
            ({ } chosen, var (first, count)) => daemon.AssignBridgeStaticAsync(link, address, chosen, first, count),
            ({ } chosen, null) => daemon.AssignEndpointStaticAsync(link, address, chosen),
            _ => daemon.AssignEndpointAsync(link, address),
        };
        _place.Report(parsed, work);
        return ExitCode.Success;
    }

    private static (Eid First, int Count)? ReadPool(string? text)
    {
        if (text is null) return null;
        string[] ends = text.Split('-');
        bool isRange = ends.Length == 2;
        if (isRange && OptionKinds.TryParseNumber(ends[0], 8, 254, out int first) && OptionKinds.TryParseNumber(ends[1], first, 254, out int last))
            return (new Eid((byte)first), last - first + 1);
        if (ends.Length == 1 && OptionKinds.TryParseNumber(text, 1, 247, out int count)) return (Eid.Null, count);
        throw new CommandException(ExitCode.Usage, $"--pool {text}: write the first and last EID, for instance 20-29, or how many, for instance 16");
    }
}
