// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Cli;

/// <summary>Ends a command with one line on stderr and an exit code.</summary>
internal sealed class CommandException : Exception
{
    public CommandException(int exitCode, string message, Exception? inner = null)
        : base(message, inner) => ExitCode = exitCode;

    public int ExitCode { get; }
}
