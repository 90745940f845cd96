// SPDX-License-Identifier: Apache-2.0
namespace Busbar.ControlPlane;

/// <summary>Work of the control plane that nobody awaits: it is counted, its pauses end when the controller does, and its failures become notes.</summary>
internal sealed class BackgroundWork
{
    private readonly NetworkController _controller;
    private readonly List<TaskCompletionSource> _waiters = [];
    private readonly HashSet<Pause> _pauses = [];
    private int _running;

    public BackgroundWork(NetworkController controller) => _controller = controller;

    /// <summary>Begins work; its first part runs at once.</summary>
    /// <param name="what">What it is, for the note when it fails.</param>
    /// <param name="work">The work.</param>
    public void Run(string what, Func<Task> work)
    {
        if (_controller.IsDisposed) return;
        _ = GuardAsync(what, work);
    }

    /// <summary>Waits inside background work.</summary>
    /// <param name="time">How long.</param>
    /// <returns>False when the controller was disposed meanwhile: end at once.</returns>
    public async Task<bool> PauseAsync(TimeSpan time)
    {
        if (_controller.IsDisposed) return false;
        if (time <= TimeSpan.Zero) return true;
        var pause = new Pause(_controller.Time, time);
        _pauses.Add(pause);
        bool completed = await pause.Ended;
        _pauses.Remove(pause);
        return completed && !_controller.IsDisposed;
    }

    /// <summary>Waits inside background work for its next round; whoever waits for the end of all work does not wait for this.</summary>
    /// <param name="time">How long.</param>
    /// <returns>False when the controller was disposed meanwhile: end at once.</returns>
    public async Task<bool> IdlePauseAsync(TimeSpan time)
    {
        Leave();
        bool goesOn = await PauseAsync(time);
        _running++;
        return goesOn;
    }

    public Task WhenIdleAsync()
    {
        if (_running == 0) return Task.CompletedTask;
        var waiter = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiters.Add(waiter);
        return waiter.Task;
    }

    public void Stop()
    {
        foreach (Pause pause in _pauses.ToArray()) pause.End(completed: false);
    }

    private async Task GuardAsync(string what, Func<Task> work)
    {
        _running++;
        try
        {
            await work();
        }
        catch (Exception failure) when (failure is ControlPlaneException or HostException)
        {
            _controller.Note(NoteSeverity.Warning, $"{what}: {failure.Message}");
        }
        catch (Exception mistake)
        {
            // A mistake of ours in one piece of work must not silence the rest, and must not pass unseen.
            _controller.Statistics.InternalErrors++;
            _controller.Note(NoteSeverity.Warning, $"{what}: internal error: {mistake}");
        }
        finally
        {
            Leave();
        }
    }

    private void Leave()
    {
        if (--_running != 0) return;
        TaskCompletionSource[] waiters = [.. _waiters];
        _waiters.Clear();
        foreach (TaskCompletionSource waiter in waiters) waiter.SetResult();
    }

    private sealed class Pause
    {
        private readonly TaskCompletionSource<bool> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly ITimer _timer;

        public Pause(TimeProvider time, TimeSpan length) =>
            _timer = time.CreateTimer(static pause => ((Pause)pause!).End(completed: true), this, length, Timeout.InfiniteTimeSpan);

        public Task<bool> Ended => _ended.Task;

        public void End(bool completed)
        {
            if (_ended.TrySetResult(completed)) _timer.Dispose();
        }
    }
}
