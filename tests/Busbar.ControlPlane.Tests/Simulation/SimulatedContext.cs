// SPDX-License-Identifier: Apache-2.0
namespace Busbar.ControlPlane.Tests;

/// <summary>Work of all controllers of a world, one piece after the other in the order in which it was posted.</summary>
internal sealed class SimulatedContext : SynchronizationContext
{
    private readonly Queue<(SendOrPostCallback Work, object? State)> _posted = new();

    public override void Post(SendOrPostCallback d, object? state) => _posted.Enqueue((d, state));

    public override void Send(SendOrPostCallback d, object? state) => d(state);

    public override SynchronizationContext CreateCopy() => this;

    /// <summary>Runs one piece of work; false when there is none.</summary>
    public bool RunOne()
    {
        if (!_posted.TryDequeue(out (SendOrPostCallback Work, object? State) next)) return false;
        next.Work(next.State);
        return true;
    }
}
