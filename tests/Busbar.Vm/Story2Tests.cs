// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using Xunit;

namespace Busbar.Vm;

/// <summary>Story 2, as the command tells it: a guest's driver and a process of this machine over ivshmem-doorbell.</summary>
[Trait("speed", "slow")]
public sealed class Story2Tests
{
    [Fact]
    public void GuestAndProcess_OverIvshmem_ExchangeResetAndSurviveAKill()
    {
        JsonElement report = StoryRun.Tell(2);

        StoryRun.AssertExercised(Assert.Single(report.GetProperty("links").EnumerateArray()));
        Assert.All(["reset by B", "kill process B", "messages flow again", "leave in order"], step => StoryRun.AssertStep(report, step));
        Assert.True(report.GetProperty("measures").GetProperty("killed_peer_noticed_ms").GetDouble() > 0);
    }
}
