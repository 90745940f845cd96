// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Linux;

/// <summary>
/// A listening socket in a <see cref="Poller"/>. When <see cref="AcceptResult.Exhausted"/> was the answer, the socket stays readable, and looking away from it for a moment keeps the
/// loop from spinning.
/// </summary>
/// <remarks>For the thread that waits. Times are milliseconds of the caller's clock.</remarks>
public sealed class ListenerWatch
{
    private const int PauseMs = 100;

    private readonly Poller _poller;

    /// <summary>Begins to watch.</summary>
    /// <param name="poller">Who waits; outlives this object.</param>
    /// <param name="listener">The listening socket.</param>
    public ListenerWatch(Poller poller, FileDescriptor listener)
    {
        ArgumentNullException.ThrowIfNull(poller);
        _poller = poller;
        Index = poller.Add(listener, PollEvents.Readable);
    }

    /// <summary>The listener's index in the poller.</summary>
    public int Index { get; }

    /// <summary>When to call <see cref="Resume"/>; <see cref="long.MaxValue"/> while the listener is watched.</summary>
    public long ResumeAt { get; private set; } = long.MaxValue;

    /// <summary>Looks away for a tenth of a second.</summary>
    /// <param name="now">The time.</param>
    public void Pause(long now)
    {
        _poller.SetInterest(Index, PollEvents.None);
        ResumeAt = now + PauseMs;
    }

    /// <summary>Looks again, if the time has come.</summary>
    /// <param name="now">The time.</param>
    public void Resume(long now)
    {
        if (now < ResumeAt) return;
        ResumeAt = long.MaxValue;
        _poller.SetInterest(Index, PollEvents.Readable);
    }

    /// <summary>Stops watching; before the socket is closed.</summary>
    public void Remove() => _poller.Remove(Index);
}
