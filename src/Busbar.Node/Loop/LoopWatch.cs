// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;

namespace Busbar.Node;

/// <summary>A descriptor that an <see cref="EventLoop"/> watches.</summary>
public sealed class LoopWatch : IDisposable
{
    private readonly Poller _poller;
    private readonly Action<PollEvents> _ready;
    private readonly Action<int> _ended;
    private bool _disposed;

    internal LoopWatch(Poller poller, int index, Action<PollEvents> ready, Action<int> ended)
    {
        _poller = poller;
        Index = index;
        _ready = ready;
        _ended = ended;
    }

    internal int Index { get; }

    /// <summary>Changes what is waited for.</summary>
    /// <param name="interest">The new interest; <see cref="PollEvents.None"/> leaves hang-ups and errors.</param>
    public void SetInterest(PollEvents interest)
    {
        if (!_disposed) _poller.SetInterest(Index, interest);
    }

    /// <summary>Stops watching.</summary>
    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        _poller.Remove(Index);
        _ended(Index);
    }

    internal void Ready(PollEvents events) => _ready(events);
}
