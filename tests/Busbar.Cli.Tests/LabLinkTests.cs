// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using Xunit;

namespace Busbar.Cli.Tests;

/// <summary>The lab against endpoints that are there already.</summary>
public sealed class LabLinkTests
{
    [Fact]
    public void Lab_OnALink_ExercisesTheEndpointThatIsThere()
    {
        using var place = new Place();
        using RunningProgram endpoint = RunningProgram.StartEndpoint(place.Ivshmem());

        ProgramResult result = BusbarProgram.Run("lab", "--link", place.Ivshmem(), "--quick", "--eid", "33", "--json");
        JsonElement assigned = endpoint.Expect("eid_assigned");

        Assert.Equal(string.Empty, result.Error);
        Assert.Equal(0, result.ExitCode);
        JsonElement lab = result.Json;
        Assert.True(lab.GetProperty("ok").GetBoolean());
        Assert.Equal(33, assigned.GetProperty("eid").GetInt32());
        Assert.Equal(33, lab.GetProperty("endpoint").GetProperty("eid").GetInt32());
        Assert.False(lab.GetProperty("endpoint").TryGetProperty("pid", out _));
        Assert.False(lab.TryGetProperty("endpoint_requests", out _));
        Assert.Equal("lab", Assert.Single(lab.GetProperty("resets").EnumerateArray()).GetProperty("by").GetString());
        Assert.All(lab.GetProperty("echo").EnumerateArray(), row => Assert.Equal(20, row.GetProperty("ok").GetInt32()));
        Assert.Equal(69, lab.GetProperty("sweep").GetProperty("ok").GetInt32());
        Assert.Equal(20, lab.GetProperty("random").GetProperty("ok").GetInt32());
    }

    [Theory]
    [InlineData("--no-assign")]
    [InlineData("--seed=2")]
    public void Lab_OfAnEndpointWithAStaticEid_LeavesIt(string option)
    {
        using var place = new Place();
        using RunningProgram endpoint = RunningProgram.StartEndpoint(place.Ivshmem(), "--eid", "77");

        ProgramResult result = BusbarProgram.Run("lab", "--link", place.Ivshmem(), "--quick", "--sizes", "64", option, "--json");

        Assert.Equal(0, result.ExitCode);
        Assert.Equal(77, result.Json.GetProperty("endpoint").GetProperty("eid").GetInt32());
    }

    [Fact]
    public void Lab_WithoutAnyEid_TalksToWhoeverSitsThere()
    {
        using var place = new Place();
        using RunningProgram endpoint = RunningProgram.StartEndpoint(place.Ivshmem());

        ProgramResult result = BusbarProgram.Run("lab", "--link", place.Ivshmem(), "--quick", "--sizes", "64", "--no-assign", "--json");

        Assert.Equal(0, result.ExitCode);
        Assert.Equal(0, result.Json.GetProperty("endpoint").GetProperty("eid").GetInt32());
    }

    [Fact]
    public void Lab_OnSeveralLinks_ExercisesAllAtOnce()
    {
        using var place = new Place();
        string[] links = [.. Enumerable.Range(0, 3).Select(i => $"mmbi:ivshmem:{place.File($"s{i}")}")];
        using RunningProgram first = RunningProgram.StartEndpoint(links[0]);
        using RunningProgram second = RunningProgram.StartEndpoint(links[1]);
        using RunningProgram third = RunningProgram.StartEndpoint(links[2]);

        ProgramResult result = BusbarProgram.Run(
            "lab", "--link", links[0], "--link", links[1], "--link", links[2], "--quick", "--sizes", "64,65535", "--json");
        ProgramResult people = BusbarProgram.Run("lab", "--link", links[0], "--link", links[1], "--quick", "--sizes", "64");

        Assert.Equal(0, result.ExitCode);
        JsonElement[] reports = [.. result.Json.GetProperty("links").EnumerateArray()];
        Assert.True(result.Json.GetProperty("ok").GetBoolean());
        Assert.Equal(links, reports.Select(report => report.GetProperty("link").GetProperty("name").GetString()));
        Assert.Equal([9, 10, 11], reports.Select(report => report.GetProperty("endpoint").GetProperty("eid").GetInt32()));
        Assert.All(reports, report => Assert.Empty(report.GetProperty("failures").EnumerateArray()));
        Assert.StartsWith("ok: 2 links", people.Output.TrimEnd().Split('\n')[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void Lab_OneOfSeveralLinksDead_ReportsItAndExercisesTheOthers()
    {
        using var place = new Place();
        File.WriteAllBytes(place.File("window"), new byte[65536]);
        using RunningProgram endpoint = RunningProgram.StartEndpoint(place.Ivshmem());

        ProgramResult result = BusbarProgram.Run(
            "lab", "--link", place.Ivshmem(), "--link", place.Shm(), "--quick", "--sizes", "64", "--timeout", "1", "--json");

        Assert.Equal(3, result.ExitCode);
        JsonElement[] reports = [.. result.Json.GetProperty("links").EnumerateArray()];
        Assert.False(result.Json.GetProperty("ok").GetBoolean());
        Assert.True(reports[0].GetProperty("ok").GetBoolean());
        Assert.Contains("no descriptor", Assert.Single(reports[1].GetProperty("failures").EnumerateArray()).GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Lab_OnALinkWithoutOwner_IsUnreachable()
    {
        using var place = new Place();
        File.WriteAllBytes(place.File("window"), new byte[65536]);

        ProgramResult result = BusbarProgram.Run("lab", "--link", place.Shm(), "--timeout", "0.2", "--json");

        Assert.Equal(3, result.ExitCode);
        Assert.Empty(result.Output);
        Assert.Single(result.ErrorLines);
    }

    [Theory]
    [InlineData("--size", "64K")]
    [InlineData("--window", "shm")]
    [InlineData("--dialect", "v1.1")]
    [InlineData("--wait", "spin")]
    public void Lab_OnALinkWithWhatBelongsIntoIt_IsRefused(string option, string value)
    {
        ProgramResult result = BusbarProgram.Run("lab", "--link", "mmbi:shm:/nonexistent/x", option, value);

        Assert.Equal(2, result.ExitCode);
        Assert.Contains(option, Assert.Single(result.ErrorLines), StringComparison.Ordinal);
    }

    [Fact]
    public void Lab_WithMoreLinksThanEids_IsRefused()
    {
        ProgramResult result = BusbarProgram.Run("lab", "--link", "mmbi:shm:/a/x", "--link", "mmbi:shm:/b/x", "--eid", "254");

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("--eid", Assert.Single(result.ErrorLines), StringComparison.Ordinal);
    }
}
