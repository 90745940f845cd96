// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using Busbar.Mctp;
using Busbar.Node;

namespace Busbar.Cli;

/// <summary>The options by which ping, send and discover name whom they talk to: over a LINK of our own, or through the kernel's MCTP.</summary>
internal sealed class PeerOptions
{
    private const int DefaultLocalEid = 8;

    private readonly Option<LinkSpec[]> _link;
    private readonly Option<bool> _kernel = new("--kernel") { Description = "Use the kernel's AF_MCTP instead of a link; needs --eid or --interface." };
    private readonly Option<string?> _interface = new("--interface")
    {
        Description = "With --kernel: send to this network interface whatever the routes say, to EID 0 unless --eid names another.",
        HelpName = "NAME",
    };

    private readonly Option<int> _network = OptionKinds.Number("--network", "With --kernel: MCTP network; 0 for the default one.", "N", 0, 0, int.MaxValue);
    private readonly Option<Eid?> _eid = OptionKinds.Eid("--eid", "Whom to talk to; if not given, whoever sits at the other end.");
    private readonly Option<Eid?> _local = OptionKinds.Eid("--local-eid", "EID to send from on a link (8); the kernel has its own.");

    /// <summary>Makes the options.</summary>
    /// <param name="mayBeMany">True when the command takes several links at once.</param>
    public PeerOptions(bool mayBeMany = false)
    {
        string description = mayBeMany ? "The link, or several, at the same time: " : "The link: ";
        _link = LinkOption.CreateMany(description + LinkSpecParser.Grammar, required: false);
        if (!mayBeMany) _link.Arity = ArgumentArity.ExactlyOne;
    }

    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_link, _kernel, _interface, _network, _eid, _local]) command.Options.Add(option);
    }

    /// <summary>The links that were named; none with <c>--kernel</c>.</summary>
    public LinkSpec[] Links(ParseResult parsed)
    {
        LinkSpec[] links = parsed.GetValue(_link) ?? [];
        EnsureConsistent(parsed, links);
        return links;
    }

    /// <summary>Opens one of several links.</summary>
    public PeerSession OpenLink(ParseResult parsed, LinkSpec link, TimeSpan patience) =>
        PeerSession.OnLink(link, parsed.GetValue(_local) ?? new Eid(DefaultLocalEid), parsed.GetValue(_eid) ?? Eid.Null, patience);

    /// <summary>Opens the link and waits until it is up, or makes sure that the kernel knows MCTP.</summary>
    /// <exception cref="CommandException">The options contradict each other, or the link does not come up.</exception>
    public PeerSession Open(ParseResult parsed, TimeSpan patience) => Links(parsed) is [var link, ..]
        ? OpenLink(parsed, link, patience)
        : PeerSession.InKernel(parsed.GetValue(_interface), parsed.GetValue(_eid) ?? Eid.Null, (uint)parsed.GetValue(_network));

    private void EnsureConsistent(ParseResult parsed, LinkSpec[] links)
    {
        string? name = parsed.GetValue(_interface);
        if (!parsed.GetValue(_kernel))
        {
            if (links.Length == 0) throw new CommandException(ExitCode.Usage, "where to? give --link LINK, or --kernel for the kernel's own MCTP");
            if (name is not null || parsed.GetValue(_network) != 0) throw new CommandException(ExitCode.Usage, "--interface and --network belong to --kernel; a link names itself");
            return;
        }

        if (links.Length != 0) throw new CommandException(ExitCode.Usage, "--link and --kernel exclude each other; give one of them");
        if (parsed.GetValue(_local) is not null) throw new CommandException(ExitCode.Usage, "--local-eid cannot be chosen with --kernel; the kernel sends from the interface's first EID");
        if (parsed.GetValue(_eid) is null && name is null) throw new CommandException(ExitCode.Usage, "--kernel needs --eid EID, or --interface NAME for whoever sits there");
    }
}
