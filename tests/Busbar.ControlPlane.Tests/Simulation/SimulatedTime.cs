// SPDX-License-Identifier: Apache-2.0
namespace Busbar.ControlPlane.Tests;

/// <summary>A clock that stands still until it is moved; timers run inside of the move, in the order of their times.</summary>
internal sealed class SimulatedTime : TimeProvider
{
    private readonly PriorityQueue<(ManualTimer Timer, int Version), (long Due, long Order)> _queue = new();
    private long _order;

    /// <summary>Milliseconds since the beginning.</summary>
    public long Now { get; private set; }

    /// <summary>When the next timer is due; <see cref="long.MaxValue"/> without one.</summary>
    public long NextDue
    {
        get
        {
            while (_queue.TryPeek(out (ManualTimer Timer, int Version) next, out (long Due, long Order) at))
            {
                if (next.Timer.Version == next.Version) return at.Due;
                _queue.Dequeue();
            }

            return long.MaxValue;
        }
    }

    /// <summary>Timers that wait.</summary>
    public int Pending => _queue.UnorderedItems.Count(static entry => entry.Element.Timer.Version == entry.Element.Version);

    public override long TimestampFrequency => 1000;

    public override long GetTimestamp() => Now;

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddMilliseconds(Now);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Moves the clock, and runs nothing.</summary>
    public void MoveTo(long time) => Now = Math.Max(Now, time);

    /// <summary>Runs one timer that is due; false when none is.</summary>
    public bool RunOne()
    {
        if (NextDue > Now) return false;
        (ManualTimer timer, _) = _queue.Dequeue();
        timer.Fire();
        return true;
    }

    private sealed class ManualTimer(SimulatedTime owner, TimerCallback callback, object? state) : ITimer
    {
        private TimeSpan _period;

        public int Version { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            Version++;
            _period = period;
            if (dueTime != Timeout.InfiniteTimeSpan) Schedule(dueTime);
            return true;
        }

        public void Fire()
        {
            if (_period > TimeSpan.Zero) Schedule(_period);
            callback(state);
        }

        public void Dispose() => Version++;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        private void Schedule(TimeSpan after) =>
            owner._queue.Enqueue((this, Version), (owner.Now + Math.Max(0, (long)Math.Ceiling(after.TotalMilliseconds)), owner._order++));
    }
}
