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
    public void Wrap_OfABlockingEventFd_MakesItNonBlocking()
    {
        int raw = NativeEvent.EventFd(0, NativeEvent.EFD_CLOEXEC);

        using EventFd doorbell = EventFd.Wrap(new FileDescriptor(raw));

        Assert.False(doorbell.TryDrain(out _));
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
}
