// SPDX-License-Identifier: Apache-2.0
namespace Busbar.ControlPlane;

/// <summary>One at a time for each key, in the order in which they asked. Different keys never wait for each other.</summary>
internal sealed class Turns<TKey>
    where TKey : notnull
{
    private readonly Dictionary<TKey, Queue<TaskCompletionSource>> _waiting = [];

    /// <summary>How many wait.</summary>
    public int Waiting => _waiting.Values.Sum(static queue => queue.Count);

    /// <summary>Waits until it is one's turn.</summary>
    /// <param name="key">What is to be used alone.</param>
    /// <returns>Dispose it to let the next one go on.</returns>
    public async Task<Turn> TakeAsync(TKey key)
    {
        if (_waiting.TryGetValue(key, out Queue<TaskCompletionSource>? queue))
        {
            var turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            queue.Enqueue(turn);
            await turn.Task;
        }
        else
        {
            _waiting.Add(key, new Queue<TaskCompletionSource>());
        }

        return new Turn(this, key);
    }

    private void Release(TKey key)
    {
        if (_waiting[key].TryDequeue(out TaskCompletionSource? next)) next.SetResult();
        else _waiting.Remove(key);
    }

    /// <summary>A turn that is being used.</summary>
    internal sealed class Turn : IDisposable
    {
        private readonly Turns<TKey> _owner;
        private readonly TKey _key;
        private bool _released;

        public Turn(Turns<TKey> owner, TKey key) => (_owner, _key) = (owner, key);

        public void Dispose()
        {
            if (_released) return;
            _released = true;
            _owner.Release(_key);
        }
    }
}
