// SPDX-License-Identifier: Apache-2.0
using System.Numerics;

namespace Busbar.Linux;

/// <summary>Which processors a thread runs on (sched_setaffinity(2)).</summary>
public static unsafe class CpuAffinity
{
    // The kernel wants a mask at least as large as its own; 8192 processors is the largest it can be built for today.
    private const int MaskBytes = 1024;

    /// <summary>The processors on which the calling thread may run, in ascending order.</summary>
    /// <exception cref="LinuxException">The kernel refuses.</exception>
    public static int[] AvailableCpus()
    {
        // SAFETY: the kernel writes at most the size given.
        byte* mask = stackalloc byte[MaskBytes];
        new Span<byte>(mask, MaskBytes).Clear();
        LinuxException.Check(NativeProcess.GetAffinity(0, MaskBytes, mask), "sched_getaffinity", "Reading the processor set failed");
        var cpus = new List<int>();
        for (int i = 0; i < MaskBytes; i++)
        {
            for (uint bits = mask[i]; bits != 0; bits &= bits - 1) cpus.Add((i * 8) + BitOperations.TrailingZeroCount(bits));
        }

        return [.. cpus];
    }

    /// <summary>Keeps the calling thread on one processor. Threads and processes that it starts afterwards inherit this.</summary>
    /// <param name="cpu">From <see cref="AvailableCpus"/>.</param>
    /// <exception cref="LinuxException">There is no such processor, or this process may not use it (EINVAL).</exception>
    public static void PinCurrentThread(int cpu) => RestrictCurrentThread([cpu]);

    /// <summary>Keeps the calling thread on some processors; with <see cref="AvailableCpus"/> of earlier it undoes a pinning.</summary>
    /// <param name="cpus">At least one.</param>
    /// <exception cref="LinuxException">None of them can be used (EINVAL).</exception>
    public static void RestrictCurrentThread(ReadOnlySpan<int> cpus)
    {
        byte* mask = stackalloc byte[MaskBytes];
        var bytes = new Span<byte>(mask, MaskBytes);
        bytes.Clear();
        foreach (int cpu in cpus)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(cpu);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(cpu, MaskBytes * 8);
            bytes[cpu / 8] |= (byte)(1 << (cpu % 8));
        }

        // SAFETY: the kernel reads the size given.
        LinuxException.Check(
            NativeProcess.SetAffinity(0, MaskBytes, mask), "sched_setaffinity", $"Pinning the thread to processor {string.Join(",", cpus.ToArray())} failed");
    }
}
