// SPDX-License-Identifier: Apache-2.0
using Busbar.TestKit;
using Xunit;

namespace Busbar.Linux.Tests;

/// <summary>Affinity, processor time, signals and limits.</summary>
public sealed class ProcessTests
{
    [Fact]
    public void AvailableCpus_AreAscendingAndDistinct()
    {
        int[] cpus = CpuAffinity.AvailableCpus();

        Assert.NotEmpty(cpus);
        Assert.Equal(cpus.Order().Distinct(), cpus);
    }

    [Fact]
    public void PinCurrentThread_ToEachCpu_RunsThere()
    {
        int[] all = CpuAffinity.AvailableCpus();
        var seen = new List<int>();
        var after = new List<int>();

        OnOwnThread(() =>
        {
            foreach (int cpu in all)
            {
                CpuAffinity.PinCurrentThread(cpu);
                seen.AddRange(CpuAffinity.AvailableCpus());
            }

            CpuAffinity.RestrictCurrentThread(all);
            after.AddRange(CpuAffinity.AvailableCpus());
        });

        Assert.Equal(all, seen);
        Assert.Equal(all, after);
    }

    [Fact]
    public void PinCurrentThread_ToAProcessorThatIsNotThere_Throws()
    {
        Assert.Equal(Errno.EINVAL, Assert.Throws<LinuxException>(() => CpuAffinity.PinCurrentThread(8191)).Errno);
        Assert.Throws<ArgumentOutOfRangeException>(() => CpuAffinity.PinCurrentThread(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => CpuAffinity.PinCurrentThread(8192));
    }

    [Fact]
    public void CpuTime_OfABusyThread_Grows()
    {
        long thread = 0;
        long process = CpuTime.ProcessNanoseconds();

        OnOwnThread(() =>
        {
            long start = CpuTime.ThreadNanoseconds();
            while (CpuTime.ThreadNanoseconds() - start < 2_000_000) Thread.SpinWait(100);
            thread = CpuTime.ThreadNanoseconds() - start;
        });

        Assert.InRange(thread, 2_000_000, 5_000_000_000);
        Assert.True(CpuTime.ProcessNanoseconds() - process >= thread);
    }

    [Fact]
    public void CpuTime_OfAProcess_CanBeReadFromOutside()
    {
        long before = CpuTime.ProcessNanoseconds();

        long outside = CpuTime.ProcessNanoseconds(Environment.ProcessId);

        Assert.InRange(outside, before, CpuTime.ProcessNanoseconds());
        Assert.Equal(Errno.ESRCH, Assert.Throws<LinuxException>(() => CpuTime.ProcessNanoseconds(int.MaxValue)).Errno);
        Assert.Equal(Errno.ESRCH, Assert.Throws<LinuxException>(() => CpuTime.ProcessNanoseconds((4 * 1024 * 1024) - 1)).Errno);
    }

    [Fact]
    public void Kill_OfAProcess_TellsWhetherItExists()
    {
        Assert.True(Signals.Kill(Environment.ProcessId, Signal.None));
        Assert.False(Signals.Kill(int.MaxValue, Signal.None));
        Assert.Throws<ArgumentOutOfRangeException>(() => Signals.Kill(0, Signal.None));
        Assert.Throws<ArgumentOutOfRangeException>(() => Signals.Kill(-1, Signal.None));
    }

    [Fact]
    public void ParentDeathSignal_OfAnOrphanedGrandchild_EndsIt()
    {
        using var folder = new TemporaryFolder();
        using UnixListener listener = UnixListener.Bind(folder.File("s"));
        using ChildProcess parent = ChildProcess.Start("parent", folder.File("s"));
        using UnixConnection grandchild = AcceptOne(listener);
        Assert.True(grandchild.WaitReadable(10_000));
        Assert.Equal(ReceiveResult.Received, grandchild.TryReceive(out _, out _));
        Assert.False(grandchild.WaitReadable(0));

        parent.Kill();

        Assert.True(grandchild.WaitReadable(10_000));
        Assert.Equal(ReceiveResult.Closed, grandchild.TryReceive(out _, out _));
    }

    [Fact]
    public void RaiseOpenFiles_ReachesTheHardLimitAndStaysThere()
    {
        long limit = ResourceLimits.RaiseOpenFiles();

        Assert.InRange(limit, 64, long.MaxValue);
        Assert.Equal(limit, ResourceLimits.RaiseOpenFiles());
    }

    [Fact]
    public void LinuxException_SaysWhatWasTriedWhatFailedAndWhy()
    {
        var exception = new LinuxException(Errno.ENOENT, "open", "Opening '/x' failed");

        Assert.Equal("Opening '/x' failed: No such file or directory (open: ENOENT)", exception.Message);
        Assert.Equal("open", exception.Call);
    }

    private static UnixConnection AcceptOne(UnixListener listener)
    {
        using var poller = new Poller();
        poller.Add(listener.Descriptor, PollEvents.Readable);
        Assert.Equal(1, poller.Wait(20_000, new PollReady[1]));
        Assert.Equal(AcceptResult.Accepted, listener.TryAccept(out UnixConnection? connection));
        return connection!;
    }

    private static void OnOwnThread(Action work)
    {
        Exception? failure = null;
        var thread = new Thread(() => failure = Record.Exception(work));
        thread.Start();
        Assert.True(thread.Join(10_000));
        Assert.Null(failure);
    }
}
