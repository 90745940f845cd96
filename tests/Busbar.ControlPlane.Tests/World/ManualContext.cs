// SPDX-License-Identifier: Apache-2.0
namespace Busbar.ControlPlane.Tests;

/// <summary>A synchronization context whose work runs when the test says so, in its thread and in order.</summary>
internal sealed class ManualContext : SynchronizationContext
{
    private readonly Queue<(SendOrPostCallback Work, object? State)> _posted = [];

    public override void Post(SendOrPostCallback d, object? state) => _posted.Enqueue((d, state));

    public override void Send(SendOrPostCallback d, object? state) => d(state);

    public override SynchronizationContext CreateCopy() => this;

    /// <summary>Begins work.</summary>
    public void Post(Action work) => Post(_ => work(), state: null);

    /// <summary>Runs everything that is posted, and what that posts.</summary>
    /// <returns>True when there was anything.</returns>
    public bool Pump()
    {
        bool worked = false;
        SynchronizationContext? before = Current;
        SetSynchronizationContext(this);
        try
        {
            for (int i = 0; _posted.TryDequeue(out (SendOrPostCallback Work, object? State) next); i++)
            {
                Assert.True(i < 1_000_000, "the control plane is busy without end");
                next.Work(next.State);
                worked = true;
            }
        }
        finally
        {
            SetSynchronizationContext(before);
        }

        return worked;
    }
}
