// SPDX-License-Identifier: Apache-2.0
using Xunit;

namespace Busbar.Cli.Tests;

/// <summary><c>busbar bench link</c> against a real endpoint process; the figures themselves are nobody's promise.</summary>
public sealed class BenchLinkTests
{
    [Fact]
    public void BenchLink_OfABlockingEndpoint_CountsEchoesDoorbellsAndInterrupts()
    {
        using var place = new Place();
        using RunningProgram endpoint = RunningProgram.StartEndpoint(place.Ivshmem(",wait=block"));

        ProgramResult result = BusbarProgram.Run("bench", "link", "--link", place.Ivshmem(",wait=block"), "--rounds", "1", "--seconds", "0.05", "--json");

        Assert.Equal(0, result.ExitCode);
        Assert.Equal(0, result.Json.GetProperty("failures").GetInt32());
        Assert.Equal([64, 4096, 65536], result.Json.GetProperty("rows").EnumerateArray().Select(row => row.GetProperty("size").GetInt32()));
        Assert.True(result.Json.GetProperty("most_doorbells_per_s").GetDouble() > 0);
        Assert.True(result.Json.GetProperty("most_interrupts_per_s").GetDouble() > 0);
        Assert.True(result.Json.GetProperty("wake_up_ns").GetProperty("median").GetDouble() > 0);
    }

    [Fact]
    public void BenchLink_WithNobodyThere_EndsAsUnreachable()
    {
        using var place = new Place();

        ProgramResult result = BusbarProgram.Run("bench", "link", "--link", place.Ivshmem(), "--rounds", "1");

        Assert.Equal(3, result.ExitCode);
        Assert.Single(result.ErrorLines);
    }
}
