// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using Busbar.Endpoints;
using Busbar.Linux;
using Busbar.Mctp;
using Busbar.Mmbi;
using Busbar.Node;

namespace Busbar.Cli;

/// <summary><c>busbar endpoint</c>: plays an MCTP endpoint until told to stop.</summary>
internal sealed class EndpointCommand : BusbarCommand
{
    private readonly Option<LinkSpec> _link = LinkOption.Create();
    private readonly Option<Eid?> _eid = OptionKinds.Eid("--eid", "EID that the endpoint holds until a bus owner assigns another.");
    private readonly Option<Guid?> _uuid = OptionKinds.Uuid("UUID to report; a random one if not given.");
    private readonly Option<bool> _stdin = new("--stdin") { Description = "Take commands from stdin, one a line; its end stops the endpoint." };
    private readonly Option<int> _parent = ParentOption.Create();
    private readonly Option<bool> _json = OptionKinds.Json("Print each event as one JSON line instead of text.");

    public EndpointCommand()
        : base("endpoint", "Play an MCTP endpoint on a link: control responder, echo and bench (type 0x7e). Runs until SIGINT or SIGTERM.")
    {
        Options.Add(_link);
        Options.Add(_eid);
        Options.Add(_uuid);
        Options.Add(_stdin);
        Options.Add(_parent);
        Options.Add(_json);
        SetAction(Run);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "busbar endpoint --link mmbi:ivshmem:/run/lab.sock",
        "busbar endpoint --link mmbi:shm:/dev/shm/x,dialect=v1.0-espi,size=64K --eid 20 --json",
        "echo quit | busbar endpoint --link mmbi:ivshmem:/run/lab.sock --stdin",
    ];

    public override IReadOnlyList<string> Notes =>
    [
        "The role is 'owner' unless the LINK says otherwise; an owner creates a missing file and serves a missing socket.",
        "Commands of --stdin: reset | request EID COUNT [SIZE] | stats | quit. Each is answered by one event.",
        "SIGINT and SIGTERM take the link down in order and end with 0; a second signal ends the process at once.",
    ];

    private int Run(ParseResult parsed)
    {
        LinkSpec spec = parsed.GetValue(_link)!;
        using var stop = new StopSignal();
        if (!ParentOption.TryFollow(parsed, _parent)) return ExitCode.Unreachable;
        LinkAttachment attachment = LinkOpener.Open(spec, MmbiRole.Owner);
        var writer = new EventWriter(parsed.GetValue(_json));
        var watcher = new LinkWatcher(attachment);
        using var host = new EndpointHost(attachment, new EndpointOptions
        {
            StaticEid = parsed.GetValue(_eid) ?? Eid.Null,
            Uuid = parsed.GetValue(_uuid) ?? Guid.NewGuid(),
        });
        watcher.Watch(host);
        writer.Write(Ready(spec, host));
        if (parsed.GetValue(_stdin)) EndpointConsole.Start(host, writer, stop);
        watcher.Run(writer, stop.Token);
        CounterReport counters = CounterReport.Collect(host, attachment as MmbiAttachment);
        host.Dispose();
        watcher.Drain(writer);
        writer.Write(new EventLine { Event = "stopped", Counters = counters });
        return ExitCode.Success;
    }

    private static EventLine Ready(LinkSpec spec, EndpointHost host)
    {
        var mmbi = host.Attachment as MmbiAttachment;
        return new EventLine
        {
            Event = "ready",
            Pid = Environment.ProcessId,
            Link = spec.Text,
            Role = mmbi?.Role.ToString().ToLowerInvariant(),
            Dialect = mmbi?.MmbiLink.Channel?.Dialect?.Name,
            WindowBytes = mmbi?.WindowSize,
            Uuid = host.Uuid.ToString(),
            Eid = host.Eid.Value,
        };
    }
}
