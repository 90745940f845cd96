// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;

namespace Busbar.Node;

/// <summary>
/// Sockets whose question was given up. They keep their tag until a late answer cannot come any more, so that it does not meet the next question; when tags run short, the oldest
/// goes first.
/// </summary>
internal sealed class RestingExchanges : IDisposable
{
    private const int Most = 32;

    // How long the kernel itself waits for an answer.
    private static readonly TimeSpan s_rest = TimeSpan.FromSeconds(6);

    private readonly TimeProvider _time;
    private readonly Queue<(IMctpDatagrams Socket, long Since)> _sockets = [];
    private ITimer? _timer;

    public RestingExchanges(TimeProvider time) => _time = time;

    public void Add(IMctpDatagrams socket)
    {
        if (_sockets.Count == Most) ReleaseOldest();
        _sockets.Enqueue((socket, _time.GetTimestamp()));
        if (_sockets.Count == 1) SetTimer(s_rest);
    }

    /// <summary>Gives a tag back.</summary>
    /// <returns>False when none rests.</returns>
    public bool ReleaseOldest()
    {
        if (!_sockets.TryDequeue(out (IMctpDatagrams Socket, long Since) oldest)) return false;
        oldest.Socket.Dispose();
        return true;
    }

    /// <summary>Gives all back: an interface that goes waits for those who hold tags toward it.</summary>
    public void Clear()
    {
        while (ReleaseOldest())
        {
        }
    }

    public void Dispose()
    {
        Clear();
        _timer?.Dispose();
    }

    private void SetTimer(TimeSpan due)
    {
        if (_timer is null) _timer = _time.CreateTimer(_ => ReleaseRested(), state: null, due, Timeout.InfiniteTimeSpan);
        else _timer.Change(due, Timeout.InfiniteTimeSpan);
    }

    private void ReleaseRested()
    {
        while (_sockets.TryPeek(out (IMctpDatagrams Socket, long Since) oldest))
        {
            TimeSpan left = s_rest - _time.GetElapsedTime(oldest.Since);
            if (left > TimeSpan.Zero)
            {
                SetTimer(left);
                return;
            }

            ReleaseOldest();
        }
    }
}
