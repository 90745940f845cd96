// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;

namespace Busbar.Cli;

/// <summary>Starts this program again, as a second process.</summary>
internal static class OwnProgram
{
    /// <summary>How to start it with other arguments.</summary>
    /// <exception cref="CommandException">Exit code 5 when the system does not tell where the program is.</exception>
    public static ProcessStartInfo StartInfo(IEnumerable<string> arguments)
    {
        string program = Environment.ProcessPath ?? throw new CommandException(ExitCode.MissingFacility, "the path of this program is unknown, so a second one cannot be started");
        var start = new ProcessStartInfo(program) { UseShellExecute = false };

        // Under 'dotnet exec' the program is the host and its first argument ours; a published program is itself.
        if (Path.GetFileNameWithoutExtension(program) == "dotnet")
        {
            start.ArgumentList.Add("exec");
            start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, $"{typeof(OwnProgram).Assembly.GetName().Name}.dll"));
        }

        foreach (string argument in arguments) start.ArgumentList.Add(argument);
        return start;
    }
}
