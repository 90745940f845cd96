// SPDX-License-Identifier: Apache-2.0
using Xunit;

namespace Busbar.Guest.Tests;

/// <summary>The harness against a guest that says what it likes.</summary>
public sealed class AgentConnectionTests : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);

    private readonly StreamPair _pair = new();
    private readonly FrameStream _guest;
    private readonly AgentConnection _connection;

    public AgentConnectionTests()
    {
        _guest = new FrameStream(_pair.Guest);
        _connection = new AgentConnection(_pair.Harness);
    }

    public void Dispose()
    {
        _connection.Dispose();
        _pair.Dispose();
    }

    [Fact]
    public void Agent_ThatSaysNothing_IsNotThere() => Assert.False(_connection.WaitForAgent(TimeSpan.FromMilliseconds(50)));

    [Fact]
    public void End_OfTheStream_EndsEveryWait()
    {
        GuestProcess process = _connection.Start("anything");

        _guest.Dispose();

        Assert.Equal(GuestError.Ended, Assert.Throws<GuestException>(() => process.WaitForExit(s_limit)).Error);
        Assert.Equal(GuestError.Ended, Assert.Throws<GuestException>(() => process.ReadLine(s_limit)).Error);
        Assert.Throws<GuestException>(() => _connection.WaitForAgent(s_limit));
        Assert.Throws<GuestException>(() => _connection.Start("more"));
    }

    [Fact]
    public void Frames_AboutNothing_AreCounted()
    {
        _guest.Write(FrameKind.Exit, 77, [0, 0, 0, 0]);
        _guest.Write(FrameKind.Output, 78, "lies"u8);
        GuestProcess process = _connection.Start("anything");
        _guest.Write(FrameKind.Exit, process.Channel, [1, 2]);
        _guest.Write(FrameKind.Ping, process.Channel, []);
        _pair.Guest.Write("no frame at all, but more than a header"u8);
        _guest.Write(FrameKind.Exit, process.Channel, [5, 0, 0, 0]);

        Assert.Equal(5, process.WaitForExit(s_limit).ExitCode);
        Assert.Equal(4, _connection.StrayFrames);
        Assert.True(_connection.SkippedBytes > 0);
    }

    [Fact]
    public void InputCredit_OutOfThinAir_AllowsNoMoreThanTheWindow()
    {
        GuestProcess process = _connection.Start("anything");
        _guest.Write(FrameKind.InputTaken, process.Channel, [0xff, 0xff, 0xff, 0x7f]);
        _guest.Write(FrameKind.InputTaken, process.Channel, [0xff, 0xff, 0xff, 0xff]);
        _guest.Write(FrameKind.Output, process.Channel, "seen\n"u8);
        process.Expect("seen", s_limit);
        long taken = 0;
        var reader = new Thread(() =>
        {
            while (_guest.ReadSome((kind, _, payload) => Interlocked.Add(ref taken, kind == FrameKind.Input ? payload.Length : 0)))
            {
            }
        })
        { IsBackground = true };
        reader.Start();

        GuestException failure = Assert.Throws<GuestException>(() => process.Write(new byte[AgentCommand.MostQueuedInput + 1], TimeSpan.FromMilliseconds(200)));

        Assert.Equal(GuestError.TimedOut, failure.Error);
        _connection.Dispose();
        Assert.True(reader.Join(s_limit));
        Assert.Equal(AgentCommand.MostQueuedInput, taken);
    }

    [Fact]
    public void Output_ThatNeverEnds_IsBounded()
    {
        GuestProcess process = _connection.Start("anything");
        byte[] bytes = new byte[FrameDecoder.MostPayload];
        int frames = GuestProcess.MostOutput / bytes.Length;

        for (int i = 0; i < frames + 3; i++) _guest.Write(FrameKind.Output, process.Channel, bytes);
        _guest.Write(FrameKind.Exit, process.Channel, [0, 0, 0, 0]);
        GuestResult result = process.WaitForExit(s_limit);

        Assert.Equal(GuestProcess.MostOutput, result.OutputBytes.Length);
        Assert.Equal(3 * bytes.Length, result.DroppedBytes);
    }

    [Fact]
    public void Lines_BrokenAnyhow_AreReadWhole()
    {
        GuestProcess process = _connection.Start("anything");
        _guest.Write(FrameKind.Output, process.Channel, "one\r\ntw"u8);
        _guest.Write(FrameKind.Output, process.Channel, "o\n\nwith\xff"u8);
        _guest.Write(FrameKind.Exit, process.Channel, [0, 0, 0, 0]);

        Assert.Equal("one", process.ReadLine(s_limit));
        Assert.Equal("two", process.ReadLine(s_limit));
        Assert.Equal("", process.ReadLine(s_limit));
        Assert.StartsWith("with", process.ReadLine(s_limit), StringComparison.Ordinal);
        Assert.Null(process.ReadLine(s_limit));
    }

    [Fact]
    public void Agent_OfAnotherProcess_EndsWhatTheFirstRan()
    {
        _guest.Write(FrameKind.Hello, 0, [1, 0, 0, 0]);
        Assert.True(_connection.WaitForAgent(s_limit));
        GuestProcess process = _connection.Start("anything");

        _guest.Write(FrameKind.Hello, 0, [2, 0, 0, 0]);

        Assert.Equal(GuestError.Ended, Assert.Throws<GuestException>(() => process.WaitForExit(s_limit)).Error);
    }
}
