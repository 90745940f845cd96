// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;

namespace Busbar.Endpoints;

/// <summary>Collects durations and says how they are distributed. Not thread-safe.</summary>
public sealed class RoundTripTimes
{
    private readonly List<long> _ticks;
    private bool _sorted = true;

    /// <summary>Starts without durations.</summary>
    /// <param name="capacity">How many to make room for ahead, so that adding them allocates nothing.</param>
    public RoundTripTimes(int capacity = 0) => _ticks = new List<long>(capacity);

    /// <summary>How many durations there are.</summary>
    public int Count => _ticks.Count;

    /// <summary>The shortest, in microseconds; 0 when there is none.</summary>
    public double Minimum => Percentile(0);

    /// <summary>The longest, in microseconds; 0 when there is none.</summary>
    public double Maximum => Percentile(1);

    /// <summary>The mean, in microseconds; 0 when there is none.</summary>
    public double Average => _ticks.Count == 0 ? 0 : ToMicroseconds(_ticks.Average());

    /// <summary>The median, in microseconds.</summary>
    public double P50 => Percentile(0.5);

    /// <summary>The 99th percentile, in microseconds.</summary>
    public double P99 => Percentile(0.99);

    /// <summary>Forgets all durations and keeps the room.</summary>
    public void Clear() => _ticks.Clear();

    /// <summary>Adds a duration.</summary>
    /// <param name="stopwatchTicks">In ticks of <see cref="Stopwatch"/>.</param>
    public void Add(long stopwatchTicks)
    {
        _ticks.Add(stopwatchTicks);
        _sorted = false;
    }

    /// <summary>The smallest duration that at least the given part of all does not exceed (nearest rank).</summary>
    /// <param name="fraction">0 to 1.</param>
    /// <returns>Microseconds; 0 when there is none.</returns>
    public double Percentile(double fraction)
    {
        if (_ticks.Count == 0) return 0;
        if (!_sorted) _ticks.Sort();
        _sorted = true;
        int rank = (int)Math.Ceiling(fraction * _ticks.Count);
        return ToMicroseconds(_ticks[Math.Clamp(rank - 1, 0, _ticks.Count - 1)]);
    }

    private static double ToMicroseconds(double ticks) => ticks * 1e6 / Stopwatch.Frequency;
}
