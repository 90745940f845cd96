// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using Busbar.Endpoints;
using Busbar.Linux;
using Busbar.Mctp;
using Busbar.Mmbi;
using Busbar.Node;
using Busbar.Pci;
using Xunit;

namespace Busbar.Cli.Tests;

/// <summary><c>busbar device</c> as a process of its own, with our driver on its socket.</summary>
[Trait("speed", "slow")]
public sealed class DeviceTests
{
    private const string Uuid = "0a0b0c0d-1111-2222-3333-444455556666";

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(20);

    [Fact]
    public void Ready_Stats_Quit_TellWhatItIs_AndLeaveNoSocket()
    {
        using var place = new Place();
        using RunningProgram device = Start(place, out JsonElement ready, "--instances", "2", "--eid", "20", "--uuid", Uuid);
        Assert.Equal("busbar", ready.GetProperty("profile").GetString());
        Assert.Equal(2, ready.GetProperty("instances").GetInt32());
        Assert.Equal("v1.1", ready.GetProperty("dialect").GetString());
        Assert.Equal(2 << 20, ready.GetProperty("window_bytes").GetInt32());
        Assert.Equal(Uuid, ready.GetProperty("uuid").GetString());
        Assert.Equal(20, ready.GetProperty("eid").GetInt32());
        Assert.Equal(place.Socket, ready.GetProperty("socket").GetString());
        Assert.Equal(device.ProcessId, ready.GetProperty("pid").GetInt32());

        device.Command("stats");
        for (int k = 0; k < 2; k++)
        {
            JsonElement stats = device.Expect("stats");
            Assert.Equal(k, stats.GetProperty("instance").GetInt32());
            Assert.Equal(0, stats.GetProperty("counters").GetProperty("joins").GetInt64());
        }

        device.Command("quit");
        for (int k = 0; k < 2; k++) Assert.Equal(k, device.Expect("stopped").GetProperty("instance").GetInt32());
        Assert.Equal(0, device.WaitForExit().ExitCode);
        Assert.False(File.Exists(place.Socket));
    }

    [Fact]
    public void Driver_LivesThroughRestartResetAndFunctionReset()
    {
        using var place = new Place();
        using RunningProgram device = Start(place, out _, "--eid", "20");
        using (var client = VfioUserClient.Connect(place.Socket))
        {
            device.Expect("client_connected");
            using var host = new EndpointHost(PciAttachment.Open(client, new WindowOptions { Text = "test", Role = MmbiRole.Discoverer }), new EndpointOptions { StaticEid = new Eid(8) });
            device.Expect("link_up");
            EchoesIntact(host);

            device.Command("restart 0");
            Assert.Equal(0, device.ExpectInAnyOrder("restarted", "link_up")["restarted"].GetProperty("instance").GetInt32());
            EchoesIntact(host);

            device.Command("reset");
            device.ExpectInAnyOrder("reset", "link_up");
            EchoesIntact(host);

            client.Reset();
            device.ExpectInAnyOrder("device_reset", "link_up");
            device.Command("stats");
            Assert.NotEqual(0, device.Expect("stats").GetProperty("counters").GetProperty("resets_by_peer").GetInt64());
        }

        device.Expect("client_disconnected");
        device.Signal(Signal.Terminate);
        Assert.Equal(0, device.WaitForExit().ExitCode);
    }

    [Fact]
    public void SigTerm_WithADriverOnIt_EndsInOrder()
    {
        using var place = new Place();
        using RunningProgram device = Start(place, out _);
        using var client = VfioUserClient.Connect(place.Socket);
        device.Expect("client_connected");

        device.Signal(Signal.Terminate);

        device.Expect("stopped");
        ProgramResult result = device.WaitForExit();
        Assert.Equal((0, string.Empty), (result.ExitCode, result.Error));
        Assert.False(File.Exists(place.Socket));
    }

    [Fact]
    public void EndOfStdin_StopsTheDevice()
    {
        using var place = new Place();
        using RunningProgram device = Start(place, out _);
        device.CloseInput();
        device.Expect("stopped");
        Assert.Equal(0, device.WaitForExit().ExitCode);
    }

    [Theory]
    [InlineData("jump", "is not a command")]
    [InlineData("restart 1", "is not a command")]
    [InlineData("restart -1", "is not a command")]
    [InlineData("restart 0 0", "is not a command")]
    [InlineData("quit now", "is not a command")]
    [InlineData("reset", "link is not up")]
    public void Command_ThatCannotBeDone_IsAnsweredByAnError_AndItRunsOn(string command, string reason)
    {
        using var place = new Place();
        using RunningProgram device = Start(place, out _);
        device.Command(command);
        Assert.Contains(reason, device.Expect("error").GetProperty("message").GetString(), StringComparison.Ordinal);
        device.Command("stats");
        device.Expect("stats");
    }

    [Fact]
    public void Crash_EndsTheProcessAsAKillDoes()
    {
        const int KilledBySignal = 128 + (int)Signal.Kill;
        using var place = new Place();
        using RunningProgram device = Start(place, out _);
        device.Command("crash");
        Assert.Equal(KilledBySignal, device.WaitForExit().ExitCode);
        Assert.True(File.Exists(place.Socket));
    }

    [Fact]
    public void Resets_WhoseEventsNobodyReads_DoNotHoldUpTheGuest()
    {
        // More than the pipe and the queue of events hold.
        const int Resets = 10_000;
        using var place = new Place();
        using System.Diagnostics.Process device = BusbarProgram.Start(["device", "--vfio-user", place.Socket, "--stdin", "--json"], redirectInput: true);
        while (device.StandardOutput.ReadLine() is { } first && !first.Contains("ready", StringComparison.Ordinal))
        {
        }

        using (var client = VfioUserClient.Connect(place.Socket))
        {
            for (int i = 0; i < Resets; i++) client.Reset();
            Assert.False(client.IsGone);
        }

        device.StandardInput.Close();
        long told = 0;
        long lost = 0;
        while (device.StandardOutput.ReadLine() is { } line)
        {
            JsonElement entry = JsonDocument.Parse(line).RootElement;
            if (entry.GetProperty("event").GetString() == "device_reset") told++;
            if (entry.GetProperty("event").GetString() == "events_lost") lost += entry.GetProperty("count").GetInt64();
        }

        Assert.True(device.WaitForExit(s_limit));
        Assert.NotEqual(0, lost);
        Assert.InRange(told, 1, Resets - 1);
    }

    [Fact]
    public void Reset_OfAProfileThatNeverResets_IsRefused()
    {
        using var place = new Place();
        using RunningProgram device = Start(place, out JsonElement ready, "--profile", "ast2700");
        Assert.Equal("v1.0-aspeed", ready.GetProperty("dialect").GetString());
        device.Command("reset 0");
        Assert.Contains("never resets", device.Expect("error").GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "--vfio-user")]
    [InlineData("--vfio-user S --profile other", "--profile")]
    [InlineData("--vfio-user S --instances 8", "--instances")]
    [InlineData("--vfio-user S --profile ast2700 --instances 7", "1 to 6 instances")]
    [InlineData("--vfio-user S --profile ast2700 --dialect v1.1", "v1.0-aspeed only")]
    [InlineData("--vfio-user S --profile ast2700 --msi 4", "1, 8, 16 or 32")]
    [InlineData("--vfio-user S --profile ast2700 --size 128K", "256K")]
    [InlineData("--vfio-user S --profile ast2700-mfd --instances 5", "1 to 4 instances")]
    [InlineData("--vfio-user S --profile ast2700-mfd --dialect v1.0-aspeed", "v1.1 only")]
    [InlineData("--vfio-user S --profile ast2700-mfd --msi 8", "MSI has 1 or 32")]
    [InlineData("--vfio-user S --dialect v1.0-aspeed --instances 2", "2 instances")]
    [InlineData("--vfio-user S --eid 250 --instances 7", "EID 250")]
    [InlineData("--vfio-user S --vendor 70000", "--vendor")]
    [InlineData("--vfio-user S --uuid 12", "--uuid")]
    public void BadOptions_AreRefusedInOneLine_ThatNamesTheCulprit(string line, string culprit)
    {
        using var place = new Place();
        string[] words = [.. line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(word => word == "S" ? place.Socket : word)];

        ProgramResult result = BusbarProgram.Run(["device", .. words]);

        Assert.Equal(2, result.ExitCode);
        Assert.Contains(culprit, Assert.Single(result.ErrorLines), StringComparison.Ordinal);
        Assert.Empty(result.Output);
        Assert.False(File.Exists(place.Socket));
    }

    [Fact]
    public void SecondDevice_OnTheSameSocket_IsRefused_AndTheFirstLives()
    {
        using var place = new Place();
        using RunningProgram device = Start(place, out _);

        ProgramResult second = BusbarProgram.Run("device", "--vfio-user", place.Socket);

        Assert.Equal(2, second.ExitCode);
        Assert.Contains(place.Socket, Assert.Single(second.ErrorLines), StringComparison.Ordinal);
        using var client = VfioUserClient.Connect(place.Socket);
        device.Expect("client_connected");
    }

    private static RunningProgram Start(Place place, out JsonElement ready, params string[] more)
    {
        RunningProgram device = RunningProgram.Start(["device", "--vfio-user", place.Socket, "--stdin", .. more]);
        ready = device.Expect("ready");
        return device;
    }

    private static void EchoesIntact(EndpointHost host)
    {
        Assert.True(host.Node.WaitUntilUp(host.Attachment, s_limit));
        using var echo = new EchoClient(host.Node, host.Peer(new Eid(20), MessageType.VendorPci));

        // The first ones may fall into the end of the session before.
        Assert.True(SpinWait.SpinUntil(() => echo.Run(4096, 1, 1, TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken).Intact == 1, s_limit));
        Assert.Equal(3, echo.Run(EchoClient.LargestSize, 3, 1, s_limit, TestContext.Current.CancellationToken).Intact);
    }
}
