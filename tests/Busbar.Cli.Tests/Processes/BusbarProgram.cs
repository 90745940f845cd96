// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;

namespace Busbar.Cli.Tests;

/// <summary>Runs the built program the way a user does, as a process of its own.</summary>
internal static class BusbarProgram
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    /// <summary>Runs to the end.</summary>
    public static ProgramResult Run(params string[] arguments)
    {
        using Process process = Start(arguments, redirectInput: false);
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(s_limit))
        {
            process.Kill();
            throw new TimeoutException($"busbar {string.Join(' ', arguments)} did not end within {s_limit.TotalSeconds} s");
        }

        return new ProgramResult(process.ExitCode, output.GetAwaiter().GetResult(), error.GetAwaiter().GetResult());
    }

    public static Process Start(IEnumerable<string> arguments, bool redirectInput, string? temporary = null)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardInput = redirectInput,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        start.ArgumentList.Add("exec");
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "busbar.dll"));
        foreach (string argument in arguments) start.ArgumentList.Add(argument);
        start.Environment["BUSBAR_DEBUG"] = "0";
        if (temporary is not null) start.Environment["TMPDIR"] = temporary;
        return Process.Start(start)!;
    }
}
