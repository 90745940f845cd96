// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;

namespace Busbar.Cli.Tests;

/// <summary>Runs the built program the way a user does, as a process of its own.</summary>
internal static class BusbarProgram
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    /// <summary>Runs to the end.</summary>
    public static ProgramResult Run(params string[] arguments) => Finish(Start(arguments, redirectInput: false), arguments);

    /// <summary>Runs it to the end by another name, which is a link to it in a folder of its own; null for its own name.</summary>
    public static ProgramResult Run(string? name, string[] arguments, params (string Name, string Value)[] environment)
    {
        if (name is null) return Finish(Start(arguments, redirectInput: false, temporary: null, environment), arguments);
        DirectoryInfo folder = Directory.CreateTempSubdirectory("busbar-");
        try
        {
            string link = Path.Combine(folder.FullName, name);
            File.CreateSymbolicLink(link, Path.Combine(AppContext.BaseDirectory, "busbar"));
            var start = new ProcessStartInfo(link, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
            foreach ((string variable, string value) in environment) start.Environment[variable] = value;
            return Finish(Process.Start(start)!, arguments);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static ProgramResult Finish(Process started, string[] arguments)
    {
        using Process process = started;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(s_limit))
        {
            process.Kill();
            throw new TimeoutException($"busbar {string.Join(' ', arguments)} did not end within {s_limit.TotalSeconds} s");
        }

        return new ProgramResult(process.ExitCode, output.GetAwaiter().GetResult(), error.GetAwaiter().GetResult());
    }

    public static Process Start(IEnumerable<string> arguments, bool redirectInput, string? temporary = null, params (string Name, string Value)[] environment)
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
        foreach ((string variable, string value) in environment) start.Environment[variable] = value;
        return Process.Start(start)!;
    }
}
