// SPDX-License-Identifier: Apache-2.0
using Busbar.TestKit;
using Xunit;

namespace Busbar.Cli.Tests;

/// <summary>The manual page is what the commands say.</summary>
public sealed class ManualPageTests
{
    [Fact]
    public void Page_InThePackage_IsCurrent()
    {
        string file = Path.Combine(SourceTree.Root, "packaging", "man", "busbar.1");

        ProgramResult result = BusbarProgram.Run("man");

        Assert.Equal(0, result.ExitCode);
        Assert.True(File.ReadAllText(file) == result.Output, $"{file} is not what the commands say now; write it anew: ./busbar man > packaging/man/busbar.1");
    }

    [Fact]
    public void Page_NamesEveryCommand()
    {
        string page = BusbarProgram.Run("man").Output;

        Assert.All(
            ["link set", "address add", "route del", "neigh show", "monitor", "peer assign", "tree", "req", "echo", "bench peer"],
            command => Assert.Contains($".SS \"busbar {command}", page, StringComparison.Ordinal));
        Assert.DoesNotContain("guest\\-agent", page, StringComparison.Ordinal);
    }
}
