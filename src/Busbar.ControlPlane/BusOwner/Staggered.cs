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
    /// <param name="work">Never throws.</param>
    public static async Task ForEachAsync<T>(BackgroundWork background, IReadOnlyCollection<T> items, Func<T, Task> work)
    {
        var running = new List<Task>();
        foreach (T item in items)
        {
            Task task = work(item);
            if (!task.IsCompleted) await Task.WhenAny(task, background.PauseAsync(s_step));
            running.Add(task);
            running.RemoveAll(static one => one.IsCompletedSuccessfully);
            while (running.Count >= MostAtOnce)
            {
                await Task.WhenAny(running);
                running.RemoveAll(static one => one.IsCompletedSuccessfully);
            }
        }

        await Task.WhenAll(running);
    }
}
