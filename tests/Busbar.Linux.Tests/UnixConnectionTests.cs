// SPDX-License-Identifier: Apache-2.0
using FsCheck;
using FsCheck.Fluent;
using Busbar.TestKit;
using Xunit;

namespace Busbar.Linux.Tests;

public sealed class UnixConnectionTests : IDisposable
{
    private readonly UnixConnection _ours;
    private readonly UnixConnection _theirs;

    public UnixConnectionTests() => (_ours, _theirs) = UnixConnection.CreatePair();

    [Theory]
    [InlineData(0L)]
    [InlineData(-1L)]
    [InlineData(65535L)]
    [InlineData(long.MinValue)]
    [InlineData(0x0102_0304_0506_0708L)]
    public void TryReceive_OfAPlainNumber_GivesThatNumber(long sent)
    {
        Assert.Equal(SendResult.Sent, _theirs.TrySend(sent));

        Assert.Equal(ReceiveResult.Received, _ours.TryReceive(out long value, out FileDescriptor? descriptor));

        Assert.Equal(sent, value);
        Assert.Null(descriptor);
        Assert.Equal(ReceiveResult.WouldBlock, _ours.TryReceive(out _, out _));
    }

    [Fact]
    public void TryReceive_OfADescriptor_GivesAWorkingCopy()
    {
        using EventFd doorbell = EventFd.Create();
        _theirs.TrySend(3, doorbell.Descriptor);

        Assert.Equal(ReceiveResult.Received, _ours.TryReceive(out _, out FileDescriptor? received));

        Assert.NotNull(received);
        using EventFd copy = EventFd.Wrap(received);
        copy.Ring();
        Assert.True(doorbell.TryDrain(out _));
        Assert.NotEqual(doorbell.Descriptor.Number, copy.Descriptor.Number);
    }

    [Fact]
    public void TryReceive_OfADescriptor_KeepsItFromChildProcesses()
    {
        using EventFd doorbell = EventFd.Create();
        _theirs.TrySend(3, doorbell.Descriptor);

        _ours.TryReceive(out _, out FileDescriptor? received);

        using FileDescriptor copy = received!;
        string flags = File.ReadAllLines($"/proc/self/fdinfo/{copy.Number}").Single(line => line.StartsWith("flags:", StringComparison.Ordinal));
        const int CloseOnExec = 0x80000;
        Assert.NotEqual(0, Convert.ToInt32(flags[6..].Trim(), 8) & CloseOnExec);
    }

    [Fact]
    public void TryReceive_OfBytesOneByOne_WaitsForTheEighth()
    {
        using EventFd doorbell = EventFd.Create();
        byte[] message = BitConverter.GetBytes(0x1122_3344_5566_7788L);
        _theirs.TrySend(message.AsSpan(0, 1), [doorbell.Descriptor]);
        for (int i = 1; i < 8; i++)
        {
            Assert.Equal(ReceiveResult.WouldBlock, _ours.TryReceive(out _, out _));
            _theirs.TrySend(message.AsSpan(i, 1), []);
        }

        Assert.Equal(ReceiveResult.Received, _ours.TryReceive(out long value, out FileDescriptor? descriptor));

        Assert.Equal(0x1122_3344_5566_7788L, value);
        Assert.NotNull(descriptor);
        descriptor.Dispose();
    }

    [Fact]
    public void TryReceive_OfTwoMessagesInOneWrite_SeparatesThem()
    {
        byte[] both = [.. BitConverter.GetBytes(5L), .. BitConverter.GetBytes(6L)];
        _theirs.TrySend(both, []);

        _ours.TryReceive(out long first, out _);
        _ours.TryReceive(out long second, out _);

        Assert.Equal((5L, 6L), (first, second));
    }

    [Fact]
    public void TryReceive_AtTheEndOfTheStream_GivesWhatWasSentAndThenCloses()
    {
        _theirs.TrySend(9);
        _theirs.Dispose();

        Assert.Equal(ReceiveResult.Received, _ours.TryReceive(out long value, out _));
        Assert.Equal(9, value);
        Assert.Equal(ReceiveResult.Closed, _ours.TryReceive(out _, out _));
        Assert.Equal(ReceiveResult.Closed, _ours.TryReceive(out _, out _));
    }

    [Fact]
    public void TryReceive_WhenTheStreamEndsInsideAMessage_SaysSoAndClosesTheDescriptor()
    {
        (UnixConnection witness, UnixConnection sent) = UnixConnection.CreatePair();
        using UnixConnection watched = witness;
        _theirs.TrySend([1, 2, 3], [sent.Descriptor]);
        sent.Descriptor.Dispose();
        Assert.Equal(ReceiveResult.WouldBlock, _ours.TryReceive(out _, out _));
        Assert.Equal(ReceiveResult.WouldBlock, watched.TryReceive(out _, out _));

        _theirs.Dispose();

        Assert.Equal(ReceiveResult.Truncated, _ours.TryReceive(out _, out _));
        AssertCloses(watched);
        Assert.Equal(ReceiveResult.Truncated, _ours.TryReceive(out _, out _));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(200)]
    [InlineData(253)]
    public void TryReceive_OfSeveralDescriptorsInOneMessage_RefusesAndClosesThemAll(int count)
    {
        (UnixConnection witness, UnixConnection sent) = UnixConnection.CreatePair();
        using UnixConnection watched = witness;
        FileDescriptor[] many = [.. Enumerable.Repeat(sent.Descriptor, count)];
        Assert.Equal(SendResult.Sent, _theirs.TrySend(BitConverter.GetBytes(1L), many));
        _theirs.TrySend(2);
        sent.Descriptor.Dispose();

        Assert.Equal(ReceiveResult.BadDescriptors, _ours.TryReceive(out _, out FileDescriptor? descriptor));

        Assert.Null(descriptor);
        AssertCloses(watched);
        Assert.Equal(ReceiveResult.BadDescriptors, _ours.TryReceive(out _, out _));
    }

    [Fact]
    public async Task TryReceive_OfASocketThatLingersBehindTheDescriptorsThatAreTooMany_RefusesWithoutWaiting()
    {
        using var lingering = new LingeringSocket();
        using EventFd doorbell = EventFd.Create();
        lingering.HandOver(last => _theirs.TrySend(new byte[8], [doorbell.Descriptor, doorbell.Descriptor, doorbell.Descriptor, last]));

        Task<ReceiveResult> receiving = Task.Run(() => _ours.TryReceive(out _, out _), TestContext.Current.CancellationToken);

        Assert.Equal(ReceiveResult.BadDescriptors, await receiving.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken));
    }

    [Fact]
    public void TryReceive_OfASecondDescriptorInTheMiddleOfAMessage_Refuses()
    {
        using EventFd doorbell = EventFd.Create();
        _theirs.TrySend([1, 2, 3], [doorbell.Descriptor]);
        _theirs.TrySend([4, 5, 6, 7, 8], [doorbell.Descriptor]);

        Assert.Equal(ReceiveResult.BadDescriptors, _ours.TryReceive(out _, out _));
    }

    [Fact]
    public void TryReceive_WithoutRoomForTheDescriptor_SaysSo()
    {
        using ChildProcess starved = ChildProcess.Start("starved");

        Assert.Equal("BadDescriptors", starved.ReadLine());
    }

    [Fact]
    public void Dispose_WithAHalfReceivedMessage_ClosesItsDescriptor()
    {
        (UnixConnection witness, UnixConnection sent) = UnixConnection.CreatePair();
        using UnixConnection watched = witness;
        _theirs.TrySend([1], [sent.Descriptor]);
        sent.Descriptor.Dispose();
        _ours.TryReceive(out _, out _);

        _ours.Dispose();

        AssertCloses(watched);
    }

    [Fact]
    public void TrySend_ToSomebodyWhoNeverReads_StopsWithoutBlockingAndLosesNothing()
    {
        int sent = 0;
        while (_theirs.TrySend(sent) == SendResult.Sent) sent++;

        Assert.InRange(sent, 10, 100_000);
        for (int i = 0; i < sent; i++)
        {
            Assert.Equal(ReceiveResult.Received, _ours.TryReceive(out long value, out _));
            Assert.Equal(i, value);
        }

        Assert.Equal(ReceiveResult.WouldBlock, _ours.TryReceive(out _, out _));
        Assert.Equal(SendResult.Sent, _theirs.TrySend(1));
    }

    [Fact]
    public void TrySend_ToSomebodyWhoIsGone_SaysSo()
    {
        _ours.Dispose();

        Assert.Equal(SendResult.Closed, _theirs.TrySend(1));
        Assert.Equal(SendResult.Closed, _theirs.TrySend(1));
    }

    [Fact]
    public void SendAndReceive_AfterOwnDispose_AnswerClosed()
    {
        _ours.Dispose();
        _ours.Dispose();

        Assert.Equal(SendResult.Closed, _ours.TrySend(1));
        Assert.Equal(ReceiveResult.Closed, _ours.TryReceive(out _, out _));
    }

    [Fact]
    public void Dispose_WhileAPollerHoldsTheSocket_IsSeenByTheOtherEnd()
    {
        using var poller = new Poller();
        poller.Add(_ours.Descriptor, PollEvents.Readable);

        _ours.Dispose();

        Assert.Equal(ReceiveResult.Closed, _theirs.TryReceive(out _, out _));
    }

    [Fact]
    public void WaitReadable_WithAndWithoutData_TellsThemApart()
    {
        Assert.False(_ours.WaitReadable(0));
        Assert.False(_ours.WaitReadable(20));
        _theirs.TrySend(1);
        Assert.True(_ours.WaitReadable(1000));
        Assert.True(_ours.WaitReadable(Timeout.Infinite));
    }

    [Fact]
    public void Stream_CutAnywhere_GivesTheSameMessages()
    {
        Gen<(long[] Values, int[] Cuts)> cases =
            from values in Gen.Choose(int.MinValue, int.MaxValue).Select(value => (long)value).ListOf()
            from cuts in Gen.Choose(1, 9).ListOf(1 + (values.Count * 8))
            select (values.ToArray(), cuts.ToArray());

        Check.One(Config.QuickThrowOnFailure.WithMaxTest(200), Prop.ForAll(cases.ToArbitrary(), input => SurvivesCutting(input.Values, input.Cuts)));
    }

    public void Dispose()
    {
        _ours.Dispose();
        _theirs.Dispose();
    }

    private static bool SurvivesCutting(long[] values, int[] cuts)
    {
        (UnixConnection reader, UnixConnection writer) = UnixConnection.CreatePair();
        using UnixConnection ours = reader;
        using UnixConnection theirs = writer;
        byte[] stream = [.. values.SelectMany(BitConverter.GetBytes)];
        var received = new List<long>();
        int position = 0;
        foreach (int cut in cuts)
        {
            int size = Math.Min(cut, stream.Length - position);
            if (size == 0) break;
            theirs.TrySend(stream.AsSpan(position, size), []);
            position += size;
            while (ours.TryReceive(out long value, out _) == ReceiveResult.Received) received.Add(value);
        }

        return position == stream.Length && received.SequenceEqual(values);
    }

    // A socket that came from elsewhere is closed by a thread that has the time.
    private static void AssertCloses(UnixConnection watched)
    {
        const int LimitMs = 20_000;
        ReceiveResult seen = ReceiveResult.WouldBlock;
        Assert.True(SpinWait.SpinUntil(() => (seen = watched.TryReceive(out _, out _)) != ReceiveResult.WouldBlock, LimitMs), "the descriptor is closed");
        Assert.Equal(ReceiveResult.Closed, seen);
    }
}
