// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Node.Tests;

/// <summary>An event loop that runs in a thread of its own.</summary>
internal sealed class LoopThread : IDisposable
{
    private readonly Background _runner;

    public LoopThread() => _runner = new Background(Loop.Run);

    public EventLoop Loop { get; } = new();

    /// <summary>Runs work in the loop and waits for its end.</summary>
    public T Run<T>(Func<Task<T>> work)
    {
        Task<T> task = Loop.InvokeAsync(work);
        if (!task.Wait(TimeSpan.FromSeconds(20))) throw new TimeoutException("the loop did not finish the work within 20 s");
        return task.Result;
    }

    public T Run<T>(Func<T> work) => Run(() => Task.FromResult(work()));

    public void Dispose()
    {
        Loop.Stop();
        _runner.Join();
        _runner.Dispose();
        Loop.Dispose();
    }
}
