// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Linux;

/// <summary>
/// Closes descriptors of unknown kind that other processes sent, on threads that nobody waits for. Closing the last descriptor of a file can take as long as that file likes: a TCP
/// socket lingers over what was not sent, a file system in user space is asked and need not answer. The threads exist only while there is something to close.
/// </summary>
internal static class LateClose
{
    private const int MostThreads = 4;

    private static readonly Lock s_lock = new();
    private static readonly Queue<int> s_numbers = new();
    private static int s_threads;
    private static int s_waiting;

    /// <summary>Descriptors that are not closed yet.</summary>
    public static int Waiting => Volatile.Read(ref s_waiting);

    /// <summary>Tells whether a descriptor is of a kind whose closing never waits: memory, pipes, and files without a file system, eventfds above all.</summary>
    /// <param name="number">Open.</param>
    public static bool IsNeverSlow(int number)
    {
        // Only memory has seals.
        if (NativeFile.Control(number, NativeFile.F_GET_SEALS, 0) >= 0) return true;
        Span<byte> target = stackalloc byte[64];
        ReadOnlySpan<byte> kind = FilePath.KindOf(number, target);
        return kind.StartsWith("anon_inode:"u8) || kind.StartsWith("pipe:"u8);
    }

    /// <summary>Takes a descriptor over.</summary>
    /// <param name="number">Open, and nobody else's.</param>
    public static void Add(int number)
    {
        lock (s_lock)
        {
            Interlocked.Increment(ref s_waiting);
            s_numbers.Enqueue(number);
            if (s_threads == MostThreads) return;
            s_threads++;
        }

        new Thread(Run) { IsBackground = true, Name = "close" }.Start();
    }

    private static unsafe void Run()
    {
        while (true)
        {
            int number;
            lock (s_lock)
            {
                if (!s_numbers.TryDequeue(out number))
                {
                    s_threads--;
                    return;
                }
            }

            // Most that could linger is talked out of it here; whoever is faster holds up this thread only.
            // SAFETY: struct linger is two ints, which are zero; what is no socket refuses the call.
            long off = 0;
            _ = NativeNetwork.SetOption(number, NativeSocket.SOL_SOCKET, NativeSocket.SO_LINGER, &off, sizeof(long));
            _ = NativeFile.Close(number);
            Interlocked.Decrement(ref s_waiting);
        }
    }
}
