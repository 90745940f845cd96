// SPDX-License-Identifier: Apache-2.0
using Xunit;

namespace Busbar.Linux.Tests;

public sealed class EventFdTests
{
    [Fact]
    public void TryDrain_AfterRings_CountsThemAndStartsOver()
    {
        using EventFd doorbell = EventFd.Create();
        Assert.True(doorbell.Ring());
        Assert.True(doorbell.Ring());
        Assert.True(doorbell.Ring());

        Assert.True(doorbell.TryDrain(out ulong count));

        Assert.Equal(3UL, count);
        Assert.False(doorbell.TryDrain(out count));
        Assert.Equal(0UL, count);
    }

    [Fact]
    public void Ring_OfAnotherDescriptor_ReachesTheSameCounter()
    {
        using EventFd ours = EventFd.Create();
        using EventFd theirs = EventFd.Wrap(ours.Descriptor.Duplicate());

        theirs.Ring();

        Assert.True(ours.TryDrain(out _));
    }

    [Fact]
    public async Task TryDrain_OfOneThatAnotherProcessMadeToBlock_DoesNotWait()
    {
        using EventFd doorbell = EventFd.Create();
        MakeBlocking(doorbell);

        // A drain that waits, waits for ever: on a thread of its own, so that the test ends.
        Assert.False(await Task.Run(() => doorbell.TryDrain(out _), TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken));
        Assert.True(doorbell.Ring());
        Assert.True(doorbell.TryDrain(out ulong count));
        Assert.Equal(1UL, count);
    }

    [Fact]
    public async Task Ring_OfAFullOneThatItsSenderMadeToBlock_DoesNotWait()
    {
        using EventFd ours = EventFd.Create();
        using EventFd theirs = EventFd.Wrap(ours.Descriptor.Duplicate());
        const ulong Almost = ulong.MaxValue - 1;
        Write(ours, Almost);
        MakeBlocking(ours);

        Assert.True(await Task.Run(theirs.Ring, TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken));
        Assert.True(ours.TryDrain(out ulong count));
        Assert.True(count >= Almost);
    }

    [Fact]
    public void Ring_OfReceivedOnes_ByManyThreads_LosesNone()
    {
        const int Threads = 4, Rings = 20_000;
        using EventFd ours = EventFd.Create();
        using EventFd theirs = EventFd.Wrap(ours.Descriptor.Duplicate());
        Thread[] threads = [.. Enumerable.Range(0, Threads).Select(_ => new Thread(() =>
        {
            for (int i = 0; i < Rings; i++) theirs.Ring();
        }))];

        foreach (Thread thread in threads) thread.Start();
        foreach (Thread thread in threads) thread.Join();

        Assert.True(ours.TryDrain(out ulong count));
        Assert.Equal((ulong)(Threads * Rings), count);
    }

    [Fact]
    public void Ring_OfReceivedOnes_InSteadyState_AllocatesNothing()
    {
        using EventFd ours = EventFd.Create();
        using EventFd theirs = EventFd.Wrap(ours.Descriptor.Duplicate());
        for (int i = 0; i < 100; i++) theirs.Ring();

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++) theirs.Ring();

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public unsafe void Ring_WhenTheCounterIsFull_IsASuccess()
    {
        using EventFd doorbell = EventFd.Create();
        ulong almost = ulong.MaxValue - 1;
        Assert.Equal(8, NativeEvent.Write(doorbell.Descriptor.Number, &almost, 8));

        bool rung = doorbell.Ring();

        Assert.True(rung);
        Assert.True(doorbell.TryDrain(out ulong count));
        Assert.Equal(ulong.MaxValue - 1, count);
    }

    [Fact]
    public void RingAndDrain_AfterDispose_AnswerFalse()
    {
        EventFd doorbell = EventFd.Create();
        doorbell.Ring();

        doorbell.Dispose();

        Assert.False(doorbell.Ring());
        Assert.False(doorbell.TryDrain(out _));
    }

    [Fact]
    public void Wrap_OfABlockingEventFd_LeavesItSoAndDoesNotWait()
    {
        int raw = NativeEvent.EventFd(0, NativeEvent.EFD_CLOEXEC);

        using EventFd doorbell = EventFd.Wrap(new FileDescriptor(raw));

        Assert.Equal(0, NativeFile.Control(doorbell.Descriptor, NativeFile.F_GETFL, 0) & NativeFile.O_NONBLOCK);
        Assert.False(doorbell.TryDrain(out _));
        Assert.True(doorbell.Ring());
        Assert.True(doorbell.TryDrain(out _));
    }

    [Fact]
    public void Wrap_OfSomethingElse_IsRefusedAndClosesIt()
    {
        (UnixConnection first, UnixConnection second) = UnixConnection.CreatePair();
        using UnixConnection kept = second;

        LinuxException refusal = Assert.Throws<LinuxException>(() => EventFd.Wrap(first.Descriptor));

        Assert.Equal(Errno.EINVAL, refusal.Errno);
        Assert.True(first.Descriptor.IsClosed);
        Assert.Equal(ReceiveResult.Closed, kept.TryReceive(out _, out _));
    }

    [Fact]
    public void RingAndDrain_InSteadyState_AllocateNothing()
    {
        using EventFd doorbell = EventFd.Create();
        RingAndDrain(doorbell, 100);
        long before = GC.GetAllocatedBytesForCurrentThread();

        RingAndDrain(doorbell, 10_000);

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void Ring_WhileAnotherThreadDisposes_NeverThrows()
    {
        for (int round = 0; round < 200; round++)
        {
            EventFd doorbell = EventFd.Create();
            var ringer = new Thread(() =>
            {
                while (doorbell.Ring()) doorbell.TryDrain(out _);
            });
            ringer.Start();

            doorbell.Dispose();

            Assert.True(ringer.Join(5000));
        }
    }

    private static void RingAndDrain(EventFd doorbell, int rounds)
    {
        for (int i = 0; i < rounds; i++)
        {
            doorbell.Ring();
            doorbell.TryDrain(out _);
        }
    }

    private static unsafe void Write(EventFd doorbell, ulong value) => Assert.Equal(8, NativeEvent.Write(doorbell.Descriptor.Number, &value, 8));

    private static void MakeBlocking(EventFd doorbell)
    {
        int flags = NativeFile.Control(doorbell.Descriptor, NativeFile.F_GETFL, 0);
        Assert.True(NativeFile.Control(doorbell.Descriptor, NativeFile.F_SETFL, flags & ~NativeFile.O_NONBLOCK) >= 0);
    }
}
