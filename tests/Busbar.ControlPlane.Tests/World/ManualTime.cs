// SPDX-License-Identifier: Apache-2.0
namespace Busbar.ControlPlane.Tests;

/// <summary>A clock that stands still until the test moves it. Timers call back in a <see cref="ManualContext"/>, in the order of their time.</summary>
internal sealed class ManualTime : TimeProvider
{
    private readonly ManualContext _context;
    private readonly PriorityQueue<(ManualTimer Timer, int Version), (long Due, long Order)> _queue = new();
    private long _ticks;
    private long _order;

    public ManualTime(ManualContext context) => _context = context;

    /// <summary>Time since the beginning.</summary>
    public TimeSpan Now => TimeSpan.FromTicks(_ticks);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => _ticks;

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch + Now;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Moves the clock to the next timer, if one is due by then, and posts its callback.</summary>
    /// <param name="limit">How far the clock may go.</param>
    /// <returns>False when no timer is due by then; the clock stands still.</returns>
    public bool TryStep(TimeSpan limit)
    {
        while (_queue.TryPeek(out (ManualTimer Timer, int Version) next, out (long Due, long Order) at))
        {
            if (at.Due > limit.Ticks) return false;
            _queue.Dequeue();
            if (!next.Timer.IsValid(next.Version)) continue;
            _ticks = Math.Max(_ticks, at.Due);
            _context.Post(() => next.Timer.Fire(next.Version));
            return true;
        }

        return false;
    }

    /// <summary>Moves the clock.</summary>
    /// <param name="time">To when; not back.</param>
    public void MoveTo(TimeSpan time) => _ticks = Math.Max(_ticks, time.Ticks);

    private sealed class ManualTimer : ITimer
    {
        private readonly ManualTime _owner;
        private readonly TimerCallback _callback;
        private readonly object? _state;
        private int _version;
        private TimeSpan _period;

        public ManualTimer(ManualTime owner, TimerCallback callback, object? state)
        {
            _owner = owner;
            _callback = callback;
            _state = state;
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            _version++;
            _period = period;
            if (dueTime != Timeout.InfiniteTimeSpan) Enqueue(dueTime);
            return true;
        }

        public bool IsValid(int version) => version == _version;

        public void Fire(int version)
        {
            if (version != _version) return;
            if (_period > TimeSpan.Zero) Enqueue(_period);
            _callback(_state);
        }

        public void Dispose() => _version++;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        private void Enqueue(TimeSpan after) => _owner._queue.Enqueue((this, _version), (_owner._ticks + after.Ticks, _owner._order++));
    }
}
