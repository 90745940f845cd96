// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using Busbar.Linux;

namespace Busbar.Node;

/// <summary>
/// Timers of a loop by a harness's clock, which may jump. Each has a timer of the harness of its own, so that word of one that was ended cannot be mistaken for another's.
/// Between firings the clock goes with the real one; when a timer fires early, the clock has jumped to the time that it was set for. Short times are always real ones: they
/// limit how long this process and its peers may take, which needs real time whatever the harness's clock does. While this process works or waits,
/// <see cref="HarnessHeart"/> keeps the harness's clock from leaping far.
/// </summary>
internal sealed class HarnessClock : TimeProvider, IDisposable
{
    private static readonly TimeSpan s_short = TimeSpan.FromSeconds(1);

    private readonly Func<HarnessTimer> _open;
    private readonly HashSet<ClockTimer> _timers = [];
    private readonly long _start = Stopwatch.GetTimestamp();
    private readonly HarnessHeart _heart;
    private TimeSpan _jumped;

    public HarnessClock(EventLoop loop, Func<HarnessTimer> open)
    {
        Loop = loop;
        _open = open;
        _heart = new HarnessHeart(loop, open, UntilNext);
        loop.Post(_ => _heart.Beat(), state: null);
    }

    public EventLoop Loop { get; }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    private TimeSpan Now => Stopwatch.GetElapsedTime(_start) + _jumped;

    public override long GetTimestamp() => Now.Ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        _heart.Beat();
        if (dueTime < s_short && dueTime != Timeout.InfiniteTimeSpan) return Loop.Time.CreateTimer(callback, state, dueTime, period);
        var timer = new ClockTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    public void Dispose()
    {
        foreach (ClockTimer timer in _timers.ToArray()) timer.Dispose();
        _heart.Dispose();
    }

    private TimeSpan? UntilNext()
    {
        if (_timers.Count == 0) return null;
        TimeSpan left = _timers.Min(timer => timer.Due) - Now;
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    private void JumpTo(TimeSpan due)
    {
        TimeSpan missing = due - Now;
        if (missing > TimeSpan.Zero) _jumped += missing;
    }

    private sealed class ClockTimer : ITimer
    {
        private readonly HarnessClock _owner;
        private readonly TimerCallback _callback;
        private readonly object? _state;
        private HarnessTimer? _timer;
        private LoopWatch? _watch;
        private TimeSpan _due;
        private TimeSpan _period;

        // Each change makes a firing that is on its way void.
        private int _version;

        public ClockTimer(HarnessClock owner, TimerCallback callback, object? state)
        {
            _owner = owner;
            _callback = callback;
            _state = state;
        }

        public TimeSpan Due => _due;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            Dispose();
            _period = period;
            if (dueTime == Timeout.InfiniteTimeSpan) return true;
            _owner._timers.Add(this);
            _timer = _owner._open();
            _watch = _owner.Loop.Watch(_timer.Descriptor, PollEvents.Readable, _ => Fired());
            Arm(_owner.Now + dueTime);
            return true;
        }

        public void Dispose()
        {
            _version++;
            _owner._timers.Remove(this);
            _watch?.Dispose();
            _timer?.Dispose();
            _watch = null;
            _timer = null;
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        private void Arm(TimeSpan due)
        {
            _due = due;
            TimeSpan left = due - _owner.Now;
            _timer!.Arm(left > TimeSpan.Zero ? left : TimeSpan.Zero);
        }

        private void Fired()
        {
            Errno taken = _timer!.TryTakeFired();
            if (taken == Errno.EAGAIN) return;
            if (taken != Errno.None)
            {
                // The harness is gone, and time stands still.
                Dispose();
                return;
            }

            // What came in before the clock jumped is worked off first, with all that goes on from there: two turns of the loop.
            int version = _version;
            _owner._heart.Beat();
            _owner.JumpTo(_due);
            _owner.Loop.Post(_ => _owner.Loop.Post(_ => Run(version), state: null), state: null);
        }

        private void Run(int version)
        {
            if (version != _version) return;
            if (_period > TimeSpan.Zero) Arm(_due + _period);
            else Dispose();
            _callback(_state);
        }
    }
}
