// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;

namespace Busbar.Node;

/// <summary>A descriptor that an <see cref="EventLoop"/> watches.</summary>
public sealed class LoopWatch : IDisposable
{
    private readonly Poller _poller;
    private readonly TimeProvider _time;
    private readonly Action<PollEvents> _ready;
    private readonly Action<int> _ended;
    private PollEvents _interest;
    private ITimer? _pause;
    private bool _disposed;

    internal LoopWatch(Poller poller, TimeProvider time, FileDescriptor descriptor, PollEvents interest, Action<PollEvents> ready, Action<int> ended)
    {
        _poller = poller;
        _time = time;
        _interest = interest;
        Index = poller.Add(descriptor, interest);
        _ready = ready;
        _ended = ended;
    }

    internal int Index { get; }

    /// <summary>Changes what is waited for.</summary>
    /// <param name="interest">The new interest; <see cref="PollEvents.None"/> leaves hang-ups and errors.</param>
    public void SetInterest(PollEvents interest)
    {
        if (_disposed) return;
        _interest = interest;
        if (_pause is null) _poller.SetInterest(Index, interest);
    }

    /// <summary>
    /// Looks away for a while: from a listener that stays readable because no descriptor is free (<see cref="AcceptResult.Exhausted"/>), for instance.
    /// </summary>
    /// <param name="time">How long; while one pause lasts, a second one changes nothing.</param>
    public void Pause(TimeSpan time)
    {
        if (_disposed || _pause is not null) return;
        _poller.SetInterest(Index, PollEvents.None);
        _pause = _time.CreateTimer(static watch => ((LoopWatch)watch!).Resume(), this, time, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Stops watching.</summary>
    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        _pause?.Dispose();
        _poller.Remove(Index);
        _ended(Index);
    }

    internal void Ready(PollEvents events) => _ready(events);

    private void Resume()
    {
        _pause!.Dispose();
        _pause = null;
        _poller.SetInterest(Index, _interest);
    }
}
