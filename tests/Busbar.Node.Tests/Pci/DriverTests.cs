// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;
using Busbar.Mmbi;
using Busbar.Pci;
using Xunit;

namespace Busbar.Node.Tests;

/// <summary>The driver of endpoints with a mailbox, against a device model in this process.</summary>
public sealed class DriverTests
{
    private const double Limit = 10;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Instances_OfOneDevice_EchoAllSizes(bool hasOneMessage)
    {
        using var device = new ModelDevice(instances: 3, hasOneMessage);
        using var hosts = new DriverHosts(device.Device, 3);

        for (int instance = 0; instance < 3; instance++)
        {
            Assert.True(hosts.IsUp(instance), $"instance {instance} did not come up");
            foreach (int size in new[] { 1, 63, 64, 65, 4095, 4096, 65_535 })
            {
                byte[] body = [.. Enumerable.Range(0, size).Select(i => (byte)(i * 7))];
                Assert.Equal(body, hosts.Ask(instance, body));
            }
        }
    }

    [Fact]
    public void Owner_ThatRestarts_IsJoinedAgain()
    {
        using var device = new ModelDevice();
        using var hosts = new DriverHosts(device.Device, 1);
        Assert.True(hosts.IsUp(0));
        for (int life = 0; life < 3; life++)
        {
            device.RestartOwner(0);
            Assert.Equal([1, 2], hosts.AskUntilAnswered(0, [1, 2]));
        }
    }

    [Fact]
    public void Reset_ByEachSide_IsFollowedByTraffic()
    {
        using var device = new ModelDevice();
        using var hosts = new DriverHosts(device.Device, 1);
        Assert.True(hosts.IsUp(0));
        hosts.Nodes[0].Use((_, now) => Assert.True(hosts.Links[0].MmbiLink.Channel!.RequestReset(MmbiReason.Requested, now)));
        Assert.Equal([3], hosts.AskUntilAnswered(0, [3]));
        Assert.True(hosts.Links[0].MmbiLink.Channel!.Statistics.Joins >= 2);
    }

    [Fact]
    public void Enables_ThatTheDeviceForgot_AreWrittenAgain()
    {
        using var device = new ModelDevice();
        using var hosts = new DriverHosts(device.Device, 1);
        Assert.True(hosts.IsUp(0));
        device.Mailbox.Reset();
        device.Mailbox.SetEnable(MailboxSide.Owner, 0, MailboxFormat.LinkEvents);
        var link = (HardwareAttachment)hosts.Links[0];
        Assert.True(hosts.Nodes[0].WaitFor(() => link.Rearmed == 1, TimeSpan.FromSeconds(Limit)));
        Assert.Equal([4], hosts.Ask(0, [4]));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Reset_ByWhoeverIsBehindTheDevice_CostsNeitherVectorsNorTheLink(bool hasOneMessage)
    {
        using var device = new ModelDevice(hasOneMessage: hasOneMessage);
        using var hosts = new DriverHosts(device.Device, 1);
        Assert.True(hosts.IsUp(0));
        var link = (HardwareAttachment)hosts.Links[0];
        for (int reset = 1; reset <= 2; reset++)
        {
            device.ResetBehindTheDriver();

            Assert.True(hosts.Nodes[0].WaitFor(() => link.Rearmed == reset, TimeSpan.FromSeconds(Limit)));
            long wakes = hosts.Nodes[0].Read((_, _) => link.Link.Statistics.Wakes);
            Assert.Equal([7], hosts.AskUntilAnswered(0, [7]));

            // Whoever finds the answer without having slept leaves the interrupt to the next one who does.
            Assert.True(hosts.Nodes[0].WaitFor(() => link.Link.Statistics.Wakes > wakes, TimeSpan.FromSeconds(Limit)), "its interrupts arrive again");
            Assert.False(link.IsGone);
        }
    }

    [Fact]
    public void Device_ThatAnswersAllOnes_TakesTheLinkDownUntilItIsBack()
    {
        using var device = new ModelDevice();
        using var hosts = new DriverHosts(device.Device, 1);
        Assert.True(hosts.IsUp(0));

        device.Switch.Answer = _ => ulong.MaxValue;
        Assert.True(hosts.Nodes[0].WaitFor(() => !hosts.Links[0].Link.IsUp && hosts.Links[0].IsGone, TimeSpan.FromSeconds(Limit)));
        Assert.Contains("does not answer", hosts.Links[0].Description, StringComparison.Ordinal);

        device.Switch.Answer = null;
        Assert.True(hosts.IsUp(0));
        Assert.Equal([5], hosts.AskUntilAnswered(0, [5]));
    }

    [Fact]
    public void Mailbox_WhoseEventsNeverEnd_DoesNotHoldTheDriver()
    {
        using var device = new ModelDevice();
        using var hosts = new DriverHosts(device.Device, 1);
        Assert.True(hosts.IsUp(0));

        // The ID stays, everything else says "pending".
        device.Switch.Answer = offset => offset == MailboxFormat.Id ? MailboxFormat.IdValue : 7;
        for (int i = 0; i < 1000; i++) device.Mailbox.Set(MailboxSide.Owner, 0, MailboxFormat.DataEvent);
        hosts.Nodes[0].WaitFor(() => false, TimeSpan.FromMilliseconds(300));
        device.Switch.Answer = null;
        Assert.Equal([6], hosts.AskUntilAnswered(0, [6]));
    }

    [Fact]
    public void Registers_WithRandomContent_AreRefusedOrStayDown()
    {
        var random = new Random(1);
        for (int round = 0; round < 50; round++)
        {
            using var device = new ModelDevice();
            device.Switch.Answer = offset => offset == MailboxFormat.Id && (round & 1) == 0 ? MailboxFormat.IdValue : (uint)random.NextInt64();
            try
            {
                using PciAttachment link = PciAttachment.Open(device.Device, DriverHosts.Options(0));
                Assert.False(link.Link.IsUp);
            }
            catch (MctpException refusal)
            {
                Assert.Equal(MctpError.BadConfiguration, refusal.Error);
            }
        }
    }

    [Fact]
    public void Owner_OfADevicesWindow_IsRefused()
    {
        using var device = new ModelDevice();
        var refusal = Assert.Throws<MctpException>(() => PciAttachment.Open(device.Device, DriverHosts.Options(0) with { Role = MmbiRole.Owner }));
        Assert.Equal(MctpError.BadConfiguration, refusal.Error);
        Assert.Contains("leave out role=owner", refusal.Message, StringComparison.Ordinal);
    }
}
