// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using Busbar.Linux;
using Xunit;

namespace Busbar.Cli.Tests;

/// <summary>What an endpoint costs while nothing happens.</summary>
public sealed class IdleTests
{
    private static readonly TimeSpan s_watched = TimeSpan.FromSeconds(2);

    // One tick of /proc/PID/stat: the finest that the classic tools can show.
    private static readonly TimeSpan s_measurable = TimeSpan.FromMilliseconds(10);

    [Theory]
    [InlineData("block")]
    [InlineData("adaptive")]
    [Trait("speed", "slow")]
    public void Endpoint_IdleOnALiveLink_UsesNoMeasurableProcessorTime(string wait)
    {
        using var place = new Place();
        using RunningProgram owner = RunningProgram.StartEndpoint(place.Ivshmem($",wait={wait}"), "--eid", "10");
        using RunningProgram host = RunningProgram.StartEndpoint(place.Ivshmem($",role=discoverer,wait={wait}"));
        host.Expect("link_up");
        host.Command("request 10 500");
        host.Expect("requested");

        // What was compiled in the background for the traffic must not count as idling.
        Watch(owner, s_watched / 2);
        TimeSpan used = Watch(owner, s_watched);

        Assert.InRange(used, TimeSpan.Zero, s_measurable);
    }

    private static TimeSpan Watch(RunningProgram program, TimeSpan time)
    {
        long before = CpuTime.ProcessNanoseconds(program.ProcessId);
        using var never = new ManualResetEventSlim();
        never.Wait(time);
        return TimeSpan.FromMicroseconds((CpuTime.ProcessNanoseconds(program.ProcessId) - before) / 1000.0);
    }
}
