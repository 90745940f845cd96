// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Linux;

/// <summary>Processor time spent, user and system together, in nanoseconds (clock_gettime(2)).</summary>
public static unsafe class CpuTime
{
    /// <summary>Of this process, all threads.</summary>
    public static long ProcessNanoseconds() => Read(NativeProcess.CLOCK_PROCESS_CPUTIME_ID);

    /// <summary>Of the calling thread.</summary>
    public static long ThreadNanoseconds() => Read(NativeProcess.CLOCK_THREAD_CPUTIME_ID);

    /// <summary>Of another process, all threads.</summary>
    /// <param name="processId">Its id.</param>
    /// <exception cref="LinuxException">There is no such process (ESRCH).</exception>
    public static long ProcessNanoseconds(int processId)
    {
        int clock;

        // SAFETY: the call writes one int.
        int failure = NativeProcess.GetCpuClock(processId, &clock);
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
