// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using Busbar.Linux;
using Xunit;

namespace Busbar.Cli.Tests;

/// <summary>An endpoint as a process of its own, and the commands that talk to it.</summary>
public sealed class EndpointTests
{
    private const string Uuid = "0a0b0c0d-1111-2222-3333-444455556666";

    [Fact]
    public void Discover_OfAnEndpoint_TellsWhoItIs()
    {
        using var place = new Place();
        using RunningProgram endpoint = RunningProgram.StartEndpoint(place.Ivshmem(), "--uuid", Uuid, "--eid", "20");

        ProgramResult result = BusbarProgram.Run("discover", "--link", place.Ivshmem(), "--json");

        Assert.Equal(0, result.ExitCode);
        JsonElement found = result.Json;
        Assert.Equal(20, found.GetProperty("eid").GetInt32());
        Assert.Equal(Uuid, found.GetProperty("uuid").GetString());
        Assert.Equal([0, 0x7E], found.GetProperty("types").EnumerateArray().Select(type => type.GetInt32()));
        Assert.Contains("1.0", found.GetProperty("versions").GetProperty("0").EnumerateArray().Select(version => version.GetString()));
        Assert.Equal("NORMAL_RUNTIME", found.GetProperty("state").GetString());
        Assert.Equal("v1.1", found.GetProperty("dialect").GetString());
    }

    [Theory]
    [InlineData("v1.1")]
    [InlineData("v1.0-aspeed")]
    [InlineData("v1.0-espi")]
    public void Discover_OfEachDialect_RecognisesIt(string dialect)
    {
        using var place = new Place();
        using RunningProgram endpoint = RunningProgram.StartEndpoint(place.Shm($",dialect={dialect},size=64K"));

        ProgramResult result = BusbarProgram.Run("discover", "--link", place.Shm(), "--json");

        Assert.Equal(0, result.ExitCode);
        Assert.Equal(dialect, result.Json.GetProperty("dialect").GetString());
        Assert.Equal(65536, result.Json.GetProperty("window_bytes").GetInt32());
    }

    [Fact]
    public void Discover_ForPeople_PrintsLines()
    {
        using var place = new Place();
        using RunningProgram endpoint = RunningProgram.StartEndpoint(place.Ivshmem(), "--uuid", Uuid);

        ProgramResult result = BusbarProgram.Run("discover", "--link", place.Ivshmem());

        Assert.Equal(0, result.ExitCode);
        Assert.Contains("uuid      " + Uuid, result.Output, StringComparison.Ordinal);
        Assert.Contains("0x7e (pci)", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Ping_OfAnEndpoint_CountsEachAnswer()
    {
        using var place = new Place();
        using RunningProgram endpoint = RunningProgram.StartEndpoint(place.Ivshmem());

        ProgramResult result = BusbarProgram.Run("ping", "--link", place.Ivshmem(), "--count", "5", "--interval", "0", "--size", "4096", "--json");

        Assert.Equal(0, result.ExitCode);
        Assert.Equal(5, result.Json.GetProperty("received").GetInt32());
        Assert.Equal(0, result.Json.GetProperty("lost").GetInt32());
        Assert.Equal([1, 2, 3, 4, 5], result.Json.GetProperty("replies").EnumerateArray().Select(reply => reply.GetProperty("seq").GetInt32()));
    }

    [Fact]
    public void Ping_ByControlRequests_CountsEachAnswer()
    {
        using var place = new Place();
        using RunningProgram endpoint = RunningProgram.StartEndpoint(place.Ivshmem(), "--eid", "30");

        ProgramResult result = BusbarProgram.Run("ping", "--link", place.Ivshmem(), "--eid", "30", "--control", "-c", "3", "-i", "0");

        Assert.Equal(0, result.ExitCode);
        Assert.Contains("3 sent, 3 received, 0% loss", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Ping_OfAnEidThatIsNotThere_IsANegativeVerdict()
    {
        using var place = new Place();
        using RunningProgram endpoint = RunningProgram.StartEndpoint(place.Ivshmem(), "--eid", "30");

        ProgramResult result = BusbarProgram.Run("ping", "--link", place.Ivshmem(), "--eid", "31", "-c", "1", "--timeout", "0.2");

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("100% loss", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Ping_OfAWindowWithoutOwner_IsUnreachable()
    {
        using var place = new Place();
        File.WriteAllBytes(place.File("window"), new byte[65536]);

        ProgramResult result = BusbarProgram.Run("ping", "--link", place.Shm(), "-c", "1", "--timeout", "0.2");

        Assert.Equal(3, result.ExitCode);
        Assert.Contains("no descriptor", Assert.Single(result.ErrorLines), StringComparison.Ordinal);
    }

    [Fact]
    public void Send_OfAnEchoRequest_PrintsTheAnswer()
    {
        using var place = new Place();
        using RunningProgram endpoint = RunningProgram.StartEndpoint(place.Ivshmem());

        ProgramResult result = BusbarProgram.Run("send", "--link", place.Ivshmem(), "--type", "pci", "cc:de:f0", "0102", "ff");

        Assert.Equal(0, result.ExitCode);
        Assert.Equal("cc de f0 01 02 ff\n", result.Output);
    }

    [Fact]
    public void Send_OfAControlRequest_GetsTheResponse()
    {
        using var place = new Place();
        using RunningProgram endpoint = RunningProgram.StartEndpoint(place.Ivshmem(), "--eid", "40");

        ProgramResult result = BusbarProgram.Run("send", "--link", place.Ivshmem(), "--type", "0", "--eid", "40", "85", "02", "--json");

        Assert.Equal(0, result.ExitCode);
        Assert.StartsWith("05 02 00 28", result.Json.GetProperty("reply").GetString(), StringComparison.Ordinal);
        Assert.Equal(40, result.Json.GetProperty("reply_eid").GetInt32());
    }

    [Fact]
    public void Send_OfATypeThatNobodyAnswers_TimesOut()
    {
        using var place = new Place();
        using RunningProgram endpoint = RunningProgram.StartEndpoint(place.Ivshmem());

        ProgramResult waited = BusbarProgram.Run("send", "--link", place.Ivshmem(), "--type", "spdm", "10", "84", "--timeout", "0.2");
        ProgramResult sent = BusbarProgram.Run("send", "--link", place.Ivshmem(), "--type", "spdm", "10", "84", "--no-reply");

        Assert.Equal(3, waited.ExitCode);
        Assert.Single(waited.ErrorLines);
        Assert.Equal(0, sent.ExitCode);
        Assert.Empty(sent.Output);
    }

    [Fact]
    public void Owner_Second_IsRefused()
    {
        using var place = new Place();
        using RunningProgram first = RunningProgram.StartEndpoint(place.Ivshmem());
        using RunningProgram file = RunningProgram.StartEndpoint(place.Shm());

        ProgramResult overSocket = BusbarProgram.Run("endpoint", "--link", place.Ivshmem());
        ProgramResult overFile = BusbarProgram.Run("endpoint", "--link", place.Shm());

        Assert.Equal(2, overSocket.ExitCode);
        Assert.Contains("owner", Assert.Single(overSocket.ErrorLines), StringComparison.Ordinal);
        Assert.Equal(2, overFile.ExitCode);
        Assert.Contains("owner", Assert.Single(overFile.ErrorLines), StringComparison.Ordinal);
    }

    [Fact]
    public void Socket_OfAKilledServer_IsTakenOver()
    {
        using var place = new Place();
        using (RunningProgram first = RunningProgram.StartEndpoint(place.Ivshmem())) first.KillHard();
        Assert.True(File.Exists(place.Socket));

        using RunningProgram second = RunningProgram.StartEndpoint(place.Ivshmem());
        ProgramResult result = BusbarProgram.Run("ping", "--link", place.Ivshmem(), "-c", "1");

        Assert.Equal(0, result.ExitCode);
    }

    [Theory]
    [InlineData(Signal.Terminate)]
    [InlineData(Signal.Interrupt)]
    public void Signal_ToAnEndpoint_TakesTheLinkDownInOrder(Signal wanted)
    {
        Signal signal = SignalDisposition.IsIgnored(wanted) ? Signal.Terminate : wanted;
        using var place = new Place();
        using RunningProgram owner = RunningProgram.StartEndpoint(place.Ivshmem());
        using RunningProgram host = RunningProgram.StartEndpoint(place.Ivshmem(",role=discoverer"));
        host.Expect("link_up");
        owner.Expect("link_up");

        host.Signal(signal);
        ProgramResult left = host.WaitForExit();
        JsonElement down = owner.Expect("link_down");
        owner.Signal(signal);
        ProgramResult ended = owner.WaitForExit();

        Assert.Equal(0, left.ExitCode);
        Assert.Contains("\"stopped\"", left.Output, StringComparison.Ordinal);
        Assert.Equal("peer_left", down.GetProperty("reason").GetString());
        Assert.Equal(0, ended.ExitCode);
        Assert.False(File.Exists(place.Socket));
    }

    [Fact]
    public void Stdin_ItsEnd_StopsTheEndpoint()
    {
        using var place = new Place();

        ProgramResult result = BusbarProgram.Run("endpoint", "--link", place.Shm(",size=64K"), "--stdin");

        Assert.Equal(0, result.ExitCode);
        Assert.StartsWith("ready:", result.Output, StringComparison.Ordinal);
        Assert.False(File.Exists(place.File("window")));
    }

    [Fact]
    public void Stdin_Commands_AreAnswered()
    {
        using var place = new Place();
        using RunningProgram owner = RunningProgram.StartEndpoint(place.Ivshmem(), "--eid", "10");
        using RunningProgram host = RunningProgram.StartEndpoint(place.Ivshmem(",role=discoverer"), "--eid", "11");
        host.Expect("link_up");

        host.Command("request 10 50 4096");
        JsonElement asked = host.Expect("requested");
        owner.Command("request 11 50");
        JsonElement askedBack = owner.Expect("requested");
        owner.Command("reset");
        owner.Expect("reset");
        JsonElement down = host.Expect("link_down");
        host.Expect("link_up");
        host.Command("request 10 50");
        JsonElement askedAgain = host.Expect("requested");
        host.Command("wibble");
        JsonElement refused = host.Expect("error");
        owner.Command("stats");
        JsonElement stats = owner.Expect("stats");
        owner.Command("quit");

        Assert.All([asked, askedBack, askedAgain], answer => Assert.Equal(50, answer.GetProperty("ok").GetInt64()));
        Assert.Equal("requested_by_peer", down.GetProperty("reason").GetString());
        Assert.Contains("wibble", refused.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal(1, stats.GetProperty("counters").GetProperty("resets_by_us").GetInt64());
        Assert.Equal(0, owner.WaitForExit().ExitCode);
    }
}
