// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using Xunit;

namespace Busbar.Endpoints.Tests;

/// <summary>The distribution of durations.</summary>
public sealed class RoundTripTimesTests
{
    private readonly RoundTripTimes _times = new();

    [Fact]
    public void Distribution_OfNothing_IsZero() =>
        Assert.Equal((0, 0, 0, 0, 0), (_times.Minimum, _times.Average, _times.P50, _times.P99, _times.Maximum));

    [Fact]
    public void Distribution_OfOne_IsThatOne()
    {
        _times.Add(Stopwatch.Frequency);

        Assert.Equal((1e6, 1e6, 1e6, 1e6, 1e6), (_times.Minimum, _times.Average, _times.P50, _times.P99, _times.Maximum));
    }

    [Fact]
    public void Distribution_OfAHundred_IsByNearestRank()
    {
        for (int i = 100; i >= 1; i--) _times.Add(i * Stopwatch.Frequency);

        Assert.Equal((1e6, 50e6, 99e6, 100e6), (_times.Minimum, _times.P50, _times.P99, _times.Maximum));
        Assert.Equal(50.5e6, _times.Average, 1.0);
    }

    [Fact]
    public void Percentile_AfterMoreWereAdded_CountsThem()
    {
        _times.Add(Stopwatch.Frequency);
        Assert.Equal(1e6, _times.Maximum);

        _times.Add(2 * Stopwatch.Frequency);

        Assert.Equal(2e6, _times.Maximum);
    }
}
