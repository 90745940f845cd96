// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;

namespace Busbar.BlackBox;

/// <summary>
/// The harness's clock. It goes with the real one, and when nothing has happened for a moment it jumps to the next timer, so that nobody waits for seconds.
/// </summary>
internal sealed class MockClock
{
    private static readonly TimeSpan s_quiet = TimeSpan.FromMilliseconds(60);

    private readonly List<(TimeSpan Due, Action Fire, object Owner)> _timers = [];
    private readonly long _start = Stopwatch.GetTimestamp();
    private readonly ITimer _pulse;
    private TimeSpan _jumped;
    private TimeSpan _lastTraffic;

    public MockClock(TimeProvider time) => _pulse = time.CreateTimer(_ => Pulse(), state: null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    /// <summary>How many timers fired.</summary>
    public int Fired { get; private set; }

    private TimeSpan Real => Stopwatch.GetElapsedTime(_start);

    private TimeSpan Now => Real + _jumped;

    /// <summary>Something happened between the program and the harness.</summary>
    public void Touch() => _lastTraffic = Real;

    public void Set(object owner, TimeSpan delay, Action fire)
    {
        Clear(owner);
        _timers.Add((Now + delay, fire, owner));
        Pulse();
    }

    public void Clear(object owner) => _timers.RemoveAll(timer => timer.Owner == owner);

    private void Pulse()
    {
        while (_timers.Count != 0)
        {
            (TimeSpan Due, Action Fire, object Owner) next = _timers.MinBy(timer => timer.Due);
            TimeSpan quiet = Real - _lastTraffic;
            TimeSpan left = next.Due - Now;
            if (left > TimeSpan.Zero && quiet < s_quiet)
            {
                TimeSpan pause = left < s_quiet - quiet ? left : s_quiet - quiet;
                _pulse.Change(pause, Timeout.InfiniteTimeSpan);
                return;
            }

            if (left > TimeSpan.Zero) _jumped += left;
            _timers.Remove(next);
            Fired++;
            Touch();
            next.Fire();
        }
    }
}
