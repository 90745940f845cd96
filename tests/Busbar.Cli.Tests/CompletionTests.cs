// SPDX-License-Identifier: Apache-2.0
using Xunit;

namespace Busbar.Cli.Tests;

/// <summary>What shells are told when they ask for completions.</summary>
public sealed class CompletionTests
{
    [Theory]
    [InlineData("bash", "complete -F")]
    [InlineData("zsh", "compdef")]
    [InlineData("fish", "complete -c busbar")]
    public void Script_OfEachShell_RegistersAFunction(string shell, string marker)
    {
        ProgramResult result = BusbarProgram.Run("completion", shell);

        Assert.Equal(0, result.ExitCode);
        Assert.Contains(marker, result.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("busbar ", "endpoint")]
    [InlineData("busbar l", "lab")]
    [InlineData("busbar mmbi ", "show")]
    [InlineData("busbar lab --dial", "--dialect")]
    [InlineData("busbar lab --dialect ", "v1.0-espi")]
    [InlineData("busbar lab --wait ", "block")]
    [InlineData("busbar send --type ", "pldm")]
    [InlineData("busbar ping --link ", "mmbi:ivshmem:")]
    [InlineData("busbar ping --link mmbi:shm:/x,", "mmbi:shm:/x,role=")]
    [InlineData("busbar ping --link mmbi:shm:/x,role=", "mmbi:shm:/x,role=owner")]
    [InlineData("busbar ping --link mmbi:shm:/x,dialect=v1.0", "mmbi:shm:/x,dialect=v1.0-aspeed")]
    [InlineData("busbar ping --link mmbi:shm:/x,wait=b", "mmbi:shm:/x,wait=block")]
    public void Suggestions_ForALine_HoldTheWord(string line, string expected)
    {
        ProgramResult result = BusbarProgram.Run($"[suggest:{line.Length}]", line);

        Assert.Equal(0, result.ExitCode);
        Assert.Contains(expected, result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Theory]
    [InlineData("busbar la", "lab")]
    [InlineData("busbar ping --link mmbi:shm:/x,role=ow", "owner")]
    [InlineData("busbar lab --wait bl", "block")]
    public void BashScript_AtTheCursor_AddsWhatIsMissing(string line, string expected)
    {
        using var place = new Place();
        string script = place.File("completion.bash");
        File.WriteAllText(script, BusbarProgram.Run("completion", "bash").Output);
        string program = place.File("busbar");
        File.WriteAllText(program, $"#!/bin/bash\nexec dotnet exec '{Path.Combine(AppContext.BaseDirectory, "busbar.dll")}' \"$@\"\n");
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

        // What bash does on a press of the tabulator, its word breaks included.
        string last = line.Split(' ', '=')[^1];
        string command = $"source '{script}'; COMP_LINE='{line}'; COMP_POINT=${{#COMP_LINE}}; COMP_WORDS=('{program}' '{last}'); COMP_CWORD=1; _busbar 2>/dev/null; printf '%s\\n' \"${{COMPREPLY[@]}}\"";
        using var bash = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("bash", ["-c", command]) { RedirectStandardOutput = true, UseShellExecute = false })!;
        string output = bash.StandardOutput.ReadToEnd();
        bash.WaitForExit();

        Assert.Equal([expected], output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }
}
