// SPDX-License-Identifier: Apache-2.0
namespace Busbar.ControlPlane;

/// <summary>Works through a list: the next item begins when the one before has ended, or takes long. So quick ones come in order, and a slow one delays nobody.</summary>
internal static class Staggered
{
    private const int MostAtOnce = 16;
    private static readonly TimeSpan s_step = TimeSpan.FromMilliseconds(20);

    /// <summary>Works through a list.</summary>
    /// <param name="background">Waits.</param>
    /// <param name="items">The list, a snapshot.</param>
    /// <param name="work">Where it throws, the list is left, and the exception passed on.</param>
    public static async Task ForEachAsync<T>(BackgroundWork background, IReadOnlyCollection<T> items, Func<T, Task> work)
    {
        var running = new List<Task>();
        foreach (T item in items)
        {
            Task task = work(item);
            if (!task.IsCompleted) await Task.WhenAny(task, background.PauseAsync(s_step));
            running.Add(task);
            await LetGoAsync(running);
            while (running.Count >= MostAtOnce)
            {
                await Task.WhenAny(running);
                await LetGoAsync(running);
            }
        }

        await Task.WhenAll(running);
    }

    // One that failed stays failed: it must not count as running for ever.
    private static async Task LetGoAsync(List<Task> running)
    {
        foreach (Task ended in running.Where(static one => one.IsCompleted).ToArray()) await ended;
        running.RemoveAll(static one => one.IsCompleted);
    }
}
