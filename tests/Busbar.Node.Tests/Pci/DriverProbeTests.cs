// SPDX-License-Identifier: Apache-2.0
using System.Collections.Concurrent;
using Busbar.Mctp;
using Busbar.Mmbi;
using Busbar.Pci;
using Xunit;

namespace Busbar.Node.Tests;

/// <summary>What the probe makes of functions that have less than they should, or say one thing and then another.</summary>
public sealed class DriverProbeTests
{
    [Fact]
    public void Vectors_OfWhichTheMachineHasFewer_ServeTheLinksThatTheyCan()
    {
        using var device = new ModelDevice(instances: 3);
        using var machine = new ConstrainedDevice(device.Device) { MostVectors = 2 };
        using var hosts = new DriverHosts(machine, 3);

        Assert.Equal(1, machine.Enabled);
        for (int instance = 0; instance < 3; instance++) Assert.Equal([1, 2], hosts.AskUntilAnswered(instance, [1, 2]));
    }

    [Fact]
    public void Pair_WhoseVectorIsNotEnabled_IsPolled()
    {
        using var device = new ModelDevice(instances: 3);
        using var machine = new ConstrainedDevice(device.Device) { Offered = static kind => kind == PciInterruptKind.Msix ? 1 : 0 };
        using PciWindowDevice probed = PciWindowDevice.Probe(machine, null, ownsDevice: false);

        Assert.Equal([0, -1, -1], Enumerable.Range(0, 3).Select(probed.VectorIndex));
        Assert.False(probed.SharesVectors);
    }

    [Fact]
    public void Vectors_ThatChangeBetweenReads_NeverGiveTwoLinksOneOfTheirOwn()
    {
        using var device = new ModelDevice(instances: 3);
        int reads = 0;
        device.Switch.Answer = offset => offset >= MailboxFormat.Banks && offset % MailboxFormat.Stride == MailboxFormat.Vector
            ? (ulong)(reads++ < 3 ? reads - 1 : 0)
            : device.Mailbox.DiscovererView.Read(offset, 4);
        using PciWindowDevice probed = PciWindowDevice.Probe(device.Device, null, ownsDevice: false);

        Assert.Equal([0, 1, 2], Enumerable.Range(0, 3).Select(probed.VectorIndex));
        Assert.False(probed.SharesVectors);
    }

    [Fact]
    public void Mailbox_ThatNeverInterrupts_IsPolled()
    {
        using var device = new ModelDevice(instances: 2);
        device.Switch.Answer = offset => device.Mailbox.DiscovererView.Read(offset, 4) | (offset == MailboxFormat.Capabilities ? MailboxFormat.PollingOnly : 0);
        using PciWindowDevice probed = PciWindowDevice.Probe(device.Device, null, ownsDevice: false);

        Assert.Empty(probed.Vectors);
        Assert.Equal([-1, -1], Enumerable.Range(0, 2).Select(probed.VectorIndex));
        Assert.Contains("no interrupts", probed.Description, StringComparison.Ordinal);
    }

    [Fact]
    public void Function_ThatNobodyAnswersFor_IsUnreachable()
    {
        using var device = new ModelDevice();
        using var gone = new ConstrainedDevice(device.Device) { OnesFrom = PciConfigRegisters.Command };

        var refusal = Assert.Throws<MctpException>(() => PciAttachment.Open(gone, DriverHosts.Options(0)));

        Assert.Equal(MctpError.Unreachable, refusal.Error);
        Assert.Contains("reads all ones", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Presence_OfAFunctionWithoutMailbox_IsNotJudgedByWhatTheKernelAnswers()
    {
        using var device = new ModelDevice();
        using var function = new ConstrainedDevice(device.Device) { Unassigned = [0] };
        using PciWindowDevice probed = PciWindowDevice.Probe(function, null, ownsDevice: false);
        Assert.Null(probed.Mailbox);
        Assert.True(probed.IsPresent());

        function.OnesFrom = PciConfigRegisters.Command;

        Assert.False(probed.IsPresent());
    }

    [Fact]
    public void Window_WithoutAddress_IsRefusedWithTheReason()
    {
        using var device = new ModelDevice();
        using var function = new ConstrainedDevice(device.Device) { Unassigned = [0, 2, 4] };

        var refusal = Assert.Throws<MctpException>(() => PciAttachment.Open(function, DriverHosts.Options(0)));

        Assert.Equal(MctpError.BadConfiguration, refusal.Error);
        Assert.Contains("the kernel gave it no address", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refusal.Message);
    }

    [Fact]
    public void Links_OfOneFunction_AgreeOnItsWindow()
    {
        using var device = new ModelDevice();
        using PciWindowDevice first = PciWindowDevice.Acquire("agree", null, () => device.Device, ownsDevice: false);
        using PciWindowDevice second = PciWindowDevice.Acquire("agree", first.Windows[0], () => device.Device, ownsDevice: false);
        Assert.Same(first, second);

        var refusal = Assert.Throws<PciDeviceException>(() => PciWindowDevice.Acquire("agree", 0, () => device.Device, ownsDevice: false));

        Assert.Contains("agree on bar=", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Function_ThatTheKernelWantsBack_IsLetGoByAllItsLinks()
    {
        using var device = new ModelDevice(instances: 3);
        var function = new ConstrainedDevice(device.Device);
        using var hosts = new DriverHosts(function, 3, ownsDevice: true);
        Assert.All(Enumerable.Range(0, 3), instance => Assert.True(hosts.IsUp(instance)));

        function.IsWantedBack = true;

        for (int instance = 0; instance < 3; instance++)
        {
            PciAttachment link = hosts.Links[instance];
            Assert.True(hosts.Nodes[instance].WaitFor(() => link.IsGivenBack && !link.Link.IsUp, TimeSpan.FromSeconds(10)));
            Assert.Contains("given back", link.Description, StringComparison.Ordinal);
            Assert.Contains("open the link anew", link.WhyDown, StringComparison.Ordinal);
        }

        Assert.True(function.IsDisposed);
    }

    [Fact]
    public void Function_ThatFailed_TakesItsLinksDownUntilAResetSucceeds()
    {
        using var device = new ModelDevice(instances: 2);
        var function = new ConstrainedDevice(device.Device) { CanReset = true, RefusedRecoveries = 1, OnRecovery = device.ResetBehindTheDriver };
        using var hosts = new DriverHosts(function, 2, ownsDevice: true);
        var reasons = new ConcurrentQueue<MmbiReason>[] { new(), new() };
        for (int instance = 0; instance < 2; instance++)
        {
            Assert.True(hosts.IsUp(instance));
            ConcurrentQueue<MmbiReason> told = reasons[instance];
            hosts.Nodes[instance].Use((_, _) => hosts.Links[instance].Transition = change => told.Enqueue(change.Reason));
        }

        function.HasFailed = true;

        for (int instance = 0; instance < 2; instance++)
        {
            PciAttachment link = hosts.Links[instance];
            Assert.True(hosts.Nodes[instance].WaitFor(() => link.Failures == 1, TimeSpan.FromSeconds(10)));
            Assert.Contains(MmbiReason.DeviceFailed, reasons[instance]);
        }

        // The endpoint was reset with it; both links come back, and one reset served both.
        for (int instance = 0; instance < 2; instance++) Assert.Equal([9], hosts.AskUntilAnswered(instance, [9]));
        Assert.Equal(2, function.Recoveries);
        Assert.All(hosts.Links, link => Assert.False(link.HasFailed));
    }

    [Fact]
    public void Function_ThatFailedAndCannotBeReset_StaysDownAndSaysWhy()
    {
        using var device = new ModelDevice();
        var function = new ConstrainedDevice(device.Device) { CanReset = false };
        using var hosts = new DriverHosts(function, 1, ownsDevice: true);
        Assert.True(hosts.IsUp(0));

        function.HasFailed = true;

        PciAttachment link = hosts.Links[0];
        Assert.True(hosts.Nodes[0].WaitFor(() => link.HasFailed && !link.Link.IsUp, TimeSpan.FromSeconds(10)));
        Assert.Contains("open the link anew", link.WhyDown, StringComparison.Ordinal);
        Assert.Contains("failed by an uncorrectable error", link.Description, StringComparison.Ordinal);

        // It answers all the same; that is no reason to trust it.
        Assert.False(hosts.Nodes[0].WaitFor(() => link.Link.IsUp, TimeSpan.FromSeconds(2)));
    }

    [Theory]
    [InlineData(0, "holds the mailbox")]
    [InlineData(1, "is no memory window")]
    public void Window_ThatIsNone_IsRefusedByItsNumber(int bar, string reason)
    {
        using var device = new ModelDevice();

        var refusal = Assert.Throws<MctpException>(() => PciAttachment.Open(device.Device, DriverHosts.Options(0), bar: bar));

        Assert.Equal(MctpError.BadConfiguration, refusal.Error);
        Assert.Contains(reason, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Ivshmem_ThroughAWayWithoutInterrupts_StillMeetsAHost()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("s");
        using var server = new EmbeddedServer(new IvshmemServerOptions { SocketPath = path, Size = 1 << 20, Vectors = 1, Hints = Linux.MemoryHints.None });
        using var model = new ModelIvshmem(path);
        using var device = new ConstrainedDevice(model.Device) { Offered = static _ => 0 };
        using NodeEnd host = NodeEnd.Open($"mmbi:ivshmem:{path},wait=block", MmbiRole.Owner);
        PciAttachment link = PciAttachment.Open(device, new WindowOptions { Text = "guest", Role = MmbiRole.Discoverer, Wait = WaitStrategy.Block });
        using var guest = new MctpNode();
        guest.AddLink(link);

        Assert.True(guest.WaitUntilUp(link, TimeSpan.FromSeconds(15)));
        Assert.Contains("ivshmem-doorbell, no interrupts", link.Description, StringComparison.Ordinal);
    }
}
