// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using System.Text.Json;
using Busbar.Node;

namespace Busbar.Cli;

/// <summary><c>busbar monitor</c>: changes as they happen.</summary>
internal sealed class MonitorCommand : BusbarCommand
{
    private readonly LineWriter _lines = new();
    private readonly Option<bool> _kernel = new("--kernel") { Description = "Show the changes of the kernel's links and EIDs instead of a daemon's." };
    private readonly Option<string?> _socket = new("--socket") { Description = "The daemon's socket, if not the usual one.", HelpName = "PATH" };
    private readonly Option<int> _count = OptionKinds.Number("--count", "End after so many changes; 0 for no end.", "N", 0, 0, int.MaxValue);
    private readonly Option<bool> _json = OptionKinds.Json("Print one JSON object per change instead of text.");

    public MonitorCommand()
        : base("monitor", "Show changes of links, EIDs and endpoints as they happen, until stopped.")
    {
        foreach (Option option in (Option[])[_kernel, _socket, _count, _json]) Options.Add(option);
        SetAction(Run);
    }

    public override IReadOnlyList<string> Examples => ["busbar monitor", "busbar monitor --json --count 1", "busbar monitor --kernel --json", "mctp monitor                # the kernel's announcements byte by byte"];

    private int Run(ParseResult parsed)
    {
        if (!parsed.GetValue(_kernel)) return Follow(parsed).GetAwaiter().GetResult();
        if (parsed.GetValue(_socket) is not null) throw new CommandException(ExitCode.Usage, "--kernel and --socket exclude each other; a socket is a daemon's");
        using var stop = new StopSignal();
        using IMctpSystem system = KernelSystem.Open();
        bool json = parsed.GetValue(_json);
        using var changes = new KernelChanges(system, line => Write(line, json), parsed.GetValue(_count));
        changes.Follow(stop.Token);
        return ExitCode.Success;
    }

    private async Task<int> Follow(ParseResult parsed)
    {
        using var stop = new StopSignal();
        using var daemon = RemoteAdministration.Connect(parsed.GetValue(_socket));
        bool json = parsed.GetValue(_json);
        int left = parsed.GetValue(_count);
        await foreach (ChangeReport change in daemon.WatchAsync(stop.Token))
        {
            Write(Line(change), json);
            if (left > 0 && --left == 0) break;
        }

        return ExitCode.Success;
    }

    private void Write(MonitorLine line, bool json) => _lines.Write(json ? JsonSerializer.Serialize(line, BusbarJson.Default.MonitorLine) : line.ToText());

    private static MonitorLine Line(ChangeReport change)
    {
        var line = new MonitorLine { Event = Names.Snake(change.Kind.ToString()), Eid = change.Eid };
        if (change.Link is { } link)
        {
            line = line with { Link = link.Name, Index = link.Index, Network = link.Network };
            if (change.Kind is ChangeKind.LinkAdded or ChangeKind.LinkChanged) line = line with { Up = link.IsUp, Mtu = link.Mtu, Role = Names.Role(link.Role) };
        }

        if (change.Endpoint is { } endpoint)
        {
            line = line with
            {
                Eid = endpoint.Eid,
                Network = endpoint.Network,
                Link = endpoint.LinkName,
                Bridge = endpoint.Bridge,
                Connectivity = endpoint.Connectivity.ToLowerInvariant(),
                Uuid = endpoint.Uuid?.ToString(),
                Types = endpoint.MessageTypes,
                PoolFirst = endpoint.Pool?.First,
                PoolLast = endpoint.Pool?.Last,
                Mtu = endpoint.Mtu == 0 ? null : endpoint.Mtu,
            };
        }

        return change.Kind switch
        {
            ChangeKind.Note => line with { Message = change.Text },
            ChangeKind.Missed => line with { Lost = change.Lost },
            _ => line with { Changed = change.Text is { } text ? Names.Snake(text) : null },
        };
    }
}
