// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using System.Text.Json;
using Busbar.Guest;
using Xunit;

namespace Busbar.Vm;

/// <summary>Runs <c>busbar lab --vm --story N --json</c> the way a user does, as a process of its own, and hands out its report.</summary>
internal static class StoryRun
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(10);

    /// <summary>Tells a story to its end; without an image the running test is skipped.</summary>
    /// <param name="number">Which.</param>
    /// <returns>The report of a story that went well.</returns>
    public static JsonElement Tell(int number)
    {
        GuestImage image = Guests.RequireImage();
        string logs = Path.GetDirectoryName(Guests.LogPath("story"))!;
        string[] arguments =
        [
            "exec", Path.Combine(AppContext.BaseDirectory, "busbar.dll"),
            "lab", "--vm", "--story", $"{number}", "--json", "--logs", Path.Combine(logs, $"story{number}"),
        ];
        var start = new ProcessStartInfo("dotnet", arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            Environment = { ["BUSBAR_QEMU"] = image.Qemu, ["BUSBAR_VM_KERNEL"] = image.Kernel, ["BUSBAR_VM_INITRAMFS"] = image.Initramfs },
        };
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(s_limit))
        {
            // Its guests end with it.
            process.Kill();
            Assert.Fail($"story {number} did not end within {s_limit.TotalMinutes} minutes; it printed {output.Result} {error.Result}");
        }

        Assert.True(output.Result.Length > 0, $"story {number} ended with {process.ExitCode} and printed only: {error.Result}");
        TestContext.Current.TestOutputHelper?.WriteLine(output.Result);
        JsonElement report = JsonDocument.Parse(output.Result).RootElement;
        Assert.True(report.GetProperty("ok").GetBoolean(), output.Result);
        Assert.Equal(0, process.ExitCode);
        Assert.Empty(report.GetProperty("failures").EnumerateArray());
        Assert.All(report.GetProperty("steps").EnumerateArray(), step => Assert.True(step.GetProperty("ok").GetBoolean()));
        return report;
    }

    /// <summary>Every message of a lab's report came back with every byte right, and the link survived a reset by the guest.</summary>
    public static void AssertExercised(JsonElement link)
    {
        Assert.True(link.GetProperty("ok").GetBoolean());
        Assert.Equal("NORMAL_RUNTIME", link.GetProperty("link").GetProperty("state").GetString());
        Assert.NotEmpty(link.GetProperty("echo").EnumerateArray());
        Assert.All(link.GetProperty("echo").EnumerateArray(), row => Assert.Equal(row.GetProperty("count").GetInt32(), row.GetProperty("ok").GetInt32()));
        Assert.All(["sweep", "random"], name => AssertWhole(link.GetProperty(name)));
        Assert.Equal("lab", Assert.Single(link.GetProperty("resets").EnumerateArray()).GetProperty("by").GetString());
        Assert.Equal([0, 0x7E], link.GetProperty("endpoint").GetProperty("types").EnumerateArray().Select(type => type.GetInt32()));
    }

    /// <summary>The step was done.</summary>
    public static void AssertStep(JsonElement report, string name) =>
        Assert.Contains(report.GetProperty("steps").EnumerateArray(), step => step.GetProperty("name").GetString() == name);

    private static void AssertWhole(JsonElement batch)
    {
        Assert.True(batch.GetProperty("count").GetInt64() > 0);
        Assert.Equal(batch.GetProperty("count").GetInt64(), batch.GetProperty("ok").GetInt64());
    }
}
