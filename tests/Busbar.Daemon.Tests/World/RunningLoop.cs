// SPDX-License-Identifier: Apache-2.0
using Busbar.Node;

namespace Busbar.Daemon.Tests;

/// <summary>An event loop with a thread of its own.</summary>
internal sealed class RunningLoop : IDisposable
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private readonly Thread _thread;

    public RunningLoop()
    {
        _thread = new Thread(Loop.Run) { IsBackground = true };
        _thread.Start();
    }

    public EventLoop Loop { get; } = new();

    public T Do<T>(Func<T> work) => Do(() => Task.FromResult(work()));

    public void Do(Action work) => Do(() =>
    {
        work();
        return true;
    });

    public T Do<T>(Func<Task<T>> work) => Loop.InvokeAsync(work).WaitAsync(Limit).GetAwaiter().GetResult();

    /// <summary>Looks again and again until something holds.</summary>
    public static void Await(Func<bool> condition, string what)
    {
        using var pause = new ManualResetEventSlim();
        for (int i = 0; i < 2000; i++)
        {
            if (condition()) return;
            pause.Wait(10);
        }

        Assert.Fail($"{what} did not happen in time");
    }

    public void Dispose()
    {
        Loop.Stop();
        _thread.Join();
        Loop.Dispose();
    }
}
