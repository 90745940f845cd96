// SPDX-License-Identifier: Apache-2.0
using Busbar.Endpoints;
using Busbar.Mctp;
using Busbar.Memory;
using Busbar.Mmbi;
using Busbar.Node;
using Busbar.Pci;
using Xunit;

namespace Busbar.Devices.Tests;

/// <summary>The device of profile busbar, driven in one process: registers by trapped accesses, the window as memory, MSI-X as counters.</summary>
public sealed class BusbarProfileTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(10);

    [Fact]
    public void ThreeInstances_EachEchoes_AllSizes()
    {
        using var device = Started(new MmbiDeviceOptions { Instances = 3, StaticEid = new Eid(20) });
        using var driver = new InProcessDevice(device.Function);
        SharedRegion registers = Prepare(driver, 3, out IReadOnlyList<PciInterrupt> interrupts);

        for (int k = 0; k < 3; k++)
        {
            using EndpointHost host = Open(driver, registers, interrupts[k], k);
            Assert.True(host.Node.WaitUntilUp(host.Attachment, s_limit));
            foreach (int size in (int[])[EchoClient.SmallestSize, 64, 4096, EchoClient.LargestSize]) Assert.Equal(3, Echo(host, 20 + k, size).Intact);
        }
    }

    [Fact]
    public void FunctionLevelReset_ClearsMailbox_AndOwnerStartsOver()
    {
        using var device = Started(new MmbiDeviceOptions());
        using var driver = new InProcessDevice(device.Function);
        SharedRegion registers = Prepare(driver, 1, out IReadOnlyList<PciInterrupt> interrupts);
        using EndpointHost host = Open(driver, registers, interrupts[0], 0);
        Assert.True(host.Node.WaitUntilUp(host.Attachment, s_limit));

        driver.Reset();

        Assert.Equal(0u, registers.Read32(MailboxFormat.GlobalEnable));
        Assert.Equal(0u, registers.Read32(MailboxFormat.At(0, MailboxFormat.Enable)));
        MmbiChannel owner = ((MmbiAttachment)device.GetEndpoint(0)!.Attachment).MmbiLink.Channel!;
        Assert.NotEqual(0, device.GetEndpoint(0)!.Node.Read((_, _) => owner.Statistics.ResetsByPeer));
    }

    [Fact]
    public void RestartedEndpoint_LinkComesBack_AndEchoes()
    {
        using var device = Started(new MmbiDeviceOptions { StaticEid = new Eid(20) });
        using var driver = new InProcessDevice(device.Function);
        SharedRegion registers = Prepare(driver, 1, out IReadOnlyList<PciInterrupt> interrupts);
        using EndpointHost host = Open(driver, registers, interrupts[0], 0);
        Assert.True(host.Node.WaitUntilUp(host.Attachment, s_limit));

        device.RestartEndpoint(0);

        Assert.True(SpinWait.SpinUntil(() => host.Node.Read((_, _) => ((MmbiAttachment)host.Attachment).MmbiLink.Channel!.Statistics.Joins) == 2, s_limit));
        Assert.True(host.Node.WaitUntilUp(host.Attachment, s_limit));
        Assert.Equal(3, Echo(host, 20, 4096).Intact);
    }

    [Fact]
    public void Ast2700_AtStart_ShowsDescriptorOfTheSheet()
    {
        using var device = Started(new MmbiDeviceOptions { Profile = DeviceProfile.Ast2700 });
        byte[] descriptor = new byte[64];
        using SharedRegion window = device.Function.Bars[0]!.Memory!.MapPart(0, 4096);
        window.CopyTo(0, descriptor);

        Assert.Equal("234d4d4249240101", Convert.ToHexStringLower(descriptor.AsSpan(0, 8)));
        Assert.Equal(0x8, MmbiState.From(window.Read32(0x40), 0).Code);
        Assert.Equal(0xC6, descriptor[55]);
    }

    [Fact]
    public void MailboxSet_RacingWithClear_LosesNoEvent()
    {
        var wake = new SemaphoreSlim(0);
        var block = new MailboxBlock(1, (_, _) => wake.Release());
        block.SetEnable(MailboxSide.Owner, 0, MailboxFormat.EventMask);
        const int Rounds = 20_000;
        int sent = 0;
        int seen = 0;
        var setter = new Thread(() =>
        {
            for (int i = 1; i <= Rounds; i++)
            {
                Volatile.Write(ref sent, i);
                block.DiscovererView.Write(MailboxFormat.At(0, MailboxFormat.Set), 4, MailboxFormat.DataEvent);
            }
        });
        setter.Start();
        while (seen < Rounds)
        {
            Assert.True(wake.Wait(s_limit), $"an event was lost after {seen}");
            uint events = (uint)block.OwnerView.Read(MailboxFormat.At(0, MailboxFormat.Masked), 4);
            block.OwnerView.Write(MailboxFormat.At(0, MailboxFormat.Status), 4, events);
            seen = Volatile.Read(ref sent);
        }

        setter.Join();
    }

    private static MmbiDevice Started(MmbiDeviceOptions options)
    {
        var device = new MmbiDevice(options);
        device.Start();
        return device;
    }

    private static SharedRegion Prepare(InProcessDevice driver, int pairs, out IReadOnlyList<PciInterrupt> interrupts)
    {
        driver.SetBusMaster(true);
        interrupts = driver.EnableInterrupts(PciInterruptKind.Msix, pairs);
        SharedRegion registers = driver.MapBar(0, RegionAccess.Mmio);
        Assert.Equal(MailboxFormat.IdValue, registers.Read32(MailboxFormat.Id));
        for (int k = 0; k < pairs; k++) registers.Write32(MailboxFormat.At(k, MailboxFormat.Enable), MailboxFormat.LinkEvents);
        registers.Write32(MailboxFormat.GlobalEnable, (1u << pairs) - 1);
        return registers;
    }

    private static EndpointHost Open(InProcessDevice driver, SharedRegion registers, PciInterrupt interrupt, int instance) => new(
        WindowAttachment.Open(
            driver.MapBar(2, RegionAccess.Ram),
            new WindowOptions { Text = "driver", Role = MmbiRole.Discoverer, Instance = instance },
            new DriverSignals(registers, interrupt, instance),
            "driver"),
        new EndpointOptions { StaticEid = new Eid(8) });

    private static EchoTally Echo(EndpointHost host, int eid, int size)
    {
        using var client = new EchoClient(host.Node, host.Peer(new Eid((byte)eid), MessageType.VendorPci));
        return client.Run(size, 3, 1, s_limit, TestContext.Current.CancellationToken);
    }
}
