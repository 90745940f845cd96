// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using Xunit;

namespace Busbar.Cli.Tests;

/// <summary>The lab in every dialect, window and waiting strategy, judged by its own report.</summary>
public sealed class LabTests
{
    private static readonly int[] s_sizes = [3, 4, 64, 1024, 65535];

    [Theory]
    [InlineData("v1.1", "ivshmem")]
    [InlineData("v1.0-aspeed", "ivshmem")]
    [InlineData("v1.0-espi", "ivshmem")]
    [InlineData("v1.1", "shm")]
    [InlineData("v1.0-aspeed", "shm")]
    [InlineData("v1.0-espi", "shm")]
    [Trait("speed", "slow")]
    public void Lab_OfEachDialectAndWindow_ReportsEveryByteRight(string dialect, string window)
    {
        ProgramResult result = BusbarProgram.Run("lab", "--dialect", dialect, "--window", window, "--sizes", string.Join(',', s_sizes), "--count", "20", "--json");

        Assert.Equal(0, result.ExitCode);
        Assert.Empty(result.Error);
        JsonElement lab = result.Json;
        Assert.True(lab.GetProperty("ok").GetBoolean());
        Assert.Equal(dialect, lab.GetProperty("dialect").GetString());
        Assert.Equal(2 << 20, lab.GetProperty("window_bytes").GetInt32());
        Assert.Empty(lab.GetProperty("failures").EnumerateArray());
        Assert.Equal(0, lab.GetProperty("endpoint_exit_code").GetInt32());
        Assert.InRange(lab.GetProperty("elapsed_s").GetDouble(), 0.01, 30);
        AssertEndpoint(lab.GetProperty("endpoint"));
        AssertLink(lab.GetProperty("link"));
        Assert.Equal(s_sizes, lab.GetProperty("echo").EnumerateArray().Select(row => row.GetProperty("size").GetInt32()));
        Assert.All(lab.GetProperty("echo").EnumerateArray(), AssertRow);
        Assert.All(["sweep", "random", "endpoint_requests"], name => AssertWhole(lab.GetProperty(name)));
        Assert.Equal(["lab", "endpoint"], lab.GetProperty("resets").EnumerateArray().Select(reset => reset.GetProperty("by").GetString()));
        AssertCounters(lab.GetProperty("counters"));
    }

    [Theory]
    [InlineData("spin")]
    [InlineData("adaptive")]
    [InlineData("block")]
    [InlineData("poll")]
    [Trait("speed", "slow")]
    public void Lab_OfEachStrategy_Succeeds(string wait)
    {
        ProgramResult result = BusbarProgram.Run("lab", "--wait", wait, "--sizes", "64,4096", "--count", "50", "--json");

        Assert.True(result.ExitCode == 0, result.Output + result.Error);
        Assert.Equal(wait, result.Json.GetProperty("wait").GetString());
    }

    [Theory]
    [InlineData("64K")]
    [InlineData("16M")]
    [Trait("speed", "slow")]
    public void Lab_OfOtherWindowSizes_Succeeds(string size)
    {
        ProgramResult result = BusbarProgram.Run("lab", "--size", size, "--sizes", "64,65535", "--count", "20", "--json");

        Assert.Equal(0, result.ExitCode);
    }

    [Fact]
    public void Lab_WithAWindowTooSmall_SaysSoInOneLine()
    {
        ProgramResult result = BusbarProgram.Run("lab", "--size", "4K");

        Assert.Equal(2, result.ExitCode);
        Assert.Empty(result.Output);
        Assert.Single(result.ErrorLines);
    }

    [Fact]
    public void Lab_ForPeople_EndsWithAVerdictAndLeavesNoFiles()
    {
        string[] before = Directory.GetFileSystemEntries(Path.GetTempPath(), "busbar-lab-*");

        ProgramResult result = BusbarProgram.Run("lab", "--sizes", "64", "--count", "10", "-v");

        Assert.Equal(0, result.ExitCode);
        Assert.StartsWith("ok:", result.Output.TrimEnd().Split('\n')[^1], StringComparison.Ordinal);
        Assert.Contains("doorbells rung", result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', result.Output);
        Assert.Equal(before, Directory.GetFileSystemEntries(Path.GetTempPath(), "busbar-lab-*"));
    }

    private static void AssertEndpoint(JsonElement endpoint)
    {
        Assert.True(endpoint.GetProperty("pid").GetInt32() > 1);
        Assert.Equal(9, endpoint.GetProperty("eid").GetInt32());
        Assert.True(endpoint.GetProperty("uuid").GetGuid() != Guid.Empty);
        Assert.Equal([0, 0x7E], endpoint.GetProperty("types").EnumerateArray().Select(type => type.GetInt32()));
        Assert.NotEmpty(endpoint.GetProperty("versions").GetProperty("base").EnumerateArray());
        Assert.NotEmpty(endpoint.GetProperty("versions").GetProperty("0").EnumerateArray());
    }

    private static void AssertLink(JsonElement link)
    {
        Assert.Equal("NORMAL_RUNTIME", link.GetProperty("state").GetString());
        Assert.True(link.GetProperty("mtu").GetInt32() >= 68);
        Assert.Equal(2, link.GetProperty("resets").GetInt64());
    }

    private static void AssertRow(JsonElement row)
    {
        Assert.Equal(20, row.GetProperty("count").GetInt32());
        Assert.Equal(20, row.GetProperty("ok").GetInt32());
        Assert.InRange(row.GetProperty("p50_us").GetDouble(), 0.1, row.GetProperty("p99_us").GetDouble());
        Assert.True(row.GetProperty("messages_per_s").GetDouble() > 0);
    }

    private static void AssertWhole(JsonElement batch)
    {
        Assert.True(batch.GetProperty("count").GetInt64() > 0);
        Assert.Equal(batch.GetProperty("count").GetInt64(), batch.GetProperty("ok").GetInt64());
    }

    // Nothing is lost on the way: what one side sent, the other received.
    private static void AssertCounters(JsonElement counters)
    {
        JsonElement lab = counters.GetProperty("lab");
        JsonElement endpoint = counters.GetProperty("endpoint");
        Assert.Equal(lab.GetProperty("packets_sent").GetInt64(), endpoint.GetProperty("packets_received").GetInt64());
        Assert.Equal(endpoint.GetProperty("packets_sent").GetInt64(), lab.GetProperty("packets_received").GetInt64());
        Assert.Empty(lab.GetProperty("drops").EnumerateObject());
        Assert.Empty(endpoint.GetProperty("drops").EnumerateObject());
    }
}
