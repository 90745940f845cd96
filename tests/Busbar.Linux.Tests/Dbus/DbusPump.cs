// SPDX-License-Identifier: Apache-2.0
using System.Collections.Concurrent;
using System.Diagnostics;

namespace Busbar.Linux.Tests;

/// <summary>Serves connections in the test's own thread until something is done; what is awaited in handlers goes on here.</summary>
internal sealed class DbusPump : SynchronizationContext
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);

    private readonly ConcurrentQueue<(SendOrPostCallback Work, object? State)> _posted = new();
    private readonly DbusConnection[] _connections;

    public DbusPump(params DbusConnection[] connections) => _connections = connections;

    public override void Post(SendOrPostCallback d, object? state) => _posted.Enqueue((d, state));

    public T Await<T>(Func<Task<T>> begin)
    {
        SynchronizationContext? before = Current;
        SetSynchronizationContext(this);
        try
        {
            Task<T> task = begin();
            Run(() => task.IsCompleted);
            return task.GetAwaiter().GetResult();
        }
        finally
        {
            SetSynchronizationContext(before);
        }
    }

    public void Run(Func<bool> done)
    {
        SynchronizationContext? before = Current;
        SetSynchronizationContext(this);
        using var poller = new Poller();
        (DbusConnection Connection, int Index)[] watched = [.. _connections.Where(each => each.IsOpen).Select(each => (each, poller.Add(each.Descriptor, each.Events)))];
        var ready = new PollReady[watched.Length];
        long began = Stopwatch.GetTimestamp();
        try
        {
            while (!done())
            {
                if (Stopwatch.GetElapsedTime(began) > s_limit) throw new TimeoutException("What the test waits for did not happen.");
                bool more = false;
                for (int i = _posted.Count; i > 0 && _posted.TryDequeue(out (SendOrPostCallback Work, object? State) next); i--) next.Work(next.State);
                foreach ((DbusConnection connection, int index) in watched)
                {
                    more |= connection.Process();
                    poller.SetInterest(index, connection.Events);
                }

                // Ten milliseconds, because what the test waits for may happen without the bus.
                if (!more) poller.Wait(10, ready);
            }
        }
        finally
        {
            SetSynchronizationContext(before);
        }
    }
}
