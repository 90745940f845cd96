// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;

namespace Busbar.Bench;

/// <summary><c>bench scale</c>: what many links, networks and emulated endpoints in one process cost.</summary>
public sealed class ScaleBenchmark
{
    private const int LargestBus = 112;
    private const int LargestNetwork = 246;

    private readonly ScaleBenchOptions _options;

    /// <summary>Prepares a run.</summary>
    /// <param name="options">How large the world is.</param>
    /// <exception cref="ArgumentException">A bus or a network would have more endpoints than addresses or EIDs.</exception>
    public ScaleBenchmark(ScaleBenchOptions options)
    {
        int onBus = DivideUp(options.Endpoints, options.Links);
        if (onBus > LargestBus) throw new ArgumentException($"{onBus} endpoints on a bus are more than its {LargestBus} addresses; ask for more links", nameof(options));
        int inNetwork = DivideUp(options.Links, options.Networks) * onBus;
        if (inNetwork > LargestNetwork)
            throw new ArgumentException($"{inNetwork} endpoints in a network are more than its {LargestNetwork} EIDs; ask for more networks", nameof(options));
        _options = options;
    }

    /// <summary>Measures.</summary>
    /// <param name="progress">Told what is being done; may be null.</param>
    public ScaleBenchReport Run(IProgress<string>? progress = null)
    {
        progress?.Report("building");
        long empty = GC.GetTotalMemory(forceFullCollection: true);
        var world = new ScaleWorld(_options);
        long idle = GC.GetTotalMemory(forceFullCollection: true);
        world.AskAll();
        long asked = GC.GetTotalMemory(forceFullCollection: true);
        var times = new List<double>();
        long allocated = 0;
        for (int round = 1; round <= _options.Rounds; round++)
        {
            progress?.Report($"round {round} of {_options.Rounds}");
            long before = GC.GetAllocatedBytesForCurrentThread();
            long start = Stopwatch.GetTimestamp();
            world.AskAll();
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            allocated += GC.GetAllocatedBytesForCurrentThread() - before;
        }

        var direct = new List<double>();
        var bridged = new List<double>();
        for (int round = 1; round <= _options.Rounds && _options.Folder is { } folder; round++)
        {
            progress?.Report($"enumeration {round} of {_options.Rounds}");
            direct.Add(Enumeration.MeasureDirect());
            bridged.Add(Enumeration.MeasureBehindBridge(folder));
        }

        double count = world.Endpoints;
        return new ScaleBenchReport(
            _options.Links,
            _options.Networks,
            world.Endpoints,
            (idle - empty) / count,
            (asked - empty) / count,
            Spread.Of([.. times]),
            Spread.Of(times, time => time * 1e6 / count),
            Math.Round(allocated / (count * _options.Rounds), 3),
            Enumeration.Endpoints,
            direct.Count == 0 ? null : Spread.Of([.. direct]),
            bridged.Count == 0 ? null : Spread.Of([.. bridged]),
            _options.Rounds);
    }

    private static int DivideUp(int number, int by) => (number + by - 1) / by;
}
