// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using Busbar.Mctp;
using Busbar.Node;

namespace Busbar.Cli;

/// <summary>The options by which ping, send and discover name whom they talk to: over a LINK of our own, or through the kernel's MCTP.</summary>
internal sealed class PeerOptions
{
    private const int DefaultLocalEid = 8;

    private readonly Option<LinkSpec> _link = LinkOption.Create();
    private readonly Option<bool> _kernel = new("--kernel") { Description = "Use the kernel's AF_MCTP instead of a link; needs --eid or --interface." };
    private readonly Option<string?> _interface = new("--interface")
    {
        Description = "With --kernel: send to this network interface whatever the routes say, to EID 0 unless --eid names another.",
        HelpName = "NAME",
    };

    private readonly Option<int> _network = OptionKinds.Number("--network", "With --kernel: MCTP network; 0 for the default one.", "N", 0, 0, int.MaxValue);
    private readonly Option<Eid?> _eid = OptionKinds.Eid("--eid", "Whom to talk to; if not given, whoever sits at the other end.");
    private readonly Option<Eid?> _local = OptionKinds.Eid("--local-eid", "EID to send from on a link (8); the kernel has its own.");

    public PeerOptions() => _link.Required = false;

    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_link, _kernel, _interface, _network, _eid, _local]) command.Options.Add(option);
    }

    /// <summary>Opens the link and waits until it is up, or makes sure that the kernel knows MCTP.</summary>
    /// <exception cref="CommandException">The options contradict each other, or the link does not come up.</exception>
    public PeerSession Open(ParseResult parsed, TimeSpan patience)
    {
        LinkSpec? spec = parsed.GetValue(_link);
        string? name = parsed.GetValue(_interface);
        Eid target = parsed.GetValue(_eid) ?? Eid.Null;
        if (!parsed.GetValue(_kernel))
        {
            if (spec is null) throw new CommandException(ExitCode.Usage, "where to? give --link LINK, or --kernel for the kernel's own MCTP");
            if (name is not null || parsed.GetValue(_network) != 0) throw new CommandException(ExitCode.Usage, "--interface and --network belong to --kernel; a link names itself");
            return PeerSession.OnLink(spec, parsed.GetValue(_local) ?? new Eid(DefaultLocalEid), target, patience);
        }

        if (spec is not null) throw new CommandException(ExitCode.Usage, "--link and --kernel exclude each other; give one of them");
        if (parsed.GetValue(_local) is not null) throw new CommandException(ExitCode.Usage, "--local-eid cannot be chosen with --kernel; the kernel sends from the interface's first EID");
        if (target == Eid.Null && name is null) throw new CommandException(ExitCode.Usage, "--kernel needs --eid EID, or --interface NAME for whoever sits there");
        return PeerSession.InKernel(name, target, (uint)parsed.GetValue(_network));
    }
}
