// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using Xunit;

namespace Busbar.Cli.Tests;

/// <summary>What stories refuse, and what they say when there is nothing to boot.</summary>
public sealed class LabStoryTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData("lab --story 2", "--story")]
    [InlineData("lab --logs /tmp", "--logs")]
    [InlineData("lab --vm --link mmbi:shm:/nonexistent/x", "--link")]
    [InlineData("lab --vm --count 5", "--count")]
    [InlineData("lab --vm --story 9", "--story")]
    public void Story_WithWhatDoesNotBelongToIt_IsRefused(string commandLine, string culprit)
    {
        ProgramResult result = BusbarProgram.Run(commandLine.Split(' '));

        Assert.Equal(2, result.ExitCode);
        Assert.Empty(result.Output);
        Assert.Contains(culprit, Assert.Single(result.ErrorLines), StringComparison.Ordinal);
    }

    [Fact]
    public void Story_WithoutAnImage_NamesWhatIsMissing()
    {
        var start = new ProcessStartInfo("dotnet", ["exec", Path.Combine(AppContext.BaseDirectory, "busbar.dll"), "lab", "--vm", "--json"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (string name in (string[])["BUSBAR_QEMU", "BUSBAR_VM_KERNEL", "BUSBAR_VM_INITRAMFS"]) start.Environment[name] = "/nonexistent/" + name;
        using Process process = Process.Start(start)!;
        string error = process.StandardError.ReadToEnd();
        Assert.True(process.WaitForExit(s_limit));

        Assert.Equal(5, process.ExitCode);
        Assert.Empty(process.StandardOutput.ReadToEnd());
        Assert.StartsWith("busbar: BUSBAR_", error, StringComparison.Ordinal);
        Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }
}
