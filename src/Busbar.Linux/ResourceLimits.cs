// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Linux;

/// <summary>
/// Limits of this process (setrlimit(2)), for tests of what happens when descriptors run out. Programs need it not: .NET raises the soft limit of open files to the hard one when it starts.
/// </summary>
internal static unsafe class ResourceLimits
{
    /// <summary>Raises the number of open files to the most this process may have.</summary>
    /// <returns>The limit now in force.</returns>
    public static long RaiseOpenFiles()
    {
        // SAFETY: the kernel fills and reads the structure on the stack.
        ResourceLimit limit;
        LinuxException.Check(NativeProcess.GetLimit(NativeProcess.RLIMIT_NOFILE, &limit), "getrlimit", "Reading the limit of open files failed");
        if (limit.Current < limit.Maximum)
        {
            ulong before = limit.Current;
            limit.Current = limit.Maximum;

            // Not being allowed to raise it is no failure: the old limit goes on.
            if (NativeProcess.SetLimit(NativeProcess.RLIMIT_NOFILE, &limit) < 0) limit.Current = before;
        }

        return (long)Math.Min(limit.Current, long.MaxValue);
    }

    /// <summary>Sets the number of files this process may have open; <see cref="RaiseOpenFiles"/> undoes it.</summary>
    /// <param name="count">The new soft limit, positive.</param>
    /// <exception cref="LinuxException">It is above the hard limit.</exception>
    public static void LimitOpenFiles(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);

        // SAFETY: as above.
        ResourceLimit limit;
        LinuxException.Check(NativeProcess.GetLimit(NativeProcess.RLIMIT_NOFILE, &limit), "getrlimit", "Reading the limit of open files failed");
        limit.Current = (ulong)count;
        LinuxException.Check(NativeProcess.SetLimit(NativeProcess.RLIMIT_NOFILE, &limit), "setrlimit", "Lowering the limit of open files failed");
    }
}
