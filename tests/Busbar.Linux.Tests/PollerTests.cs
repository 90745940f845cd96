// SPDX-License-Identifier: Apache-2.0
using Xunit;

namespace Busbar.Linux.Tests;

public sealed class PollerTests
{
    private readonly PollReady[] _ready = new PollReady[8];

    [Fact]
    public void Wait_WhenNothingHappens_EndsWithItsTime()
    {
        using var poller = new Poller();
        using EventFd doorbell = EventFd.Create();
        poller.Add(doorbell.Descriptor, PollEvents.Readable);
        long start = Environment.TickCount64;

        int found = poller.Wait(30, _ready);

        Assert.Equal(0, found);
        Assert.InRange(Environment.TickCount64 - start, 25, long.MaxValue);
    }

    [Fact]
    public void Wait_WhenOneOfSeveralIsRung_NamesThatOne()
    {
        using var poller = new Poller();
        using EventFd quiet = EventFd.Create();
        using EventFd rung = EventFd.Create();
        int quietIndex = poller.Add(quiet.Descriptor, PollEvents.Readable);
        int rungIndex = poller.Add(rung.Descriptor, PollEvents.Readable);
        rung.Ring();

        int found = poller.Wait(1000, _ready);

        Assert.Equal(1, found);
        Assert.Equal(new PollReady(rungIndex, PollEvents.Readable), _ready[0]);
        Assert.NotEqual(quietIndex, rungIndex);
    }

    [Fact]
    public void Wait_UntilTheDoorbellIsDrained_ReportsItAgain()
    {
        using var poller = new Poller();
        using EventFd doorbell = EventFd.Create();
        poller.Add(doorbell.Descriptor, PollEvents.Readable);
        doorbell.Ring();

        Assert.Equal(1, poller.Wait(0, _ready));
        Assert.Equal(1, poller.Wait(0, _ready));
        doorbell.TryDrain(out _);

        Assert.Equal(0, poller.Wait(0, _ready));
    }

    [Fact]
    public void Wait_OnAClosedConnection_ReportsTheHangUpApartFromData()
    {
        using var poller = new Poller();
        (UnixConnection first, UnixConnection second) = UnixConnection.CreatePair();
        using UnixConnection ours = first;
        int index = poller.Add(ours.Descriptor, PollEvents.Readable);
        second.TrySend(1);
        Assert.Equal(1, poller.Wait(0, _ready));
        Assert.Equal(new PollReady(index, PollEvents.Readable), _ready[0]);

        second.Dispose();

        Assert.Equal(1, poller.Wait(0, _ready));
        Assert.Equal(PollEvents.Readable | PollEvents.HangUp, _ready[0].Events);
        poller.SetInterest(index, PollEvents.None);
        Assert.Equal(1, poller.Wait(0, _ready));
        Assert.Equal(PollEvents.HangUp, _ready[0].Events);
    }

    [Fact]
    public void Wait_ForWritability_ReportsIt()
    {
        using var poller = new Poller();
        (UnixConnection first, UnixConnection second) = UnixConnection.CreatePair();
        using UnixConnection ours = first;
        using UnixConnection theirs = second;
        poller.Add(ours.Descriptor, PollEvents.Readable | PollEvents.Writable);

        Assert.Equal(1, poller.Wait(0, _ready));

        Assert.Equal(PollEvents.Writable, _ready[0].Events);
    }

    [Fact]
    public void Wake_BeforeTheWait_EndsItAtOnceAndOnlyOnce()
    {
        using var poller = new Poller();
        poller.Wake();
        poller.Wake();

        Assert.Equal(0, poller.Wait(Timeout.Infinite, _ready));

        long start = Environment.TickCount64;
        Assert.Equal(0, poller.Wait(30, _ready));
        Assert.InRange(Environment.TickCount64 - start, 25, long.MaxValue);
    }

    [Fact]
    public void Wake_FromAnotherThread_EndsEveryWait()
    {
        using var poller = new Poller();
        const int Rounds = 5000;
        int asked = 0;
        int answered = 0;
        var sleeper = new Thread(() =>
        {
            var ready = new PollReady[1];
            while (Volatile.Read(ref answered) < Rounds)
            {
                if (Volatile.Read(ref asked) == answered) poller.Wait(Timeout.Infinite, ready);
                else Volatile.Write(ref answered, answered + 1);
            }
        });
        sleeper.Start();
        var wait = default(SpinWait);

        // Each request waits for the answer to the one before: one lost wake-up and both wait for ever.
        long limit = Environment.TickCount64 + 20_000;
        for (int i = 1; i <= Rounds; i++)
        {
            Volatile.Write(ref asked, i);
            poller.Wake();
            while (Volatile.Read(ref answered) < i && Environment.TickCount64 < limit) wait.SpinOnce(sleep1Threshold: -1);
        }

        Assert.Equal(Rounds, Volatile.Read(ref answered));
        Assert.True(sleeper.Join(5000));
    }

    [Fact]
    public void Remove_OfOne_LeavesTheIndexesOfTheOthers()
    {
        using var poller = new Poller(capacity: 1);
        using EventFd first = EventFd.Create();
        using EventFd second = EventFd.Create();
        using EventFd third = EventFd.Create();
        int firstIndex = poller.Add(first.Descriptor, PollEvents.Readable);
        int secondIndex = poller.Add(second.Descriptor, PollEvents.Readable);
        int thirdIndex = poller.Add(third.Descriptor, PollEvents.Readable);
        first.Ring();
        third.Ring();

        poller.Remove(firstIndex);

        Assert.Equal(1, poller.Wait(0, _ready));
        Assert.Equal(thirdIndex, _ready[0].Index);
        Assert.Equal(firstIndex, poller.Add(first.Descriptor, PollEvents.Readable));
        Assert.Equal(2, poller.Wait(0, _ready));
        Assert.Equal(3, poller.Count);
        Assert.Equal(2, secondIndex);
    }

    [Fact]
    public void Remove_OfAnUnknownIndex_Throws()
    {
        using var poller = new Poller();

        Assert.Throws<ArgumentOutOfRangeException>(() => poller.Remove(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => poller.Remove(1));
        Assert.Throws<ArgumentOutOfRangeException>(() => poller.Remove(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => poller.Remove(int.MaxValue));
    }

    [Fact]
    public void Wait_WithRoomForFewerThanAreReady_ReachesEverybodyInTurn()
    {
        using var poller = new Poller(capacity: 2);
        EventFd[] doorbells = [.. Enumerable.Range(0, 5).Select(_ => EventFd.Create())];
        foreach (EventFd doorbell in doorbells)
        {
            poller.Add(doorbell.Descriptor, PollEvents.Readable);
            doorbell.Ring();
        }

        var seen = new HashSet<int>();
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(2, poller.Wait(0, _ready.AsSpan(0, 2)));
            seen.Add(_ready[0].Index);
            seen.Add(_ready[1].Index);
        }

        Assert.Equal([1, 2, 3, 4, 5], seen.Order());
        foreach (EventFd doorbell in doorbells) doorbell.Dispose();
    }

    [Fact]
    public void Add_KeepsTheDescriptorOpenUntilRemove()
    {
        using var poller = new Poller();
        EventFd doorbell = EventFd.Create();
        using EventFd other = EventFd.Wrap(doorbell.Descriptor.Duplicate());
        int index = poller.Add(doorbell.Descriptor, PollEvents.Readable);

        doorbell.Dispose();

        other.Ring();
        Assert.Equal(1, poller.Wait(0, _ready));
        Assert.Equal(PollEvents.Readable, _ready[0].Events);
        poller.Remove(index);
        Assert.Equal(0, poller.Wait(0, _ready));
    }

    [Fact]
    public void Wait_InSteadyState_AllocatesNothing()
    {
        using var poller = new Poller();
        using EventFd doorbell = EventFd.Create();
        poller.Add(doorbell.Descriptor, PollEvents.Readable);
        WaitAndDrain(poller, doorbell, 100);
        long before = GC.GetAllocatedBytesForCurrentThread();

        WaitAndDrain(poller, doorbell, 5000);

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void Wait_AfterDispose_Throws()
    {
        var poller = new Poller();

        poller.Dispose();
        poller.Dispose();

        Assert.Throws<ObjectDisposedException>(() => poller.Wait(0, _ready));
        poller.Wake();
    }

    private void WaitAndDrain(Poller poller, EventFd doorbell, int rounds)
    {
        for (int i = 0; i < rounds; i++)
        {
            doorbell.Ring();
            poller.Wake();
            poller.Wait(1000, _ready);
            doorbell.TryDrain(out _);
        }
    }
}
