// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using Busbar.ControlPlane;
using Busbar.Mctp;
using Busbar.Node;

namespace Busbar.Cli;

/// <summary>How the peer commands name an endpoint: by link and physical address, or by EID and network; and how they say what became of it.</summary>
internal sealed class PeerPlace
{
    private readonly Option<bool> _json = OptionKinds.Json();
    private readonly Option<string?> _socket = new("--socket") { Description = "The daemon's socket, if not the usual one.", HelpName = "PATH" };
    private readonly Option<TimeSpan> _timeout = OptionKinds.Seconds("--timeout", "How long the daemon may take.", 30, 0.001);
    private readonly Option<int> _network = OptionKinds.Number("--network", "The MCTP network; if not given, the only one in which the EID is known.", "N", 0, 0, int.MaxValue);
    private readonly Argument<string> _link = new("LINK") { Description = "Name of the daemon's link." };
    private readonly Argument<string?> _address = new("PHYSADDR")
    {
        Description = "Physical address there, for instance 0x1d or 07:ec:80:01:00:00; none where the medium has none.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Argument<Eid> _eid = new("EID")
    {
        Description = "The endpoint, 8 to 254.",
        CustomParser = result =>
        {
            if (OptionKinds.TryParseNumber(result.Tokens[0].Value, 8, 254, out int value)) return new Eid((byte)value);
            result.AddError($"{result.Tokens[0].Value}: an EID is a number from 8 to 254");
            return Eid.Null;
        },
    };

    public PeerPlace()
    {
        _link.CompletionSources.Add(KnownNames.Links);
        _eid.CompletionSources.Add(KnownNames.Eids);
    }

    /// <summary>Adds LINK and PHYSADDR, and what all have.</summary>
    /// <param name="command">The command.</param>
    /// <param name="required">False when the link may be missing, because the endpoint can be named otherwise.</param>
    public void AddAddress(Command command, bool required = true)
    {
        if (!required) _link.Arity = ArgumentArity.ZeroOrOne;
        command.Arguments.Add(_link);
        command.Arguments.Add(_address);
        AddCommon(command);
    }

    /// <summary>Adds EID and <c>--network</c>, and what all have.</summary>
    public void AddEid(Command command)
    {
        command.Arguments.Add(_eid);
        command.Options.Add(_network);
        AddCommon(command);
    }

    /// <summary>Adds <c>--network</c>.</summary>
    public void AddNetwork(Command command) => command.Options.Add(_network);

    /// <summary>Adds LINK alone, and what all have.</summary>
    public void AddLink(Command command)
    {
        command.Arguments.Add(_link);
        AddCommon(command);
    }

    /// <summary>Connects to the daemon.</summary>
    public RemoteAdministration Connect(ParseResult parsed) => RemoteAdministration.Connect(parsed.GetValue(_socket), parsed.GetValue(_timeout));

    /// <summary>Whether a link was named.</summary>
    public bool HasLink(ParseResult parsed) => parsed.GetValue(_link) is not null;

    /// <summary>The index of the link, and the address there.</summary>
    public (int Link, PhysicalAddress Address) Address(ParseResult parsed, RemoteAdministration daemon)
    {
        PhysicalAddress address = default;
        if (parsed.GetValue(_address) is { } text && !MctpWords.TryReadAddress(text, out address))
            throw new CommandException(ExitCode.Usage, $"'{text}' is no physical address; write hexadecimal bytes, for instance 0x1d or 07:ec:80");
        return (Link(parsed, daemon).Index, address);
    }

    /// <summary>The link.</summary>
    public LinkReport Link(ParseResult parsed, RemoteAdministration daemon)
    {
        string name = parsed.GetValue(_link)!;
        IReadOnlyList<LinkReport> links = daemon.LinkReports();
        return links.FirstOrDefault(link => link.Name == name)
            ?? throw new CommandException(ExitCode.Usage, $"the daemon has no link '{name}'; it has {string.Join(", ", links.Select(link => link.Name))}");
    }

    /// <summary>The EID with its network.</summary>
    public (uint Network, Eid Eid) Endpoint(ParseResult parsed, RemoteAdministration daemon)
    {
        Eid eid = parsed.GetValue(_eid);
        return (Network(parsed, daemon, eid), eid);
    }

    /// <summary>The network that an EID is in.</summary>
    public uint Network(ParseResult parsed, RemoteAdministration daemon, Eid eid)
    {
        if (parsed.GetValue(_network) is var asked and not 0) return (uint)asked;
        uint[] networks = [.. daemon.Endpoints().Where(endpoint => endpoint.Eid == eid.Value).Select(endpoint => endpoint.Network)];
        if (networks.Length == 1) return networks[0];
        if (networks.Length > 1) throw new CommandException(ExitCode.Usage, $"EID {eid} is there in networks {string.Join(", ", networks)}; choose with --network");
        uint[] all = [.. daemon.LinkReports().Select(link => link.Network).Distinct()];
        return all.Length == 1 ? all[0] : throw new CommandException(ExitCode.Usage, $"EID {eid} is not known, and there are {all.Length} networks; choose with --network");
    }

    /// <summary>Waits for a set-up and says what came of it.</summary>
    public void Report(ParseResult parsed, Task<SetupOutcome> work)
    {
        SetupOutcome outcome = work.GetAwaiter().GetResult();
        var report = new PeerReport
        {
            Ok = true,
            Eid = outcome.Eid.Value,
            Network = outcome.Network,
            New = outcome.IsNew,
            PoolFirst = outcome.Pool?.First.Value,
            PoolLast = outcome.Pool?.Last.Value,
        };
        if (parsed.GetValue(_json)) BusbarJson.WriteLine(report, BusbarJson.Default.PeerReport);
        else Console.Out.WriteLine(report.ToText());
    }

    /// <summary>Waits for work that has no result but its success.</summary>
    public void Report(ParseResult parsed, Task work)
    {
        work.GetAwaiter().GetResult();
        if (parsed.GetValue(_json)) BusbarJson.WriteLine(new PeerReport { Ok = true }, BusbarJson.Default.PeerReport);
    }

    private void AddCommon(Command command)
    {
        foreach (Option option in (Option[])[_socket, _timeout, _json]) command.Options.Add(option);
    }
}
