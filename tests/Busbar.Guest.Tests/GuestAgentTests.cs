// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;
using Xunit;

namespace Busbar.Guest.Tests;

/// <summary>The real agent and the real harness over a socket, without a machine between them.</summary>
public sealed class GuestAgentTests : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);

    private readonly StreamPair _pair = new();
    private readonly Thread _agent;
    private readonly AgentConnection _connection;

    public GuestAgentTests()
    {
        _agent = new Thread(() => GuestAgent.Serve(_pair.Guest)) { IsBackground = true };
        _agent.Start();
        _connection = new AgentConnection(_pair.Harness);
        Assert.True(_connection.WaitForAgent(s_limit));
    }

    public void Dispose()
    {
        _connection.Dispose();
        Assert.True(_agent.Join(s_limit));
        _pair.Dispose();
    }

    [Fact]
    public void Command_WithInput_GivesItBackAndItsCode()
    {
        byte[] bytes = new byte[3 * AgentCommand.MostQueuedInput + 7];
        new Random(1).NextBytes(bytes);

        GuestProcess process = _connection.Start("cat; echo late >&2; exit 9");
        process.Write(bytes, s_limit);
        process.CloseInput();
        GuestResult result = process.WaitForExit(s_limit);

        Assert.Equal(9, result.ExitCode);
        Assert.True(result.OutputBytes.Span.SequenceEqual(bytes));
        Assert.Equal("late\n", result.Error);
    }

    [Fact]
    public void Command_ThatReadsNothing_StopsTheWriterAtItsLimit()
    {
        GuestProcess process = _connection.Start("sleep 4245");

        GuestException failure = Assert.Throws<GuestException>(() => process.Write(new byte[2 << 20], TimeSpan.FromSeconds(1)));
        process.Kill();

        Assert.Equal(GuestError.TimedOut, failure.Error);
        Assert.Equal(128 + (int)Signal.Kill, process.WaitForExit(s_limit).ExitCode);
    }

    [Fact]
    public void Input_BeyondTheCredit_IsRefusedAndEndsTheCommand()
    {
        GuestProcess process = _connection.Start("echo there; sleep 4246");
        process.Expect("there", s_limit);

        // A harness that ignores the rules; the agent must not run out of memory for it. The pipe takes 64 KiB, the queue four times that.
        for (int i = 0; i < 16; i++) _connection.Send(FrameKind.Input, process.Channel, new byte[FrameDecoder.MostPayload]);

        Assert.Equal(GuestError.Refused, Assert.Throws<GuestException>(() => process.WaitForExit(s_limit)).Error);
    }

    [Fact]
    public void Signal_ThatACommandCatches_ReachesIt()
    {
        GuestProcess process = _connection.Start("trap 'echo caught; exit 3' TERM; echo ready; while :; do sleep 0.05; done");
        process.Expect("ready", s_limit);

        process.Kill(Signal.Terminate);

        process.Expect("caught", s_limit);
        Assert.Equal(3, process.WaitForExit(s_limit).ExitCode);
    }

    [Fact]
    public void Background_ThatHoldsTheOutput_DoesNotHoldTheResult()
    {
        GuestProcess process = _connection.Start("sleep 20 & echo $!; exit 0");

        GuestResult result = process.WaitForExit(s_limit);

        Assert.Equal(0, result.ExitCode);
        Signals.Kill(int.Parse(result.Output), Signal.Kill);
    }

    [Fact]
    public void Channel_UsedTwice_IsRefused()
    {
        GuestProcess process = _connection.Start("echo there; sleep 4247");
        process.Expect("there", s_limit);

        _connection.Send(FrameKind.Start, process.Channel, "true"u8);

        Assert.Equal(GuestError.Refused, Assert.Throws<GuestException>(() => process.WaitForExit(s_limit)).Error);
    }

    [Fact]
    public void Command_ThatIsTooLong_IsRefusedBeforeItIsSent() =>
        Assert.Equal(GuestError.Refused, Assert.Throws<GuestException>(() => _connection.Start(new string('x', FrameDecoder.MostPayload + 1))).Error);

    [Fact]
    public void Garbage_ToTheAgent_IsSurvived()
    {
        var random = new Random(11);
        byte[] garbage = new byte[5000];
        for (int i = 0; i < 20; i++)
        {
            random.NextBytes(garbage);
            _pair.Harness.Write(garbage);
            foreach (FrameKind kind in Enum.GetValues<FrameKind>())
            {
                if (kind != FrameKind.Start) _connection.Send(kind, (uint)random.Next(), garbage.AsSpan(0, random.Next(9)));
            }
        }

        Assert.Equal("alive\n", _connection.Start("echo alive").WaitForExit(s_limit).Output);
    }
}
