// SPDX-License-Identifier: Apache-2.0
using Busbar.Mmbi;
using Busbar.Pci;
using Xunit;

namespace Busbar.Devices.Tests;

/// <summary>Profile ast2700-mfd under the access sequence of the host driver that it is made for.</summary>
public sealed class Ast2700MfdReplayTests
{
    private const byte FirstEid = 20;
    private const int FirstWindowBar = 2;
    private const int HostInterruptType = 40;
    private const int HostInterruptLocation = 41;

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData(1, 1)]
    [InlineData(4, 1)]
    [InlineData(4, 32)]
    public void Probe_FindsAWindowForEachInstance_AndEachEchoes(int instances, int messages)
    {
        using var replay = new ReplayDevice(Options(instances, messages));
        var host = new HostBmcDevice(replay);
        Assert.True(host.Probe());
        Assert.Equal(Enumerable.Range(FirstWindowBar, instances), host.Windows.Keys);
        foreach ((int bar, Host2026 mmbi) in host.Windows)
        {
            foreach (int length in (int[])[65_536, 5, 4096]) Exchange(mmbi, length, bar - FirstWindowBar);
        }

        Assert.DoesNotContain(0xE, replay.States);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Bars_AreMemory_Registers_AndAWindowForEachInstance(int instances)
    {
        using var replay = new ReplayDevice(Options(instances, 1));
        int page = Environment.SystemPageSize;
        IReadOnlyList<PciFunctionBar?> bars = replay.Device.Function.Bars;
        Assert.Equal([new PciMappableArea(0, 1 << 20)], bars[0]!.Mappable);
        Assert.Empty(bars[1]!.Mappable);
        for (int bar = FirstWindowBar; bar < bars.Count; bar++)
        {
            if (bar < FirstWindowBar + instances) Assert.Equal([new PciMappableArea(page, (int)bars[bar]!.Length - page)], bars[bar]!.Mappable);
            else Assert.Null(bars[bar]);
        }
    }

    [Fact]
    public void WhatPacketsTouch_IsTheGuests_InTheSmallestWindow()
    {
        using var replay = new ReplayDevice(Options(4, 1) with { WindowSize = DeviceProfile.Ast2700Mfd.SmallestWindow });
        var host = new HostBmcDevice(replay);
        Assert.True(host.Probe());
        Assert.All(host.Windows.Values, mmbi => Assert.True(mmbi.FirstTouched >= Environment.SystemPageSize));
        Exchange(host.Windows[FirstWindowBar + 3], 65_536, 3);
    }

    // Message 0 is the registers': a driver that gets no other one would look at all of them for every packet, and take it for nothing.
    [Fact]
    public void SingleMessage_IsNotForMmbi_AndTheDescriptorSaysSo()
    {
        using var replay = new ReplayDevice(Options(2, 1));
        var host = new HostBmcDevice(replay);
        Assert.True(host.Probe());
        foreach ((int bar, Host2026 mmbi) in host.Windows)
        {
            Assert.Equal((byte)MmbiHostInterrupt.None, replay.Window(bar).Read8(HostInterruptType));
            Exchange(mmbi, 5_000, bar - FirstWindowBar);
        }

        Assert.Equal(0, replay.Interrupts[0].Drain());
    }

    [Fact]
    public void ManyMessages_EachInstanceHasItsOwn_AsTheDescriptorSays()
    {
        using var replay = new ReplayDevice(Options(4, 32));
        var host = new HostBmcDevice(replay);
        Assert.True(host.Probe());
        for (int k = 0; k < 4; k++)
        {
            HostWindow window = replay.Window(FirstWindowBar + k);
            Assert.Equal(((byte)MmbiHostInterrupt.Pcie, (byte)(28 + k)), (window.Read8(HostInterruptType), window.Read8(HostInterruptLocation)));
            replay.Interrupts[28 + k].Drain();
            Exchange(host.Windows[FirstWindowBar + k], 100, k);
            Assert.NotEqual(0, replay.Interrupts[28 + k].Drain());
        }

        Assert.All(host.Interrupts, interrupt => Assert.Equal(0, interrupt.Drain()));
    }

    // As for the 2024 driver: a message to a vector that was given back is a fault in the log of a host that remaps interrupts.
    [Fact]
    public void RemovedDriver_IsNotInterruptedAnyMore_AndTheNextOneIs()
    {
        using var replay = new ReplayDevice(Options(1, 32));
        for (int i = 0; i < 3; i++)
        {
            var host = new HostBmcDevice(replay);
            Assert.True(host.Probe());
            Host2026 mmbi = host.Windows[FirstWindowBar];
            PciInterrupt interrupt = replay.Interrupts[28];
            Exchange(mmbi, 3_000, 0);
            Assert.NotEqual(0, interrupt.Drain());
            Assert.True(SpinWait.SpinUntil(() => replay.OfChannel(channel => !channel.HasChanged) && IsQuiet(interrupt), s_limit));

            mmbi.Close();

            Assert.True(SpinWait.SpinUntil(() => replay.OfChannel(channel => channel.Phase) == MmbiPhase.WaitingForPeer, s_limit));
            Assert.Equal(0, interrupt.Drain());
        }
    }

    [Fact]
    public void Queues_TakeEverything_AndNeverHoldAnything()
    {
        using var replay = new ReplayDevice(Options(1, 1));
        var host = new HostBmcDevice(replay);
        Assert.True(host.Probe());
        for (uint word = 0; word < 100; word++) Assert.True(host.TryWriteQueue((int)(word % 2), ~word));
        Assert.Equal(3, host.HandleInterrupt());
        Assert.Equal((0u, 0u), (host.PeekQueue(0), host.PeekQueue(1)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(32)]
    public void Uarts_SwallowText_AndInterruptWhenTheyCanTakeMore(int messages)
    {
        using var replay = new ReplayDevice(Options(1, messages));
        var host = new HostBmcDevice(replay);
        for (int uart = 0; uart < 2; uart++)
        {
            PciInterrupt interrupt = host.Interrupts[2 + uart];
            host.OpenUart(uart);
            Assert.Equal((0x60u, 0xB0u), (host.ReadUart(uart, 5), host.ReadUart(uart, 6)));
            Assert.Equal((0x0Bu, 3u, 0xC1u), (host.ReadUart(uart, 4), host.ReadUart(uart, 3), host.ReadUart(uart, 2)));
            foreach (byte letter in "polled"u8) host.WriteUart(uart, 0, letter);
            Assert.Equal(0, interrupt.Drain());

            host.WriteUart(uart, 1, 2);
            Assert.NotEqual(0, interrupt.Drain());
            for (int i = 0; i < 40; i++)
            {
                // A handler asks until nothing is pending; a message that came meanwhile finds nothing, as with any edge.
                Assert.Equal(0xC2u, host.ReadUart(uart, 2));
                Assert.Equal(0xC1u, host.ReadUart(uart, 2));
                interrupt.Drain();
                for (int letter = 0; letter < 16; letter++) host.WriteUart(uart, 0, 'x');
                Assert.NotEqual(0, interrupt.Drain());
            }

            host.WriteUart(uart, 1, 0);
            Assert.Equal(0xC1u, host.ReadUart(uart, 2));
            Assert.Equal(0u, host.ReadUart(uart, 0));
        }
    }

    [Fact]
    public void FunctionLevelReset_ForgetsTheUarts_AndTheNextProbeFindsMmbiReady()
    {
        using var replay = new ReplayDevice(Options(2, 1));
        var host = new HostBmcDevice(replay);
        Assert.True(host.Probe());
        host.OpenUart(0);
        host.WriteUart(0, 1, 2);
        Exchange(host.Windows[FirstWindowBar], 3_000, 0);

        replay.Slot.Reset();

        Assert.Equal((0u, 0u, 0u, 1u), (host.ReadUart(0, 1), host.ReadUart(0, 3), host.ReadUart(0, 4), host.ReadUart(0, 2)));
        Assert.True(SpinWait.SpinUntil(() => replay.OfChannel(channel => channel.Phase) == MmbiPhase.WaitingForPeer, s_limit));
        Assert.True(SpinWait.SpinUntil(() => replay.OfChannel(channel => channel.Phase, 1) == MmbiPhase.WaitingForPeer, s_limit));
        var again = new HostBmcDevice(replay);
        Assert.True(again.Probe());
        foreach ((int bar, Host2026 mmbi) in again.Windows) Exchange(mmbi, 65_536, bar - FirstWindowBar);
    }

    [Fact]
    public void ResetsAndRestartsBehindOneWindow_AreItsOwn()
    {
        using var replay = new ReplayDevice(Options(2, 1));
        var host = new HostBmcDevice(replay);
        Assert.True(host.Probe());
        Host2026 other = host.Windows[FirstWindowBar];
        Host2026 struck = host.Windows[FirstWindowBar + 1];
        for (int i = 1; i <= 3; i++)
        {
            Exchange(struck, 5_000, 1);
            Assert.True(replay.Device.RequestReset(1));
            Assert.True(struck.PollUntil(() => struck.ResetsAcknowledged == i, s_limit));
            Exchange(struck, 100, 1);
            replay.Device.RestartEndpoint(1);
        }

        Exchange(struck, 65_536, 1);
        Exchange(other, 65_536, 0);
        Assert.Equal(0, other.ResetsAcknowledged);
    }

    [Fact]
    public void TriggerByte_WakesTheInstanceOfItsWindow_AndNoOther()
    {
        using var replay = new ReplayDevice(Options(2, 1));
        var host = new HostBmcDevice(replay);
        Assert.True(host.Probe());
        Host2026 second = host.Windows[FirstWindowBar + 1];
        Assert.Equal(64, second.TriggerAt);
        (long before0, long before1) = (replay.Wakes(0), replay.Wakes(1));
        second.WriteTrigger(0xC7);
        second.WriteTrigger(0xC6);
        Assert.True(SpinWait.SpinUntil(() => replay.Wakes(1) == before1 + 1, s_limit));
        Assert.Equal(before0, replay.Wakes(0));
    }

    // What it makes of accesses that no driver makes: every width at every place of both blocks, and around them.
    [Fact]
    public void Registers_AtEveryPlaceAndWidth_AnswerWithoutHarm()
    {
        using var replay = new ReplayDevice(Options(1, 1));
        var host = new HostBmcDevice(replay);
        HostWindow registers = replay.Window(1);
        byte[] ones = [.. Enumerable.Repeat((byte)0xFF, 64)];
        foreach (int start in (int[])[0, 0x400, 0xB00, 0xFC0, 0x2FFE0, 0x30000, 0x3FFC0])
        {
            for (int at = start; at < start + 0x100; at++)
            {
                foreach (int width in (int[])[1, 2, 3, 4, 8, 17, 64])
                {
                    registers.Write(at, ones.AsSpan(0, width));
                    registers.Read(at, width);
                }
            }
        }

        replay.Slot.Reset();
        Assert.Equal((0u, 0u, 0u), (registers.Read32(0xB8), registers.Read32(0xBC), registers.Read32(0x494)));
        Assert.Equal((0x0500_0000u, 0x0500_0000u), (registers.Read32(0x30040), registers.Read32(0x30044)));
        Assert.Equal(uint.MaxValue, registers.Read32(0x2000));
        Assert.True(host.Probe());
        Exchange(host.Windows[FirstWindowBar], 64, 0);
    }

    private static MmbiDeviceOptions Options(int instances, int messages) => new() { Profile = DeviceProfile.Ast2700Mfd, Instances = instances, MsiVectors = messages };

    // Nothing came for longer than the owner takes to look again.
    private static bool IsQuiet(PciInterrupt interrupt)
    {
        interrupt.Drain();
        return !SpinWait.SpinUntil(() => interrupt.Drain() != 0, TimeSpan.FromMilliseconds(50));
    }

    private static void Exchange(Host2026 host, int length, int instance)
    {
        byte[] message = ReplayHost.Echo(length, length);
        foreach (byte[] packet in ReplayHost.Cut(message, tag: 2, (byte)(FirstEid + instance))) Assert.True(host.PollUntil(() => host.TrySend(packet), s_limit));
        Assert.True(host.PollUntil(() => host.Messages.Count != 0, s_limit));
        Assert.Equal(message, host.Messages.Dequeue());
        Assert.Equal(0, host.Mistakes);
    }
}
