// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;
using Busbar.Node;

namespace Busbar.Daemon;

/// <summary>Gives a bus connection its turns in an event loop, each a short one.</summary>
internal sealed class DbusTurns : IDisposable
{
    private readonly EventLoop _loop;
    private readonly DbusConnection _connection;
    private readonly LoopWatch _watch;
    private readonly ITimer _timer;
    private long _armedFor = long.MaxValue;
    private bool _posted;
    private bool _disposed;

    public DbusTurns(EventLoop loop, DbusConnection connection)
    {
        _loop = loop;
        _connection = connection;
        _watch = loop.Watch(connection.Descriptor, connection.Events, _ => Take());
        _timer = loop.Time.CreateTimer(_ => Take(), state: null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        connection.Stirred += Arrange;
        PostTurn();
    }

    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        _connection.Stirred -= Arrange;
        _timer.Dispose();
        _watch.Dispose();
    }

    private void Take()
    {
        if (_disposed) return;
        bool more = _connection.Process();

        // The turn may have found the connection's end, and with it ours.
        if (_disposed) return;
        Arrange();
        if (more) PostTurn();
    }

    // At the end of the queue, so that everybody else in the loop has a turn in between.
    private void PostTurn()
    {
        if (_posted) return;
        _posted = true;
        _loop.Post(
            _ =>
            {
                _posted = false;
                Take();
            },
            state: null);
    }

    private void Arrange()
    {
        _watch.SetInterest(_connection.Events);
        if (_connection.NextTimeout is not { } wait) return;
        if (wait == 0)
        {
            PostTurn();
            return;
        }

        // A timer that is due before that looks again by itself.
        long due = Environment.TickCount64 + wait;
        if (due >= _armedFor && _armedFor > Environment.TickCount64) return;
        _armedFor = due;
        _timer.Change(TimeSpan.FromMilliseconds(wait), Timeout.InfiniteTimeSpan);
    }
}
