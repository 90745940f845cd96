// SPDX-License-Identifier: Apache-2.0
using Busbar.Memory;
using Xunit;

namespace Busbar.Mmbi.Tests;

/// <summary>Our engine against a model of each shipping driver, with that driver's defects.</summary>
public sealed class DriverPeerTests
{
    private const int Window = 512 << 10;
    private int _serial;

    [Fact]
    public void AspeedHost2024_ProbesAndTalks()
    {
        using var window = SharedRegion.Allocate(Window);
        var host = new AspeedHost2024(window);
        ChannelEnd owner = Owner(window, MmbiDialect.V10Aspeed, host);
        long now = Run(0, 10, owner, host);

        Assert.True(host.Probe());
        now = Run(now, 10, owner, host);

        Assert.True(owner.IsUp);
        Talk(now, owner, host, 400);
    }

    [Fact]
    public void AspeedHost2024_MorePacketsThanItTakesPerInterrupt_GetsThemAll()
    {
        using var window = SharedRegion.Allocate(Window);
        var host = new AspeedHost2024(window);
        ChannelEnd owner = Owner(window, MmbiDialect.V10Aspeed, host);
        long now = Run(0, 10, owner, host);
        host.Probe();
        now = Run(now, 10, owner, host);

        for (int i = 0; i < 1000; i++) Assert.True(owner.Send(ChannelEnd.Payload(i, 20)));
        Run(now, 100, owner, host);

        Assert.Equal(1000, host.Received.Count);
    }

    [Fact]
    public void AspeedHost2024_FullQueue_RestartsWhenWeHaveRead()
    {
        using var window = SharedRegion.Allocate(Window);
        var host = new AspeedHost2024(window);
        ChannelEnd owner = Owner(window, MmbiDialect.V10Aspeed, host);
        long now = Run(0, 10, owner, host);
        host.Probe();
        now = Run(now, 10, owner, host);

        for (int i = 0; i < 200; i++) host.Send(ChannelEnd.Payload(i, 4000));
        int stuck = host.QueueLength;
        Run(now, 200, owner, host);

        Assert.True(stuck > 100);
        Assert.Equal(0, host.QueueLength);
        Assert.Equal(200, owner.Received.Count);
    }

    [Fact]
    public void AspeedHost2024_RemovedAndLoadedAgain_Talks()
    {
        using var window = SharedRegion.Allocate(Window);
        var host = new AspeedHost2024(window);
        ChannelEnd owner = Owner(window, MmbiDialect.V10Aspeed, host);
        long now = Run(0, 10, owner, host);
        host.Probe();
        now = Talk(Run(now, 10, owner, host), owner, host, 50);

        host.Remove();
        now = Run(now, 20, owner, host);
        bool wasUp = owner.IsUp;
        bool probed = host.Probe();
        now = Run(now, 20, owner, host);

        Assert.False(wasUp);
        Assert.True(probed);
        Talk(now, owner, host, 50);
    }

    [Fact]
    public void AspeedOwner2024_OnItsDoorbellAlone_Talks()
    {
        using var window = SharedRegion.Allocate(Window);
        var owner = new AspeedOwner2024(window);
        owner.Boot();
        ChannelEnd host = Host(window, owner);

        long now = Run(0, 50, host, owner);

        Assert.True(host.IsUp);
        Assert.Same(MmbiDialect.V10Aspeed, host.Channel.Dialect);
        Talk(now, host, owner, 400);
    }

    [Fact]
    public void AspeedOwner2024_OurReset_DoesNotMakeItSpin()
    {
        using var window = SharedRegion.Allocate(Window);
        var owner = new AspeedOwner2024(window);
        owner.Boot();
        ChannelEnd host = Host(window, owner);
        long now = Talk(Run(0, 50, host, owner), host, owner, 20);

        host.Send(ChannelEnd.Payload(1, 30));
        host.Channel.RequestReset(MmbiReason.Requested, now);
        now = Run(now, 100, host, owner);

        Assert.Equal((1, 0), (owner.Resets, owner.Spins));
        Talk(now, host, owner, 20);
    }

    [Fact]
    public void AspeedOwner2024_SpinningOnOurUnreadPackets_IsReleased()
    {
        using var window = SharedRegion.Allocate(Window);
        var owner = new AspeedOwner2024(window);
        owner.Boot();
        ChannelEnd host = Host(window, owner);
        long now = Talk(Run(0, 50, host, owner), host, owner, 20);

        // A reset for a reason that leaves no time to drain, with a packet of ours unread.
        host.Send(ChannelEnd.Payload(1, 30));
        window.Write8(Window - 8, 0);
        host.Channel.RequestReset(MmbiReason.BadHeader, now);
        now = Run(now, 1500, host, owner);

        Assert.True(owner.Spins > 0);
        Talk(now, host, owner, 20);
    }

    [Fact]
    public void AspeedOwner2024_StaleSession_IsResetBeforeWeJoin()
    {
        using var window = SharedRegion.Allocate(Window);
        var owner = new AspeedOwner2024(window);
        owner.Boot();
        ChannelEnd host = Host(window, owner);
        long now = Talk(Run(0, 50, host, owner), host, owner, 20);

        ChannelEnd next = Host(window, owner);
        now = Run(now, 1300, next, owner);

        Talk(now, next, owner, 20);
    }

    [Fact]
    public void AspeedHost2026_OpensAndTalks()
    {
        using var window = SharedRegion.Allocate(Window);
        var host = new AspeedHost2026(window);
        ChannelEnd owner = Owner(window, MmbiDialect.V11, host);
        long now = Run(0, 10, owner, host);

        Assert.True(host.Open());
        now = Run(now, 60, owner, host);

        Assert.True(owner.IsUp);
        Talk(now, owner, host, 400);
    }

    [Fact]
    public void AspeedHost2026_OurReset_BringsItBack()
    {
        using var window = SharedRegion.Allocate(Window);
        var host = new AspeedHost2026(window);
        ChannelEnd owner = Owner(window, MmbiDialect.V11, host);
        long now = Run(0, 10, owner, host);
        host.Open();
        now = Talk(Run(now, 60, owner, host), owner, host, 30);

        owner.Channel.RequestReset(MmbiReason.Requested, now);
        now = Run(now, 100, owner, host);

        Assert.Equal(0, owner.Channel.Statistics.Resets(MmbiReason.AcknowledgeTimeout));
        Talk(now, owner, host, 30);
    }

    [Fact]
    public void AspeedHost2026_OverwritesWhatWeHaveNotRead_LinkRecovers()
    {
        using var window = SharedRegion.Allocate(8192);
        var host = new AspeedHost2026(window);
        ChannelEnd owner = Owner(window, MmbiDialect.V11, host);
        long now = Run(0, 10, owner, host);
        host.Open();
        now = Run(now, 60, owner, host);

        // Its free space is wrong once it has wrapped; without us reading in between it runs over our unread packets.
        for (int round = 0; round < 40; round++)
        {
            for (int i = 0; i < 9; i++) host.Send(ChannelEnd.Payload(i, 500));
            now = Run(now, 1, owner, host);
        }

        now = Run(now, 1500, owner, host);

        Assert.True(owner.Channel.Statistics.ResetsByUs > 0);
        Assert.True(owner.IsUp);
        Talk(now, owner, host, 5);
    }

    [Fact]
    public void AspeedOwner2026_BootsReady_Talks()
    {
        using var window = SharedRegion.Allocate(Window);
        var owner = new AspeedOwner2026(window);
        owner.Boot();
        ChannelEnd host = Host(window, owner);

        long now = Run(0, 60, host, owner);

        Assert.True(host.IsUp);
        Assert.Same(MmbiDialect.V11, host.Channel.Dialect);
        Talk(now, host, owner, 400);
    }

    [Fact]
    public void AspeedOwner2026_OurReset_BringsItBack()
    {
        using var window = SharedRegion.Allocate(Window);
        var owner = new AspeedOwner2026(window);
        owner.Boot();
        ChannelEnd host = Host(window, owner);
        long now = Talk(Run(0, 60, host, owner), host, owner, 30);

        host.Channel.RequestReset(MmbiReason.Requested, now);
        now = Run(now, 100, host, owner);

        Assert.Equal(1, owner.Resets);
        Talk(now, host, owner, 30);
    }

    [Fact]
    public void EspiOwner_RoundedDownLengths_AreUnderstood()
    {
        using var window = SharedRegion.Allocate(Window);
        var owner = new EspiOwner(window);
        owner.Boot();
        using SharedRegion view = Watched(window, owner);
        ChannelEnd host = Host(view, owner);

        long now = Run(0, 50, host, owner);
        Assert.True(host.IsUp);
        Assert.Same(MmbiDialect.V10Espi, host.Channel.Dialect);
        now = Talk(now, host, owner, 400);

        Assert.Same(MmbiHeaderFormat.LittleEndianRoundedDown, host.Channel.Consumer!.Format);
        Assert.Same(MmbiHeaderFormat.LittleEndianPayload, host.Channel.Producer!.Format);
        Assert.Equal(0, owner.Confusions);
        _ = now;
    }

    [Fact]
    public void EspiOwner_ItsOddReset_IsAnsweredAndTheLinkComesBack()
    {
        using var window = SharedRegion.Allocate(Window);
        var owner = new EspiOwner(window);
        owner.Boot();
        using SharedRegion view = Watched(window, owner);
        ChannelEnd host = Host(view, owner);
        long now = Talk(Run(0, 50, host, owner), host, owner, 30);

        owner.AskForReset();
        now = Run(now, 100, host, owner);

        Assert.Equal(1, host.Channel.Statistics.Resets(MmbiReason.RequestedByPeer));
        Assert.Equal(0, owner.Confusions);
        Talk(now, host, owner, 30);
    }

    [Fact]
    public void EspiOwner_OurReset_WaitsForAPlatformReset()
    {
        using var window = SharedRegion.Allocate(Window);
        var owner = new EspiOwner(window);
        owner.Boot();
        using SharedRegion view = Watched(window, owner);
        ChannelEnd host = Host(view, owner);
        long now = Talk(Run(0, 50, host, owner), host, owner, 30);

        host.Channel.RequestReset(MmbiReason.Requested, now);
        now = Run(now, 3000, host, owner);
        MmbiPhase phase = host.Channel.Phase;
        owner.Boot();
        now = Run(now, 100, host, owner);

        Assert.Equal(1, owner.HostResets);
        Assert.Equal(MmbiPhase.WaitingForPeer, phase);
        Talk(now, host, owner, 30);
    }

    private static ChannelEnd Owner(SharedRegion window, MmbiDialect dialect, IMmbiDoorbell bell) =>
        new(window, new MmbiChannelOptions { Role = MmbiRole.Owner, Dialect = dialect, Doorbell = bell });

    private static ChannelEnd Host(SharedRegion window, IMmbiDoorbell bell) =>
        new(window, new MmbiChannelOptions { Doorbell = bell, WritesDoorbellByte = true });

    // The eSPI block reacts to each single write of the host; here that happens just before the next one.
    private static SharedRegion Watched(SharedRegion window, EspiOwner owner) => SharedRegion.Watch(window, (_, _) => owner.Step(0));

    private static long Run(long now, int milliseconds, ChannelEnd end, DriverModel driver)
    {
        for (int i = 0; i < milliseconds; i++)
        {
            now++;
            end.Poll(now);
            driver.Step(now);
        }

        return now;
    }

    private long Talk(long now, ChannelEnd end, DriverModel driver, int packets)
    {
        end.Received.Clear();
        driver.Received.Clear();
        var toDriver = new List<byte[]>();
        var toEnd = new List<byte[]>();
        long limit = now + 60_000;
        for (int i = 0; i < packets; i++)
        {
            // Every length modulo 4, and large enough together to wrap both rings.
            byte[] payload = ChannelEnd.Payload(_serial++, 5 + (i * 131 % 3000));
            while (!end.Send(payload))
            {
                now = Run(now, 1, end, driver);
                Assert.True(now < limit, "our end found no room");
            }

            toDriver.Add(payload);
            payload = ChannelEnd.Payload(_serial++, 5 + (i * 137 % 3000));
            while (!driver.Send(payload))
            {
                now = Run(now, 1, end, driver);
                Assert.True(now < limit, "the driver found no room");
            }

            toEnd.Add(payload);
            now = Run(now, 1, end, driver);
        }

        now = Run(now, 100, end, driver);
        Assert.Equal(toDriver, driver.Received);
        Assert.Equal(toEnd, end.Received);
        return now;
    }
}
