// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using Busbar.Endpoints;
using Busbar.Mctp;
using Busbar.Mmbi;
using Busbar.Node;

namespace Busbar.Cli;

/// <summary><c>busbar discover</c>: what is at the other end of a link. Assigns nothing.</summary>
internal sealed class DiscoverCommand : BusbarCommand
{
    private readonly Option<LinkSpec> _link = LinkOption.Create();
    private readonly Option<Eid?> _eid = OptionKinds.Eid("--eid", "Whom to ask; if not given, whoever sits at the other end.");
    private readonly Option<Eid?> _local = OptionKinds.Eid("--local-eid", "EID to ask from (8).");
    private readonly Option<TimeSpan> _timeout = OptionKinds.Seconds("--timeout", "How long to wait for the link.", 5, 0.001);
    private readonly Option<bool> _json = OptionKinds.Json();

    public DiscoverCommand()
        : base("discover", "Ask what is at the other end of a link: EID, UUID, message types, versions, vendor messages. Assigns nothing.")
    {
        foreach (Option option in (Option[])[_link, _eid, _local, _timeout, _json]) Options.Add(option);
        SetAction(Run);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "busbar discover --link mmbi:ivshmem:/run/lab.sock",
        "busbar discover --link mmbi:shm:/dev/shm/x,dialect=v1.0-aspeed --json",
    ];

    private int Run(ParseResult parsed)
    {
        LinkSpec spec = parsed.GetValue(_link)!;
        using LinkSession session = LinkSession.Open(spec, parsed.GetValue(_local) ?? new Eid(8), parsed.GetValue(_timeout));
        using var survey = new EndpointSurvey(session.Node);
        EndpointInventory found = survey.Ask(session.Host.Peer(parsed.GetValue(_eid) ?? Eid.Null, MessageType.Control));
        MmbiChannel? channel = session.Mmbi?.MmbiLink.Channel;
        var report = new DiscoverReport
        {
            Ok = true,
            Link = spec.Text,
            State = channel?.State.Name ?? "UP",
            Dialect = channel?.Dialect?.Name,
            RecognisedBy = channel?.Recognition?.Explanation,
            WindowBytes = session.Mmbi?.WindowSize,
            Mtu = session.Host.Attachment.Link.Mtu,
            Eid = found.Eid.Value,
            EndpointType = found.IsBridge ? "bus owner or bridge" : "simple endpoint",
            EidType = found.EidType,
            Uuid = found.Uuid?.ToString(),
            Types = found.Types,
            Versions = found.Versions,
            Vendors = found.Vendors,
        };
        if (parsed.GetValue(_json)) BusbarJson.WriteLine(report, BusbarJson.Default.DiscoverReport);
        else report.WriteText();
        return ExitCode.Success;
    }
}
