// SPDX-License-Identifier: Apache-2.0
using Xunit;

namespace Busbar.Node.Tests;

/// <summary>A thread whose failure is the test's failure, and which must end in time.</summary>
internal sealed class Background : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(20);

    private readonly Thread _thread;
    private Exception? _failure;

    public Background(Action work)
    {
        _thread = new Thread(() => _failure = Record.Exception(work)) { IsBackground = true };
        _thread.Start();
    }

    public bool IsRunning => _thread.IsAlive;

    public void Join()
    {
        Assert.True(_thread.Join(s_limit), "a thread did not end in time");
        if (_failure is not null) throw new InvalidOperationException("a thread failed", _failure);
    }

    /// <summary>Waits for the end and hands out what the thread failed with.</summary>
    public Exception? Failure()
    {
        Assert.True(_thread.Join(s_limit), "a thread did not end in time");
        return _failure;
    }

    public void Dispose() => _thread.Join(s_limit);
}
