// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using Busbar.Endpoints;
using Busbar.Linux;

namespace Busbar.Bench;

/// <summary>
/// The cheapest exchange of two sleepers on this machine: two threads that wake each other through eventfds and poll(2), with nothing to carry.
/// Measured beside a link in the same run, it says how much of a round trip is the machine's wake-ups and, inside an emulated guest, how slow that guest is.
/// </summary>
internal static class WakeUpBaseline
{
    private const int PatienceMs = 1000;

    /// <summary>Measures.</summary>
    /// <param name="seconds">How long.</param>
    /// <returns>The median round trip in nanoseconds.</returns>
    public static double Measure(double seconds)
    {
        using EventFd there = EventFd.Create();
        using EventFd back = EventFd.Create();
        bool isOver = false;
        var other = new Thread(() =>
        {
            using var poller = new Poller();
            Span<PollReady> ready = stackalloc PollReady[2];
            poller.Add(there.Descriptor, PollEvents.Readable);
            while (!Volatile.Read(ref isOver))
            {
                poller.Wait(PatienceMs, ready);
                if (there.TryDrain(out _)) back.Ring();
            }
        })
        { IsBackground = true, Name = "wake-up baseline" };
        other.Start();
        var times = new RoundTripTimes();
        using var poller = new Poller();
        Span<PollReady> ready = stackalloc PollReady[2];
        poller.Add(back.Descriptor, PollEvents.Readable);
        long end = Stopwatch.GetTimestamp() + (long)(seconds * Stopwatch.Frequency);
        for (long start = Stopwatch.GetTimestamp(); start < end; start = Stopwatch.GetTimestamp())
        {
            there.Ring();
            while (!back.TryDrain(out _) && Stopwatch.GetTimestamp() < end) poller.Wait(PatienceMs, ready);
            times.Add(Stopwatch.GetTimestamp() - start);
        }

        Volatile.Write(ref isOver, true);
        there.Ring();
        other.Join();
        return times.P50 * 1e3;
    }
}
