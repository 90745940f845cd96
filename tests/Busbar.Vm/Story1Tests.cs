// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using Xunit;

namespace Busbar.Vm;

/// <summary>Story 1, as the command tells it: two guests over ivshmem-doorbell.</summary>
[Trait("speed", "slow")]
public sealed class Story1Tests
{
    [Fact]
    public void TwoGuests_OverIvshmem_ExchangeResetAndSurviveAKill()
    {
        JsonElement report = StoryRun.Tell(1);

        StoryRun.AssertExercised(Assert.Single(report.GetProperty("links").EnumerateArray()));
        Assert.All(["reset by B", "kill guest B", "boot guest B again", "messages flow again", "leave in order"], step => StoryRun.AssertStep(report, step));
        Assert.True(report.GetProperty("measures").GetProperty("killed_peer_noticed_ms").GetDouble() > 0);
    }
}
