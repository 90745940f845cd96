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
    private readonly PeerOptions _peer = new();
    private readonly Option<TimeSpan> _timeout = OptionKinds.Seconds("--timeout", "How long to wait for the link.", 5, 0.001);
    private readonly Option<bool> _recursive = new("--recursive", "-r")
    {
        Description = "Also what is behind bridges, by their routing tables; through a daemon it learns whom it does not know. Assigns nothing.",
    };

    private readonly Option<bool> _assign = new("--assign") { Description = "With --recursive and --link: first give the other end an EID (--eid, or 9), and a bridge a pool." };
    private readonly Option<bool> _json = OptionKinds.Json();

    public DiscoverCommand()
        : base("discover", "Ask what is at the other end of a link: EID, UUID, message types, versions, vendor messages. Assigns nothing.")
    {
        _peer.AddTo(this);
        foreach (Option option in (Option[])[_recursive, _assign, _timeout, _json]) Options.Add(option);
        SetAction(Run);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "busbar discover --link mmbi:ivshmem:/run/lab.sock",
        "busbar discover --link mmbi:shm:/dev/shm/x,dialect=v1.0-aspeed --json",
        "busbar discover --kernel --eid 9",
        "busbar discover --recursive                                        # all networks of the daemon",
        "busbar discover --recursive --link mmbi:ivshmem:/run/lab.sock      # without a daemon",
    ];

    private int Run(ParseResult parsed)
    {
        if (parsed.GetValue(_recursive)) return Recurse(parsed);
        if (parsed.GetValue(_assign)) throw new CommandException(ExitCode.Usage, "--assign needs --recursive; 'busbar peer setup' and 'busbar lab --link' assign, too");
        using PeerSession session = _peer.Open(parsed, parsed.GetValue(_timeout));
        using var survey = new EndpointSurvey(session.Source);
        EndpointInventory found = survey.Ask(session.Peer(MessageType.Control));
        MmbiAttachment? mmbi = session.Link?.Mmbi;
        MmbiChannel? channel = mmbi?.MmbiLink.Channel;
        var report = new DiscoverReport
        {
            Ok = true,
            Link = session.Name,
            State = channel?.State.Name ?? (session.Link is not null ? "UP" : session.Source is KernelMctp ? "KERNEL" : "DAEMON"),
            Dialect = channel?.Dialect?.Name,
            RecognisedBy = channel?.Recognition?.Explanation,
            WindowBytes = mmbi?.WindowSize,
            Mtu = session.Link?.Host.Attachment.Link.Mtu,
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

    private int Recurse(ParseResult parsed)
    {
        using var stop = new StopSignal();
        bool assign = parsed.GetValue(_assign);
        TreeReport report;
        if (_peer.IsWholeDaemon(parsed, out string? socket, out uint? network))
        {
            if (assign) throw new CommandException(ExitCode.Usage, "--assign with --recursive needs --link LINK; through a daemon 'busbar peer setup' assigns");
            report = RecursiveDiscovery.Learn(socket, network, stop.Token);
        }
        else
        {
            using PeerSession session = _peer.Open(parsed, parsed.GetValue(_timeout));
            report = RecursiveDiscovery.Survey(session, _peer.Local(parsed), assign, stop.Token);
        }

        if (parsed.GetValue(_json)) BusbarJson.WriteLine(report, BusbarJson.Default.TreeReport);
        else TreeText.Write(report, Console.Out, Terminal.IsRich);
        return ExitCode.Success;
    }
}
