// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;
using Xunit;

namespace Busbar.Node.Tests;

/// <summary>The loop that the control plane and the daemon live in.</summary>
public sealed class EventLoopTests : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(10);

    private readonly EventLoop _loop = new();

    public void Dispose() => _loop.Dispose();

    [Fact]
    public void Post_FromSeveralThreads_RunsEverythingInTheLoopInEachOnesOrder()
    {
        const int Each = 500;
        var seen = new List<(int Thread, int Number)>();
        int threads = 0;
        Thread[] posters = [.. Enumerable.Range(0, 3).Select(poster => new Thread(() =>
        {
            for (int i = 0; i < Each; i++)
            {
                int number = i;
                _loop.Post(_ => seen.Add((poster, number)), null);
            }

            if (Interlocked.Increment(ref threads) == 3) _loop.Post(_ => _loop.Stop(), null);
        }))];

        foreach (Thread poster in posters) poster.Start();
        _loop.Run();
        foreach (Thread poster in posters) poster.Join();
        _loop.Turn(0);

        Assert.Equal(3 * Each, seen.Count);
        foreach (IGrouping<int, (int Thread, int Number)> own in seen.GroupBy(entry => entry.Thread)) Assert.Equal(Enumerable.Range(0, Each), own.Select(entry => entry.Number));
    }

    [Fact]
    public void Post_OfMoreThanATurnTakes_LetsDescriptorsHaveTheirTurn()
    {
        using EventFd bell = EventFd.Create();
        int posted = 0;
        bool rang = false;
        using LoopWatch watch = _loop.Watch(bell.Descriptor, PollEvents.Readable, _ => rang = true);
        void Again(object? state)
        {
            posted++;
            _loop.Post(Again, null);
        }

        _loop.Post(Again, null);
        bell.Ring();
        _loop.Turn(0);

        Assert.True(rang && posted > 0);
    }

    [Fact]
    public async Task InvokeAsync_WithAwaits_StaysInTheLoop()
    {
        var thread = new Thread(_loop.Run);
        thread.Start();

        (int before, int after, bool current) = await _loop.InvokeAsync(async () =>
        {
            int first = Environment.CurrentManagedThreadId;
            await Task.Run(() => { }, TestContext.Current.CancellationToken);
            await Task.Yield();
            return (first, Environment.CurrentManagedThreadId, _loop.IsCurrent);
        }).WaitAsync(s_limit, TestContext.Current.CancellationToken);
        Task<int> failing = _loop.InvokeAsync<int>(() => throw new InvalidDataException("x"));
        await Assert.ThrowsAsync<InvalidDataException>(() => failing.WaitAsync(s_limit, TestContext.Current.CancellationToken));
        _loop.Stop();
        thread.Join();

        Assert.Equal((thread.ManagedThreadId, thread.ManagedThreadId, true), (before, after, current));
        Assert.False(_loop.IsCurrent);
    }

    [Fact]
    public void Send_FromAnotherThread_WaitsAndBringsFailuresBack()
    {
        var thread = new Thread(_loop.Run);
        thread.Start();
        int ran = 0;

        _loop.Send(_ => ran = Environment.CurrentManagedThreadId, null);
        InvalidOperationException failure = Assert.Throws<InvalidOperationException>(() => _loop.Send(_ => throw new InvalidDataException("broken"), null));
        _loop.Stop();
        thread.Join();

        Assert.Equal(thread.ManagedThreadId, ran);
        Assert.Equal("broken", failure.Message);
    }

    [Fact]
    public void Timers_OfDifferentTimes_FireInTheirOrderAndNotAfterDisposal()
    {
        var fired = new List<string>();
        // Made first and due last, by so much that a thread that has to wait for its processor in between changes nothing.
        using ITimer late = _loop.Time.CreateTimer(_ => { fired.Add("late"); _loop.Stop(); }, null, TimeSpan.FromMilliseconds(800), Timeout.InfiniteTimeSpan);
        using ITimer early = _loop.Time.CreateTimer(_ => fired.Add("early"), null, TimeSpan.FromMilliseconds(5), Timeout.InfiniteTimeSpan);
        ITimer never = _loop.Time.CreateTimer(_ => fired.Add("never"), null, TimeSpan.FromMilliseconds(10), Timeout.InfiniteTimeSpan);
        never.Dispose();
        using ITimer moved = _loop.Time.CreateTimer(_ => fired.Add("moved"), null, TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
        moved.Change(TimeSpan.FromMilliseconds(20), Timeout.InfiniteTimeSpan);

        _loop.Run();

        Assert.Equal(["early", "moved", "late"], fired);
    }

    [Fact]
    public void Timer_WithAPeriod_FiresUntilItIsStopped()
    {
        int fired = 0;
        ITimer? timer = null;
        timer = _loop.Time.CreateTimer(
            _ =>
            {
                if (++fired < 3) return;
                timer!.Dispose();
                _loop.Stop();
            },
            null,
            TimeSpan.FromMilliseconds(1),
            TimeSpan.FromMilliseconds(1));

        _loop.Run();
        _loop.Turn(5);

        Assert.Equal(3, fired);
    }

    [Fact]
    public async Task Delay_OnTheLoopsClock_GoesOnInTheLoop()
    {
        var thread = new Thread(_loop.Run);
        thread.Start();

        bool current = await _loop.InvokeAsync(async () =>
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), _loop.Time);
            return _loop.IsCurrent;
        }).WaitAsync(s_limit, TestContext.Current.CancellationToken);
        _loop.Stop();
        thread.Join();

        Assert.True(current);
    }

    [Fact]
    public void Watch_DisposedByAnotherOfTheSameTurn_IsNotCalledAnyMore()
    {
        using EventFd one = EventFd.Create();
        using EventFd two = EventFd.Create();
        int calls = 0;
        var watches = new List<LoopWatch>();
        void Ready(PollEvents events)
        {
            calls++;
            foreach (LoopWatch watch in watches) watch.Dispose();
        }

        watches.Add(_loop.Watch(one.Descriptor, PollEvents.Readable, Ready));
        watches.Add(_loop.Watch(two.Descriptor, PollEvents.Readable, Ready));
        one.Ring();
        two.Ring();
        _loop.Turn(0);
        _loop.Turn(0);

        Assert.Equal(1, calls);
    }

    [Fact]
    public void Watch_OfManyDescriptorsThatAreAllReady_StarvesNobody()
    {
        EventFd[] bells = [.. Enumerable.Range(0, 100).Select(_ => EventFd.Create())];
        int[] calls = new int[bells.Length];
        LoopWatch[] watches = [.. bells.Select((bell, index) => _loop.Watch(bell.Descriptor, PollEvents.Readable, _ => calls[index]++))];
        foreach (EventFd bell in bells) bell.Ring();

        // A turn tells 32 at most.
        for (int turn = 0; turn < 8; turn++) _loop.Turn(0);

        Assert.All(calls, count => Assert.True(count >= 1));
        foreach (LoopWatch watch in watches) watch.Dispose();
        foreach (EventFd bell in bells) bell.Dispose();
    }

    [Fact]
    public void SetInterest_ToNothing_LeavesHangUpsOnly()
    {
        using EventFd bell = EventFd.Create();
        int calls = 0;
        using LoopWatch watch = _loop.Watch(bell.Descriptor, PollEvents.Readable, _ => calls++);
        bell.Ring();

        watch.SetInterest(PollEvents.None);
        _loop.Turn(0);
        watch.SetInterest(PollEvents.Readable);
        _loop.Turn(0);

        Assert.Equal(1, calls);
    }

    [Fact]
    public void Run_WithWorkThatThrows_EndsWithItsException()
    {
        _loop.Post(_ => throw new InvalidDataException("a defect"), null);

        Assert.Throws<InvalidDataException>(_loop.Run);
    }
}
