// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;

namespace Busbar.Node;

/// <summary>
/// One thread's turn-taking: descriptors, timers and posted work, one at a time. It is the synchronization context of the control plane: what is awaited there goes on there,
/// so that nothing in it needs a lock.
/// </summary>
/// <remarks>
/// <see cref="Post"/> and <see cref="Stop"/> may be called by any thread, everything else by the thread that runs the loop (or before it runs). <see cref="Time"/> makes timers
/// whose callbacks run in the loop. Work that throws ends <see cref="Run"/> with its exception.
/// </remarks>
public sealed class EventLoop : SynchronizationContext, IDisposable
{
    private const int MostPostsPerTurn = 1024;

    private readonly Poller _poller = new(capacity: 16);
    private readonly Lock _lock = new();
    private readonly Queue<(SendOrPostCallback Work, object? State)> _posted = [];
    private readonly Dictionary<int, LoopWatch> _watches = [];
    private readonly PollReady[] _ready = new PollReady[32];
    private readonly LoopTimers _timers;
    private volatile bool _stopping;
    private int _thread;

    /// <summary>Creates a loop that nobody runs yet.</summary>
    public EventLoop() => _timers = new LoopTimers(this);

    /// <summary>The loop's clock: monotonic time, and timers whose callbacks run in the loop.</summary>
    public TimeProvider Time => _timers;

    /// <summary>True in the thread that runs the loop.</summary>
    public bool IsCurrent => Volatile.Read(ref _thread) == Environment.CurrentManagedThreadId;

    /// <summary>Calls back in the loop whenever a descriptor is ready (level-triggered) or hung up.</summary>
    /// <param name="descriptor">Kept open while it is watched.</param>
    /// <param name="interest">What to wait for.</param>
    /// <param name="ready">Gets what is true of the descriptor.</param>
    /// <returns>Dispose it to stop watching; before the descriptor is disposed.</returns>
    public LoopWatch Watch(FileDescriptor descriptor, PollEvents interest, Action<PollEvents> ready)
    {
        var watch = new LoopWatch(_poller, _timers, descriptor, interest, ready, index => _watches.Remove(index));
        _watches.Add(watch.Index, watch);
        return watch;
    }

    /// <inheritdoc/>
    public override void Post(SendOrPostCallback d, object? state)
    {
        lock (_lock) _posted.Enqueue((d, state));
        if (!IsCurrent) _poller.Wake();
    }

    /// <inheritdoc/>
    public override void Send(SendOrPostCallback d, object? state)
    {
        if (IsCurrent)
        {
            d(state);
            return;
        }

        using var done = new ManualResetEventSlim();
        Exception? failure = null;
        Post(
            _ =>
            {
                try
                {
                    d(state);
                }
                catch (Exception caught)
                {
                    failure = caught;
                }

                done.Set();
            },
            state: null);
        done.Wait();
        if (failure is not null) throw new InvalidOperationException(failure.Message, failure);
    }

    /// <inheritdoc/>
    public override SynchronizationContext CreateCopy() => this;

    /// <summary>Runs a function in the loop, from any thread.</summary>
    /// <param name="work">Starts in the loop and goes on there after each await.</param>
    /// <returns>Completes with the function's task; continuations of other contexts run where they belong.</returns>
    public Task<T> InvokeAsync<T>(Func<Task<T>> work)
    {
        var outcome = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(_ => _ = RelayAsync(work, outcome), state: null);
        return outcome.Task;
    }

    /// <summary>Runs the loop in this thread until <see cref="Stop"/>.</summary>
    public void Run()
    {
        while (!_stopping) Turn(Timeout.Infinite);
    }

    /// <summary>One turn: what was posted, what is due, what is ready; sleeps when there is nothing.</summary>
    /// <param name="milliseconds">How long to sleep at most; <see cref="Timeout.Infinite"/> until something happens.</param>
    public void Turn(int milliseconds)
    {
        SynchronizationContext? before = Current;
        int thread = Volatile.Read(ref _thread);
        Volatile.Write(ref _thread, Environment.CurrentManagedThreadId);
        SetSynchronizationContext(this);
        try
        {
            bool worked = RunPosted() | _timers.RunDue();
            int found = _poller.Wait(worked || _stopping || HasPosted() ? 0 : _timers.SleepLimit(milliseconds), _ready);
            for (int i = 0; i < found; i++)
            {
                // An earlier one of this batch may have ended this watch, or replaced it.
                if (_watches.TryGetValue(_ready[i].Index, out LoopWatch? watch)) watch.Ready(_ready[i].Events);
            }
        }
        finally
        {
            SetSynchronizationContext(before);
            Volatile.Write(ref _thread, thread);
        }
    }

    /// <summary>Ends <see cref="Run"/> after the turn in progress. Any thread.</summary>
    public void Stop()
    {
        _stopping = true;
        _poller.Wake();
    }

    /// <summary>Lets go of all descriptors. Nobody may be running the loop.</summary>
    public void Dispose() => _poller.Dispose();

    internal void Wake() => _poller.Wake();

    private static async Task RelayAsync<T>(Func<Task<T>> work, TaskCompletionSource<T> outcome)
    {
        try
        {
            outcome.SetResult(await work());
        }
        catch (Exception failure)
        {
            outcome.SetException(failure);
        }
    }

    private bool HasPosted()
    {
        lock (_lock) return _posted.Count != 0;
    }

    private bool RunPosted()
    {
        for (int i = 0; i < MostPostsPerTurn; i++)
        {
            (SendOrPostCallback Work, object? State) next;
            lock (_lock)
            {
                if (!_posted.TryDequeue(out next)) return i != 0;
            }

            next.Work(next.State);
        }

        return true;
    }
}
