// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Busbar.Guest;
using Busbar.Linux;
using Xunit;

namespace Busbar.Vm;

/// <summary>Running things in a guest: streams, files, several at a time, limits, and an agent that is hurt.</summary>
[Trait("speed", "slow")]
public sealed class GuestHarnessTests(PlainGuest guest) : IClassFixture<PlainGuest>
{
    [Fact]
    public void Run_ACommand_GivesItsStreamsAndItsCode()
    {
        GuestResult result = guest.Machine.Run("echo out; echo err >&2; hostname; exit 7", Guests.CommandLimit);

        Assert.Equal(7, result.ExitCode);
        Assert.Equal("out\nplain\n", result.Output);
        Assert.Equal("err\n", result.Error);
    }

    [Fact]
    public void Files_OfAMebibyte_SurviveBothWays()
    {
        byte[] bytes = new byte[(1 << 20) + 13];
        new Random(5).NextBytes(bytes);

        guest.Machine.Store("/tmp/it's here", bytes);
        byte[] back = guest.Machine.Fetch("/tmp/it's here");

        Assert.Equal(bytes, back);
    }

    [Fact]
    public void Fetch_OfAMissingFile_NamesIt()
    {
        GuestException failure = Assert.Throws<GuestException>(() => guest.Machine.Fetch("/tmp/none"));

        Assert.Equal(GuestError.CommandFailed, failure.Error);
        Assert.Contains("/tmp/none", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Processes_SeveralAtATime_AreSpokenToOneByOne()
    {
        GuestProcess[] processes = [.. Enumerable.Range(0, 5).Select(i => guest.Machine.StartProcess($"while read line; do echo {i} $line; done; exit {i}"))];
        for (int i = 4; i >= 0; i--) processes[i].WriteLine($"hello {i}", Guests.CommandLimit);

        for (int i = 0; i < 5; i++) Assert.Equal($"{i} hello {i}", processes[i].ReadLine(Guests.CommandLimit));
        foreach (GuestProcess process in processes) process.CloseInput();
        for (int i = 0; i < 5; i++) Assert.Equal(i, processes[i].WaitForExit(Guests.CommandLimit).ExitCode);
    }

    [Fact]
    public void Kill_OfACommand_ReachesWhatItStarted()
    {
        GuestProcess process = guest.Machine.StartProcess("sleep 4242 & echo started; wait");
        process.Expect("started", Guests.CommandLimit);

        process.Kill();

        Assert.Equal(128 + (int)Signal.Kill, process.WaitForExit(Guests.CommandLimit).ExitCode);
        Assert.DoesNotContain("sleep 4242", guest.Machine.Run("ps | grep -v grep", Guests.CommandLimit).Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_BeyondItsLimit_EndsTheCommandAndSaysWhatItPrinted()
    {
        GuestException failure = Assert.Throws<GuestException>(() => guest.Machine.Run("echo so far; sleep 4243", TimeSpan.FromSeconds(2)));

        Assert.Equal(GuestError.TimedOut, failure.Error);
        Assert.Contains("so far", failure.Message, StringComparison.Ordinal);
        guest.Machine.Run("while pgrep -f 'sleep 424[3]'; do sleep 0.1; done", Guests.CommandLimit).Check();
    }

    [Fact]
    public void Expect_OfALineThatNeverComes_EndsWithTheCommand()
    {
        GuestProcess process = guest.Machine.StartProcess("echo something else");

        GuestException failure = Assert.Throws<GuestException>(() => process.Expect("this", Guests.CommandLimit));

        Assert.Equal(GuestError.Ended, failure.Error);
        Assert.Contains("something else", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Output_WithoutEnd_IsBoundedAndCounted()
    {
        GuestResult result = guest.Machine.Run($"head -c {GuestProcess.MostOutput + 5000} /dev/zero", Guests.CommandLimit);

        Assert.Equal(GuestProcess.MostOutput, result.OutputBytes.Length);
        Assert.Equal(5000, result.DroppedBytes);
        Assert.Throws<GuestException>(result.Check);
    }

    [Fact]
    public void Monitor_OfARunningGuest_AnswersAndRefuses()
    {
        JsonElement status = guest.Machine.Monitor.Execute("query-status", null, Guests.CommandLimit);

        Assert.True(status.GetProperty("running").GetBoolean());
        GuestException refused = Assert.Throws<GuestException>(() => guest.Machine.Monitor.Execute("device_add", """{"driver":"no-such-device"}""", Guests.CommandLimit));
        Assert.Equal(GuestError.MonitorError, refused.Error);
    }

    [Fact]
    public void Agent_Killed_IsReplacedAndItsCommandsAreReported()
    {
        GuestProcess running = guest.Machine.StartProcess("echo here; sleep 4244");
        running.Expect("here", Guests.CommandLimit);

        guest.Machine.StartProcess("kill -9 $(pidof busbar)");

        GuestException lost = Assert.Throws<GuestException>(() => running.WaitForExit(Guests.CommandLimit));
        Assert.Equal(GuestError.Ended, lost.Error);
        Assert.Equal("again\n", guest.Machine.Run("echo again", Guests.CommandLimit).Output);
    }
}
