// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;

namespace Busbar.Cli;

/// <summary>The options by which commands name the MCTP system that they act on: a daemon's, or the kernel's.</summary>
internal sealed class SystemOptions
{
    private readonly Option<bool> _kernel = new("--kernel") { Description = "Act on the kernel's MCTP instead of a daemon's.", Recursive = true };

    /// <summary>The daemon's socket.</summary>
    public Option<string?> Socket { get; } = new("--socket") { Description = "The daemon's socket, if not the usual one.", HelpName = "PATH", Recursive = true };

    /// <summary>Adds them to a command and its subcommands.</summary>
    public void AddTo(Command command)
    {
        command.Options.Add(_kernel);
        command.Options.Add(Socket);
    }

    /// <summary>Opens the system.</summary>
    /// <exception cref="CommandException">The options contradict each other.</exception>
    public ISystemSession Open(ParseResult parsed)
    {
        bool kernel = parsed.GetValue(_kernel);
        string? socket = parsed.GetValue(Socket);
        if (kernel && socket is not null) throw new CommandException(ExitCode.Usage, "--kernel and --socket exclude each other; a socket is a daemon's");
        return kernel ? new KernelSession() : DaemonSession.Open(socket);
    }
}
