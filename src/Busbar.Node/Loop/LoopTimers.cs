// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Node;

/// <summary>The timers of an <see cref="EventLoop"/>: callbacks run in the loop, never before their time.</summary>
internal sealed class LoopTimers : TimeProvider
{
    private readonly EventLoop _loop;
    private readonly Lock _lock = new();
    private readonly PriorityQueue<(LoopTimer Timer, int Version), (long Due, long Order)> _queue = new();
    private long _order;

    public LoopTimers(EventLoop loop) => _loop = loop;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new LoopTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Runs what is due; true when something was.</summary>
    public bool RunDue()
    {
        bool ran = false;
        long now = Environment.TickCount64;
        while (true)
        {
            (LoopTimer Timer, int Version) next;
            lock (_lock)
            {
                if (!_queue.TryPeek(out next, out (long Due, long Order) at) || at.Due > now) return ran;
                _queue.Dequeue();
            }

            ran |= next.Timer.Fire(next.Version, now);
        }
    }

    /// <summary>How long the loop may sleep, in milliseconds, when it would sleep <paramref name="limit"/> at most.</summary>
    public int SleepLimit(int limit)
    {
        lock (_lock)
        {
            if (!_queue.TryPeek(out _, out (long Due, long Order) at)) return limit;
            int left = (int)Math.Clamp(at.Due - Environment.TickCount64, 0, int.MaxValue);
            return limit < 0 ? left : Math.Min(limit, left);
        }
    }

    private void Schedule(LoopTimer timer, int version, long due)
    {
        lock (_lock) _queue.Enqueue((timer, version), (due, _order++));
        if (!_loop.IsCurrent) _loop.Wake();
    }

    private sealed class LoopTimer : ITimer
    {
        private readonly LoopTimers _owner;
        private readonly TimerCallback _callback;
        private readonly object? _state;

        // Each change makes the entries that are queued already void.
        private int _version;
        private TimeSpan _period;

        public LoopTimer(LoopTimers owner, TimerCallback callback, object? state)
        {
            _owner = owner;
            _callback = callback;
            _state = state;
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            int version = Interlocked.Increment(ref _version);
            _period = period;
            if (dueTime == Timeout.InfiniteTimeSpan) return true;
            _owner.Schedule(this, version, Environment.TickCount64 + (long)Math.Ceiling(dueTime.TotalMilliseconds));
            return true;
        }

        public bool Fire(int version, long now)
        {
            if (version != Volatile.Read(ref _version)) return false;
            if (_period > TimeSpan.Zero) _owner.Schedule(this, version, now + Math.Max(1, (long)_period.TotalMilliseconds));
            _callback(_state);
            return true;
        }

        public void Dispose() => Interlocked.Increment(ref _version);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
