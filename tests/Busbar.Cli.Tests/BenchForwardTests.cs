// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using Xunit;

namespace Busbar.Cli.Tests;

/// <summary><c>busbar bench forward</c> and <c>busbar bench scale</c> run and add up; the figures themselves are nobody's promise.</summary>
public sealed class BenchForwardTests
{
    [Fact]
    [Trait("speed", "slow")]
    public void BenchForward_BetweenTwoWindows_LosesNothing()
    {
        // It fails by itself when a packet was lost, damaged or overtaken.
        ProgramResult result = BusbarProgram.Run("bench", "forward", "--rounds", "1", "--seconds", "0.05", "--json");

        Assert.Equal(0, result.ExitCode);
        JsonElement[] rows = [.. result.Json.GetProperty("rows").EnumerateArray()];
        Assert.Equal([64, 1024, 4096], rows.Select(row => row.GetProperty("size").GetInt32()));
        Assert.All(rows, row => Assert.True(row.GetProperty("packets_per_s").GetProperty("median").GetDouble() > 0));
    }

    [Fact]
    public void BenchScale_OfASmallWorld_CountsItsEndpoints()
    {
        ProgramResult result = BusbarProgram.Run("bench", "scale", "--links", "6", "--endpoints", "100", "--networks", "2", "--rounds", "1", "--json");

        Assert.Equal(0, result.ExitCode);
        Assert.Equal(100, result.Json.GetProperty("endpoints").GetInt32());
        Assert.True(result.Json.GetProperty("bytes_per_idle_endpoint").GetDouble() < 20_000);
    }

    [Theory]
    [InlineData("--links", "1", "--endpoints", "113")]
    [InlineData("--links", "4", "--endpoints", "300", "--networks", "1")]
    [InlineData("--links", "0")]
    public void BenchScale_OfAnImpossibleWorld_IsAMistakeOfTheCaller(params string[] arguments)
    {
        ProgramResult result = BusbarProgram.Run(["bench", "scale", .. arguments]);

        Assert.Equal(2, result.ExitCode);
        Assert.Single(result.ErrorLines);
    }
}
