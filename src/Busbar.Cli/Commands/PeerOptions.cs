// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using Busbar.Mctp;
using Busbar.Node;

namespace Busbar.Cli;

/// <summary>
/// The options by which commands that exchange messages name whom they talk to: over a LINK of our own, through a daemon, or through the kernel's MCTP.
/// </summary>
internal sealed class PeerOptions
{
    private const int DefaultLocalEid = 8;

    private readonly bool _takesPeer;
    private readonly Option<LinkSpec[]> _link;
    private readonly Option<string?> _daemon = new("--daemon")
    {
        Description = "Use the daemon's links, by its socket if not the usual one (--daemon=SOCKET); so it is, too, without --link and --kernel.",
        HelpName = "SOCKET",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<bool> _kernel = new("--kernel") { Description = "Use the kernel's AF_MCTP." };
    private readonly Option<string?> _interface = new("--interface")
    {
        Description = "With --daemon or --kernel: send to this link whatever the routes say, to EID 0 unless --eid names another.",
        HelpName = "NAME",
    };

    private readonly Option<string?> _address = new("--lladdr") { Description = "With --interface: the physical address there, for instance 0x1d or 07:ec:80.", HelpName = "HEX" };
    private readonly Option<int> _network = OptionKinds.Number("--network", "With --daemon or --kernel: MCTP network; 0 for the default one.", "N", 0, 0, int.MaxValue);
    private readonly Option<Eid?> _eid = OptionKinds.Eid("--eid", "Whom to talk to; if not given, whoever sits at the other end.");
    private readonly Option<Eid?> _local = OptionKinds.Eid("--local-eid", "EID to send from on a link (8); the kernel and the daemon have their own.");

    /// <summary>Makes the options.</summary>
    /// <param name="mayBeMany">True when the command takes several links at once.</param>
    /// <param name="takesPeer">False for commands that serve whoever asks.</param>
    public PeerOptions(bool mayBeMany = false, bool takesPeer = true)
    {
        _takesPeer = takesPeer;
        string description = mayBeMany ? "The link, or several, at the same time: " : "The link: ";
        _link = LinkOption.CreateMany(description + LinkSpecParser.Grammar, required: false);
        if (!mayBeMany) _link.Arity = ArgumentArity.ExactlyOne;
        _interface.CompletionSources.Add(KnownNames.Links);
        _eid.CompletionSources.Add(KnownNames.Eids);
    }

    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_link, _daemon, _kernel, _local]) command.Options.Add(option);
        if (!_takesPeer) return;
        foreach (Option option in (Option[])[_eid, _network, _interface, _address]) command.Options.Add(option);
    }

    /// <summary>The links that were named; none with <c>--kernel</c> and <c>--daemon</c>.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="eid">A peer that was named otherwise than by <c>--eid</c>.</param>
    public LinkSpec[] Links(ParseResult parsed, Eid? eid = null)
    {
        LinkSpec[] links = parsed.GetValue(_link) ?? [];
        EnsureConsistent(parsed, links, eid);
        return links;
    }

    /// <summary>Whether the command line names a daemon and nobody in particular there.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="socket">The daemon's socket; null for the usual one.</param>
    /// <param name="network">The network that was asked for; null for all.</param>
    public bool IsWholeDaemon(ParseResult parsed, out string? socket, out uint? network)
    {
        socket = parsed.GetValue(_daemon);
        network = parsed.GetValue(_network) is var asked and not 0 ? (uint)asked : null;
        return (parsed.GetValue(_link) ?? []).Length == 0 && !parsed.GetValue(_kernel) && parsed.GetValue(_eid) is null && parsed.GetValue(_interface) is null;
    }

    /// <summary>The EID that we send from on a link of ours.</summary>
    public Eid Local(ParseResult parsed) => parsed.GetValue(_local) ?? new Eid(DefaultLocalEid);

    /// <summary>Opens one of several links.</summary>
    public PeerSession OpenLink(ParseResult parsed, LinkSpec link, TimeSpan patience, Eid? eid = null) =>
        PeerSession.OnLink(link, Local(parsed), eid ?? parsed.GetValue(_eid) ?? Eid.Null, patience);

    /// <summary>Opens the link and waits until it is up, or makes sure that the daemon is there or the kernel knows MCTP.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="patience">How long to wait for a link.</param>
    /// <param name="eid">A peer that was named otherwise than by <c>--eid</c>.</param>
    /// <exception cref="CommandException">The options contradict each other, or the link does not come up.</exception>
    public PeerSession Open(ParseResult parsed, TimeSpan patience, Eid? eid = null)
    {
        if (Links(parsed, eid) is [var link, ..]) return OpenLink(parsed, link, patience, eid);
        Eid target = eid ?? parsed.GetValue(_eid) ?? Eid.Null;
        var network = (uint)parsed.GetValue(_network);
        string? name = parsed.GetValue(_interface);
        PhysicalAddress address = parsed.GetValue(_address) is { } text ? MctpWords.ReadAddress(text) : default;
        return parsed.GetValue(_kernel)
            ? PeerSession.InKernel(name, address, target, network)
            : PeerSession.InDaemon(parsed.GetValue(_daemon), name, address, target, network);
    }

    private void EnsureConsistent(ParseResult parsed, LinkSpec[] links, Eid? eid)
    {
        bool kernel = parsed.GetValue(_kernel);
        bool daemon = parsed.GetResult(_daemon) is { Implicit: false };
        string? socket = parsed.GetValue(_daemon);
        if (daemon && kernel) throw new CommandException(ExitCode.Usage, "--daemon and --kernel exclude each other; give one of them");
        if (links.Length != 0 && (daemon || kernel))
            throw new CommandException(ExitCode.Usage, $"--link and {(kernel ? "--kernel" : "--daemon")} exclude each other; give one of them");

        // The word behind a bare --daemon may have been meant otherwise; a path is easy to tell.
        if (socket is not null && !socket.Contains('/', StringComparison.Ordinal))
            throw new CommandException(ExitCode.Usage, $"--daemon {socket}: a socket is a path with a slash; write --daemon=./{socket}, or put --daemon at the end");
        string? name = _takesPeer ? parsed.GetValue(_interface) : null;
        if (_takesPeer && parsed.GetValue(_address) is { } address)
        {
            if (name is null) throw new CommandException(ExitCode.Usage, "--lladdr needs --interface NAME: an address is one of a link");
            if (!MctpWords.TryReadAddress(address, out _))
                throw new CommandException(ExitCode.Usage, $"--lladdr {address}: write hexadecimal bytes, for instance 0x1d or 07:ec:80");
        }

        if (links.Length != 0)
        {
            if (name is not null || (_takesPeer && parsed.GetValue(_network) != 0))
                throw new CommandException(ExitCode.Usage, "--interface and --network belong to --daemon and --kernel; a link names itself");
            return;
        }

        string where = kernel ? "--kernel" : "the daemon";
        if (parsed.GetValue(_local) is not null)
            throw new CommandException(ExitCode.Usage, $"--local-eid cannot be chosen with {where}; that has EIDs of its own");
        if (_takesPeer && eid is null && parsed.GetValue(_eid) is null && name is null)
        {
            throw new CommandException(
                ExitCode.Usage,
                kernel || daemon
                    ? $"{(kernel ? "--kernel" : "--daemon")} needs --eid EID, or --interface NAME for whoever sits there"
                    : "whom to? give --link LINK, or --eid EID (or --interface NAME) for the daemon, or these with --kernel for the kernel's own MCTP");
        }
    }
}
