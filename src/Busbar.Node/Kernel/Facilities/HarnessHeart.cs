// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using Busbar.Linux;

namespace Busbar.Node;

/// <summary>
/// A heartbeat toward a harness: while this process works or could be asked, some timers of the harness are always due soon, and while it waits for a timer of its own, they are due right behind it. A clock that
/// jumps whenever nobody talks for a moment would otherwise leap over our work to whatever the harness waits for itself; so it goes in small steps, as many as there are beats, even when this
/// process does not get to run for a while.
/// </summary>
internal sealed class HarnessHeart : IDisposable
{
    // How far the clock may jump at once, and how many jumps it may take before we answer one of them.
    private const int BeatMs = 20;
    private const int Beats = 12;

    private static readonly TimeSpan s_busyAfter = TimeSpan.FromSeconds(2);

    private readonly EventLoop _loop;
    private readonly Func<HarnessTimer> _open;
    private readonly Func<TimeSpan?> _wait;
    private readonly List<(HarnessTimer Timer, LoopWatch Watch)> _beats = [];
    private readonly bool[] _isSoon = new bool[Beats];
    private long _workedAt;
    private bool _disposed;

    /// <summary>Creates a heart that rests.</summary>
    /// <param name="loop">Where it beats.</param>
    /// <param name="open">Opens a timer of the harness.</param>
    /// <param name="wait">How long it is until the next timer of ours; null when none is set.</param>
    public HarnessHeart(EventLoop loop, Func<HarnessTimer> open, Func<TimeSpan?> wait)
    {
        _loop = loop;
        _open = open;
        _wait = wait;
    }

    /// <summary>There is work: the heart beats for a while.</summary>
    public void Beat()
    {
        _workedAt = Stopwatch.GetTimestamp();
        if (_disposed || Array.TrueForAll(_isSoon, isSoon => isSoon)) return;
        while (_beats.Count < Beats)
        {
            HarnessTimer timer = _open();
            int number = _beats.Count;
            _beats.Add((timer, _loop.Watch(timer.Descriptor, PollEvents.Readable, _ => HasBeaten(timer, number))));
        }

        for (int i = 0; i < Beats; i++)
        {
            if (!_isSoon[i]) _beats[i].Timer.Arm(TimeSpan.FromMilliseconds(BeatMs * (i + 1)));
            _isSoon[i] = true;
        }
    }

    public void Dispose()
    {
        _disposed = true;
        foreach ((HarnessTimer timer, LoopWatch watch) in _beats)
        {
            watch.Dispose();
            timer.Dispose();
        }
    }

    private void HasBeaten(HarnessTimer timer, int number)
    {
        Errno taken = timer.TryTakeFired();
        if (taken == Errno.EAGAIN) return;
        if (taken != Errno.None)
        {
            // The harness is gone, and nobody listens any more.
            _disposed = true;
            foreach ((_, LoopWatch watch) in _beats) watch.Dispose();
        }
        else if (Stopwatch.GetElapsedTime(_workedAt) < s_busyAfter)
        {
            timer.Arm(TimeSpan.FromMilliseconds(BeatMs * Beats));
        }
        else
        {
            // Somebody may call us at any moment and wait for the answer by the harness's clock, which must not leap over that either.
            TimeSpan? left = _wait();
            _isSoon[number] = left is null;
            timer.Arm((left ?? TimeSpan.Zero) + TimeSpan.FromMilliseconds(BeatMs * (left is null ? Beats : number + 1)));
        }
    }
}
