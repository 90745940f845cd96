// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using Xunit;

namespace Busbar.Cli.Tests;

/// <summary>The story of <c>busbar lab --vm</c> that needs no guest.</summary>
public sealed class LabStoryTests
{
    [Fact]
    public void Story5_InOneProcess_SurvivesEveryReset()
    {
        ProgramResult result = BusbarProgram.Run("lab", "--vm", "--story", "5", "--json");

        Assert.Equal(0, result.ExitCode);
        JsonElement report = result.Json;
        Assert.True(report.GetProperty("ok").GetBoolean());
        Assert.True(report.GetProperty("messages").GetInt64() > 1000);
        Assert.Equal(8, report.GetProperty("steps").GetArrayLength());
        Assert.True(report.GetProperty("measures").GetProperty("dead_device_noticed_ms").GetDouble() > 0);
    }

    [Fact]
    public void Story_ThatNobodyKnows_IsRefused()
    {
        ProgramResult result = BusbarProgram.Run("lab", "--vm", "--story", "9");

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("from 1 to 5", Assert.Single(result.ErrorLines), StringComparison.Ordinal);
    }
}
