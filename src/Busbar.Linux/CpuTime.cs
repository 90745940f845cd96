// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Linux;

/// <summary>Processor time spent, user and system together, in nanoseconds (clock_gettime(2)).</summary>
public static unsafe class CpuTime
{
    private const int LargestProcessId = 4 * 1024 * 1024; // PID_MAX_LIMIT (linux/threads.h)

    /// <summary>Of this process, all threads.</summary>
    public static long ProcessNanoseconds() => Read(NativeProcess.CLOCK_PROCESS_CPUTIME_ID);

    /// <summary>Of the calling thread.</summary>
    public static long ThreadNanoseconds() => Read(NativeProcess.CLOCK_THREAD_CPUTIME_ID);

    /// <summary>Of another process, all threads.</summary>
    /// <param name="processId">Its id.</param>
    /// <exception cref="LinuxException">There is no such process (ESRCH).</exception>
    public static long ProcessNanoseconds(int processId)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(processId);
        int clock = 0;

        // SAFETY: the call writes one int. Ids beyond the kernel's limit are kept away from it: it packs the id into the clock's
        // number, where a large one would turn into another clock.
        int failure = processId > LargestProcessId ? (int)Errno.ESRCH : NativeProcess.GetCpuClock(processId, &clock);
        return failure == 0 ? Read(clock) : throw new LinuxException((Errno)failure, "clock_getcpuclockid", $"Reading the processor time of process {processId}");
    }

    private static long Read(int clock)
    {
        // SAFETY: the kernel fills the structure on the stack.
        TimeSpecification time;
        LinuxException.Check(NativeProcess.GetTime(clock, &time), "clock_gettime", "Reading processor time failed");
        return time.TotalNanoseconds;
    }
}
