// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using Busbar.Mctp;
using Busbar.Node;

namespace Busbar.Cli;

/// <summary>The lab against endpoints that are there already: each link at the same time, in a thread and a node of its own.</summary>
internal static class LabLinks
{
    /// <summary>Exercises every link and waits for all of them.</summary>
    /// <param name="options">What to do; the EID is the first link's, the others get those behind it.</param>
    /// <param name="links">The links, at least one.</param>
    /// <param name="say">Told what is being done; by several threads.</param>
    /// <param name="stop">Ends the runs early.</param>
    /// <returns>The reports in the order of the links, and the first failure that kept a link from being exercised at all.</returns>
    public static (LabLinksReport Report, Exception? Failure) Run(LabOptions options, IReadOnlyList<LinkSpec> links, Action<string> say, CancellationToken stop)
    {
        long started = Stopwatch.GetTimestamp();
        var reports = new LabReport[links.Count];
        var failures = new Exception?[links.Count];
        Thread[] threads = [.. Enumerable.Range(0, links.Count).Select(i => new Thread(() => Exercise(i)) { IsBackground = true, Name = $"lab {i}" })];
        foreach (Thread thread in threads) thread.Start();
        foreach (Thread thread in threads) thread.Join();
        var report = new LabLinksReport(
            reports.All(each => each.Ok), reports, Math.Round(Stopwatch.GetElapsedTime(started).TotalSeconds, 3));
        return (report, failures.FirstOrDefault(failure => failure is not null));

        void Exercise(int index)
        {
            string prefix = links.Count == 1 ? string.Empty : $"{links[index].Text}: ";
            long start = Stopwatch.GetTimestamp();
            try
            {
                Eid eid = options.Assign == Eid.Null ? Eid.Null : new Eid((byte)(options.Assign.Value + index));
                using var host = new LabHost(options with { Assign = eid }, links[index], peer: null, text => say(prefix + text), stop);
                reports[index] = host.Run();
            }
            catch (Exception failure)
            {
                // One link's misfortune must not end the others' runs; the caller decides what it means.
                failures[index] = failure;
                reports[index] = LabReport.OfFailure(links[index].Text, FailureReport.Explain(failure).Line, Stopwatch.GetElapsedTime(start));
            }
        }
    }
}
