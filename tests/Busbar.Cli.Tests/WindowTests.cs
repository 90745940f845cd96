// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using Xunit;

namespace Busbar.Cli.Tests;

/// <summary><c>mmbi show</c> on live windows and dumps.</summary>
public sealed class WindowTests
{
    [Theory]
    [InlineData("v1.1")]
    [InlineData("v1.0-aspeed")]
    [InlineData("v1.0-espi")]
    public void Show_OfALiveWindow_DecodesItWithoutTakingPart(string dialect)
    {
        using var place = new Place();
        using RunningProgram owner = RunningProgram.StartEndpoint(place.Ivshmem($",dialect={dialect}"), "--eid", "10");
        using RunningProgram host = RunningProgram.StartEndpoint(place.Ivshmem(",role=discoverer"));
        host.Expect("link_up");
        host.Command("request 10 5000 1024");

        ProgramResult during = BusbarProgram.Run("mmbi", "show", place.Ivshmem(), "--json");
        JsonElement traffic = host.Expect("requested");
        ProgramResult after = BusbarProgram.Run("mmbi", "show", place.Ivshmem(), "--json");

        Assert.Equal(0, during.ExitCode);
        Assert.Equal(5000, traffic.GetProperty("ok").GetInt64());
        Assert.Equal(dialect, after.Json.GetProperty("dialect").GetString());
        Assert.True(after.Json.GetProperty("rendezvous_page").GetBoolean());
        JsonElement instance = after.Json.GetProperty("instances")[0];
        Assert.Equal("NORMAL_RUNTIME", instance.GetProperty("state").GetString());
        Assert.All(instance.GetProperty("rings").EnumerateArray(), ring => Assert.True(ring.GetProperty("plausible").GetBoolean()));
        Assert.Contains(
            after.Json.GetProperty("descriptor").EnumerateArray(),
            row => row.GetProperty("field").GetString() == "B2H_L" && row.GetProperty("meaning").GetString()!.EndsWith("bytes", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("v1.1", 7)]
    [InlineData("v1.0-espi", 8)]
    public void Show_OfSeveralInstances_ListsThemAll(string dialect, int instances)
    {
        using var place = new Place();
        using RunningProgram first = RunningProgram.StartEndpoint(place.Ivshmem($",dialect={dialect},instances={instances}"));
        using RunningProgram owner = RunningProgram.StartEndpoint(place.Ivshmem($",dialect={dialect},instances={instances},instance={instances - 1}"));
        using RunningProgram host = RunningProgram.StartEndpoint(place.Ivshmem($",role=discoverer,instance={instances - 1}"));
        host.Expect("link_up");

        JsonElement found = BusbarProgram.Run("mmbi", "show", place.Ivshmem(), "--json").Json;

        JsonElement last = found.GetProperty("instances").EnumerateArray().Last();
        Assert.Equal(instances - 1, last.GetProperty("instance").GetInt32());
        Assert.Equal("NORMAL_RUNTIME", last.GetProperty("state").GetString());
        Assert.True(last.GetProperty("rings")[0].GetProperty("in_use").GetBoolean());
    }

    [Fact]
    public void Show_OfADump_SaysWhatTheWindowSays()
    {
        using var place = new Place();
        using RunningProgram owner = RunningProgram.StartEndpoint(place.Shm(",size=64K"));
        File.Copy(place.File("window"), place.File("dump"));

        ProgramResult live = BusbarProgram.Run("mmbi", "show", place.Shm());
        ProgramResult dump = BusbarProgram.Run("mmbi", "show", $"mmbi:file:{place.File("dump")}");

        Assert.Equal(0, dump.ExitCode);
        Assert.Equal(live.Output, dump.Output);
        Assert.Contains("INIT_COMPLETED", dump.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Show_OfADamagedDump_NamesTheField()
    {
        using var place = new Place();
        byte[] window;
        using (RunningProgram.StartEndpoint(place.Shm(",size=64K"))) window = File.ReadAllBytes(place.File("window"));

        // B2H_L of the first instance, most significant byte first: no longer a multiple of 4.
        window[8 + 8 + 3] |= 1;
        File.WriteAllBytes(place.File("dump"), window);

        ProgramResult result = BusbarProgram.Run("mmbi", "show", $"mmbi:file:{place.File("dump")},dialect=v1.1", "--json");

        Assert.Equal(1, result.ExitCode);
        Assert.False(result.Json.GetProperty("ok").GetBoolean());
        Assert.Contains("B2H_L", result.Json.GetProperty("faults")[0].GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Show_OfNoise_IsANegativeVerdict()
    {
        using var place = new Place();
        byte[] noise = new byte[5000];
        new Random(7).NextBytes(noise);
        File.WriteAllBytes(place.File("noise"), noise);

        ProgramResult result = BusbarProgram.Run("mmbi", "show", $"mmbi:file:{place.File("noise")}", "--json");

        Assert.Equal(1, result.ExitCode);
        Assert.NotEmpty(result.Json.GetProperty("faults").EnumerateArray());
    }

    [Theory]
    [InlineData(0, 2)]
    [InlineData(1, 1)]
    [InlineData(7, 1)]
    [InlineData(63, 1)]
    [InlineData(64, 1)]
    [InlineData(4095, 1)]
    public void Show_OfAFileOfAnyLength_NeverFails(int length, int exitCode)
    {
        using var place = new Place();
        File.WriteAllBytes(place.File("piece"), new byte[length]);

        ProgramResult result = BusbarProgram.Run("mmbi", "show", $"mmbi:file:{place.File("piece")}");

        Assert.Equal(exitCode, result.ExitCode);
    }
}
