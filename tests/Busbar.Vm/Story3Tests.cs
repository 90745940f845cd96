// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using Xunit;

namespace Busbar.Vm;

/// <summary>Story 3, as the command tells it: a guest's driver and an emulated device over vfio-user.</summary>
[Trait("speed", "slow")]
public sealed class Story3Tests
{
    // The driver looks at the device every 250 ms; the rest is for a machine that emulates two guests at once and has other work.
    private const double LatestMs = 15_000;

    [Fact]
    public void GuestDriver_OfTheEmulatedDevice_SurvivesRestartsAndNoticesItsEnd()
    {
        JsonElement report = StoryRun.Tell(3);

        JsonElement[] links = [.. report.GetProperty("links").EnumerateArray()];
        Assert.Equal(3, links.Length);
        Assert.All(links, StoryRun.AssertExercised);
        Assert.All(
            ["interrupts come by MSI-X", "restart the endpoint of instance 2", "no instance disturbed another", "kill the device's process", "nothing hangs"],
            step => StoryRun.AssertStep(report, step));
        double noticed = report.GetProperty("measures").GetProperty("dead_device_noticed_ms").GetDouble();
        TestContext.Current.TestOutputHelper?.WriteLine($"the dead device was noticed after {noticed} ms");
        Assert.InRange(noticed, 0, LatestMs);
    }
}
