// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;

namespace Busbar.Bench;

/// <summary>Collects durations without allocating while it collects, and gives percentiles afterwards.</summary>
public sealed class LatencyRecorder
{
    private readonly long[] _ticks;
    private int _count;
    private bool _sorted;

    /// <summary>Reserves room.</summary>
    /// <param name="capacity">Samples that fit; later ones are ignored.</param>
    public LatencyRecorder(int capacity) => _ticks = new long[capacity];

    /// <summary>Samples taken.</summary>
    public int Count => _count;

    /// <summary>True when no further sample fits.</summary>
    public bool IsFull => _count == _ticks.Length;

    /// <summary>Takes one sample.</summary>
    /// <param name="ticks">Duration in ticks of <see cref="Stopwatch"/>.</param>
    public void Add(long ticks)
    {
        if (_count == _ticks.Length) return;
        _ticks[_count++] = ticks;
        _sorted = false;
    }

    /// <summary>Forgets all samples.</summary>
    public void Clear() => _count = 0;

    /// <summary>A percentile.</summary>
    /// <param name="percent">0..100; 100 is the largest sample.</param>
    /// <returns>Nanoseconds; 0 without samples.</returns>
    public double Nanoseconds(double percent)
    {
        if (_count == 0) return 0;
        if (!_sorted) Array.Sort(_ticks, 0, _count);
        _sorted = true;
        int index = (int)Math.Ceiling(percent / 100 * _count) - 1;
        return _ticks[Math.Clamp(index, 0, _count - 1)] * 1e9 / Stopwatch.Frequency;
    }
}
