// SPDX-License-Identifier: Apache-2.0
using System.Collections.Concurrent;
using Busbar.Endpoints;
using Busbar.Mmbi;
using Busbar.Node;
using Xunit;

namespace Busbar.Devices.Tests;

/// <summary>The life of a link between our driver and an emulated device, the way real ones meet: probe, traffic, resets by everybody, and a device that goes and comes.</summary>
public sealed class DriverStoryTests
{
    private const int Instances = 3;

    public static TheoryData<string, int, int> Devices => new()
    {
        { "busbar", Instances, 1 },
        { "ast2700", Instances, 1 },
        { "ast2700", Instances, 8 },
        { "ast2700-v1.1", Instances, 1 },
        { "ast2700-v1.1", Instances, 8 },
        { "ast2700-mfd", Instances, 1 },
        { "ast2700-mfd", Instances, 32 },
    };

    [Theory]
    [MemberData(nameof(Devices))]
    public void Driver_OnEveryInstance_EchoesAllSizes(string profile, int instances, int messages)
    {
        using var rig = new DriverRig(OptionsOf(profile, instances, messages));
        for (int k = 0; k < instances; k++)
        {
            Assert.True(rig.IsUp(k), $"instance {k} did not come up: {rig.Links[k].Description}");
            LinkExercise exercise = rig.Exercises[k];
            exercise.Meet();
            exercise.Sweep(EchoClient.SmallestSize, 200, 7);
            exercise.Sweep(4090, 4100);
            exercise.Echo(EchoClient.LargestSize, 2);

            // Where MMBI has no message, the driver polls, because the descriptor says so.
            bool isInterrupted = !rig.Device.Profile.HasBmcRegisters || messages > 1;
            Assert.Equal(isInterrupted, rig.Links[k].Link.Statistics.Wakes != 0);
            Assert.Empty(exercise.Failures);
        }
    }

    [Theory]
    [MemberData(nameof(Devices))]
    public void Driver_AfterResetsByEverybody_GoesOn(string profile, int instances, int messages)
    {
        using var rig = new DriverRig(OptionsOf(profile, instances, messages));
        for (int k = 0; k < instances; k++)
        {
            Assert.True(rig.IsUp(k));
            rig.Exercises[k].Meet();
        }

        LinkExercise last = rig.Exercises[^1];
        last.ResetFromHere("driver");
        if (!rig.Device.Profile.NeverResets) last.Reset("owner", () => rig.Device.RequestReset(instances - 1));
        last.Reset("owner's crash", () =>
        {
            rig.Device.RestartEndpoint(instances - 1);
            return true;
        });
        Assert.Empty(last.Failures);

        // The function's reset is everybody's.
        long[] joins = [.. Enumerable.Range(0, instances).Select(k => JoinsOf(rig, k))];
        rig.ResetFunction();
        for (int k = 0; k < instances; k++)
        {
            int instance = k;
            Assert.True(rig.Hosts[k].Node.WaitFor(() => Joins(rig, instance) > joins[instance] && rig.Links[instance].Link.IsUp, DriverRig.Limit));
            rig.Exercises[k].Echo(4096, 4);
            Assert.Empty(rig.Exercises[k].Failures);
        }
    }

    [Theory]
    [InlineData("busbar")]
    [InlineData("ast2700")]
    [InlineData("ast2700-v1.1")]
    [InlineData("ast2700-mfd")]
    public void Device_PulledOut_TakesTheLinkDownUntilItIsBack(string profile)
    {
        using var rig = new DriverRig(OptionsOf(profile, 2, 1), canBePulled: true);
        var reasons = new ConcurrentQueue<MmbiReason>();
        rig.Links[1].Transition = change => reasons.Enqueue(change.Reason);
        Assert.True(rig.IsUp(1));
        rig.Exercises[1].Meet();
        rig.Exercises[1].Echo(64, 4);

        rig.Pull!.IsOut = true;
        Assert.True(rig.Hosts[1].Node.WaitFor(() => rig.Links[1].IsGone && !rig.Links[1].Link.IsUp, DriverRig.Limit));
        Assert.Equal(1, rig.Links[1].Disappearances);
        Assert.Contains(reasons, reason => reason is MmbiReason.PeerVanished or MmbiReason.DeadLink);

        rig.Pull.IsOut = false;
        Assert.True(rig.IsUp(1));
        rig.Exercises[1].Echo(64, 4);
        Assert.Empty(rig.Exercises[1].Failures);
    }

    private static MmbiDeviceOptions OptionsOf(string profile, int instances, int messages)
    {
        Assert.True(DeviceProfile.TryParse(profile, out DeviceProfile? known));
        return new MmbiDeviceOptions { Profile = known, Instances = instances, MsiVectors = messages };
    }

    private static long JoinsOf(DriverRig rig, int instance) => rig.Hosts[instance].Node.Read((_, _) => Joins(rig, instance));

    // For those who hold the node's lock.
    private static long Joins(DriverRig rig, int instance) => rig.Links[instance].MmbiLink.Channel?.Statistics.Joins ?? 0;
}
