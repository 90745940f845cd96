// SPDX-License-Identifier: Apache-2.0
using Busbar.Mmbi;
using Busbar.Pci;
using Xunit;

namespace Busbar.Devices.Tests;

/// <summary>Profile ast2700-v1.1 under the access sequence of the host driver that it is made for.</summary>
public sealed class Ast2700V11ReplayTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(20);

    [Theory, Trait("speed", "slow")]
    [InlineData(1, false)]
    [InlineData(7, false)]
    [InlineData(3, true)]
    public void EveryInstance_OpenedAtTheFirstLook_EchoesBothWays(int instances, bool rings)
    {
        using var replay = new ReplayDevice(Options(instances));
        for (int k = 0; k < instances; k++)
        {
            var host = new Host2026(replay.Window(0), k, rings);
            Assert.True(host.Open());
            foreach (int length in (int[])[65_536, 5, 4096]) Exchange(host, length, (byte)(20 + k));
        }

        Assert.DoesNotContain(0xE, replay.States);
    }

    [Fact]
    public void ClosedAndOpenedAgain_Answers()
    {
        using var replay = new ReplayDevice(Options(1));
        for (int i = 0; i < 4; i++)
        {
            var host = new Host2026(replay.Window(0), 0, rings: false);
            Assert.True(host.Open());
            Exchange(host, 300 + i, 20);
            host.Close();
            Assert.True(SpinWait.SpinUntil(() => replay.OfChannel(channel => channel.Phase) == MmbiPhase.WaitingForPeer, s_limit));
        }
    }

    [Fact]
    public void TriggerByte_WithItsValue_WakesEveryInstance_OtherValuesNone()
    {
        using var replay = new ReplayDevice(Options(2));
        var host = new Host2026(replay.Window(0), 0, rings: false);
        Assert.True(host.Open());
        Assert.Equal(96, host.TriggerAt);
        host.WriteTrigger(0xC7);
        host.WriteTrigger(0);
        Assert.Equal((0, 0), (replay.Wakes(0), replay.Wakes(1)));

        host.WriteTrigger(0xC6);

        Assert.True(SpinWait.SpinUntil(() => (replay.Wakes(0), replay.Wakes(1)) == (1, 1), s_limit));
    }

    [Fact]
    public void TriggerPage_IsTrapped_TheRestIsTheGuests()
    {
        using var replay = new ReplayDevice(Options(1));
        int page = Environment.SystemPageSize;
        PciFunctionBar bar = replay.Device.Function.Bars[0]!;
        Assert.Equal([new PciMappableArea(page, (int)bar.Length - page)], bar.Mappable);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    public void WhatPacketsTouch_IsTheGuests(int instances)
    {
        using var replay = new ReplayDevice(Options(instances) with { WindowSize = DeviceProfile.Ast2700V11.SmallestWindow });
        for (int k = 0; k < instances; k++)
        {
            var host = new Host2026(replay.Window(0), k, rings: false);
            Assert.True(host.Open());
            Assert.True(host.FirstTouched >= Environment.SystemPageSize);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void ResetByTheOwner_IsAcknowledged_AndJoinedAgain(bool rings)
    {
        using var replay = new ReplayDevice(Options(1));
        var host = new Host2026(replay.Window(0), 0, rings);
        Assert.True(host.Open());
        for (int i = 1; i <= 3; i++)
        {
            Exchange(host, 5_000, 20);

            Assert.True(replay.Device.RequestReset(0));

            Assert.True(host.PollUntil(() => host.ResetsAcknowledged == i, s_limit));
        }

        Exchange(host, 65_536, 20);
        Assert.Contains(0xF, replay.States);
    }

    [Fact]
    public void EndpointRestarts_AndIsJoinedAgain()
    {
        using var replay = new ReplayDevice(Options(1));
        var host = new Host2026(replay.Window(0), 0, rings: false);
        Assert.True(host.Open());
        for (int i = 0; i < 3; i++)
        {
            Exchange(host, 5_000, 20);
            replay.Device.RestartEndpoint(0);
        }

        Exchange(host, 65_536, 20);
    }

    private static MmbiDeviceOptions Options(int instances) => new() { Profile = DeviceProfile.Ast2700V11, Instances = instances };

    private static void Exchange(Host2026 host, int length, byte eid)
    {
        byte[] message = ReplayHost.Echo(length, length);
        foreach (byte[] packet in ReplayHost.Cut(message, tag: 2, eid)) Assert.True(host.PollUntil(() => host.TrySend(packet), s_limit));
        Assert.True(host.PollUntil(() => host.Messages.Count != 0, s_limit));
        Assert.Equal(message, host.Messages.Dequeue());
        Assert.Equal(0, host.Mistakes);
    }
}
