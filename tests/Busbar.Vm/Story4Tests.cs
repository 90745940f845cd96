// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using Xunit;

namespace Busbar.Vm;

/// <summary>Story 4, as the command tells it: a guest's kernel through an emulated device.</summary>
[Trait("speed", "slow")]
public sealed class Story4Tests
{
    [Fact]
    public void KernelSocket_ThroughAttachAndTheEmulatedDevice_ReachesTheEndpoint()
    {
        JsonElement report = StoryRun.Tell(4);

        Assert.All(
            ["the kernel's socket asks who is there", "65535 bytes there and back through the kernel", "leave in order"],
            step => StoryRun.AssertStep(report, step));
    }
}
