// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using Xunit;

namespace Busbar.Cli.Tests;

/// <summary>The networks of the examples, built out of processes and judged by the lab's own report.</summary>
public sealed class LabTopologyTests
{
    [Theory]
    [InlineData("two-bridges", 11, 1)]
    [InlineData("all-bindings", 9, 1)]
    [InlineData("three-levels", 106, 3)]
    [Trait("speed", "slow")]
    public void Example_BuiltAndExercised_IsFoundWholeAndEchoesEveryByte(string name, int endpoints, int levels)
    {
        ProgramResult result = BusbarProgram.Run("lab", "--topology", Example(name), "--quick", "--json");

        Assert.Equal("", result.Error);
        JsonElement report = result.Json;
        Assert.Empty(report.GetProperty("failures").EnumerateArray().Select(failure => failure.GetString()));
        Assert.True(report.GetProperty("ok").GetBoolean());
        Assert.Equal(0, result.ExitCode);
        JsonElement[] found = [.. report.GetProperty("endpoints").EnumerateArray()];
        Assert.Equal(endpoints, found.Length);
        Assert.Equal(endpoints, found.Select(endpoint => endpoint.GetProperty("eid").GetInt32()).Distinct().Count());
        Assert.Equal(levels, report.GetProperty("bridge_levels").GetInt32());

        // Four sizes to everybody, and from each bridge to somebody who is not behind it.
        Assert.All(found, endpoint => Assert.Equal((4, 4), (endpoint.GetProperty("sent").GetInt32(), endpoint.GetProperty("intact").GetInt32())));
        Assert.InRange(report.GetProperty("messages_across").GetInt64(), 4 * levels, long.MaxValue);
    }

    [Theory]
    [InlineData("[[node]]\nname = \"a\"\n", "no node is the bus owner")]
    [InlineData("[[node]]\nname = \"a\"\nbus_owner = true\n[[node]]\nname = \"b\"\n", "no link leads to 'b'")]
    [InlineData("[[node]]\nname = \"a\"\nbus_owner = true\n[[node]]\nname = \"a\"\n", "5:8: there is a node 'a' in line 1 already")]
    [InlineData("[[node]]\nname = \"a\"\nbus_owner = true\n[[link]]\nowner = \"a\"\nto = \"x\"\n", "6:6: there is no node 'x'")]
    [InlineData("[[node]]\nname = \"a\"\nbus_owner = true\n[[node]]\nname = \"b\"\n[[link]]\nowner = \"a\"\nto = \"b\"\nover = \"ether\"\n", "mmbi-shm")]
    [InlineData("[[node]]\nname = \"a\"\nbus_ownr = true\n", "bus_owner")]
    [InlineData("[[node]]\nname = \"a\"\nbus_owner = true\nendpoints = 500\n", "endpoints")]
    [InlineData("[[node]\n", "1:")]
    public void File_WithAMistake_IsRefusedWithPlaceAndRemedy(string text, string expected)
    {
        string file = Path.Combine(Path.GetTempPath(), $"topology-{Guid.NewGuid():N}.toml");
        File.WriteAllText(file, text);
        try
        {
            ProgramResult result = BusbarProgram.Run("lab", "--topology", file);

            Assert.Equal(2, result.ExitCode);
            Assert.Equal("", result.Output);
            Assert.Contains(expected, Assert.Single(result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void Topology_WithOptionsOfOtherLabs_IsRefused()
    {
        ProgramResult result = BusbarProgram.Run("lab", "--topology", Example("two-bridges"), "--window", "shm");

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("--window", result.Error, StringComparison.Ordinal);
    }

    private static string Example(string name)
    {
        DirectoryInfo? root = new(AppContext.BaseDirectory);
        while (root is not null && !Directory.Exists(Path.Combine(root.FullName, "examples"))) root = root.Parent;
        Assert.NotNull(root);
        return Path.Combine(root.FullName, "examples", $"{name}.toml");
    }
}
