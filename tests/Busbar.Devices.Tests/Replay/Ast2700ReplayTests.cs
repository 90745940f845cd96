// SPDX-License-Identifier: Apache-2.0
using Busbar.Mmbi;
using Busbar.Pci;
using Xunit;

namespace Busbar.Devices.Tests;

/// <summary>Profile ast2700 under the access sequence of the host driver that it is made for.</summary>
public sealed class Ast2700ReplayTests
{
    private const int SmallestWindow = 256 << 10;

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(10);

    [Theory]
    [InlineData(1, 1)]
    [InlineData(6, 1)]
    [InlineData(6, 8)]
    [InlineData(3, 32)]
    public void Probe_AtTheFirstLook_FindsEveryInstance_AndItsVectorAnswers(int instances, int messages)
    {
        using var replay = new ReplayDevice(Options(SmallestWindow) with { Instances = instances, MsiVectors = messages });
        for (int bar = 0; bar < instances; bar++)
        {
            // The driver's table: BAR 0 to 5 interrupt on 1 to 6, or all on 0 when that is all there is.
            var host = new Host2024(replay.Window(bar), replay.Interrupts[messages == 1 ? 0 : bar + 1]);

            Assert.True(host.Probe());
            byte[] message = ReplayHost.Echo(100 + bar, bar);
            foreach (byte[] packet in ReplayHost.Cut(message, tag: 0, eid: (byte)(20 + bar))) host.Send(packet);
            Assert.True(host.WaitForMessages(1, s_limit));
            Assert.Equal(message, host.Messages.Dequeue());
            Assert.Equal(0xA, host.LastState);
            Assert.Equal(0, host.Mistakes);
        }
    }

    [Fact]
    public void Bars_WithoutInstance_DoNotExist()
    {
        using var replay = new ReplayDevice(Options(SmallestWindow) with { Instances = 2 });
        Assert.Equal([true, true, false, false, false, false], Enumerable.Range(0, 6).Select(bar => replay.Slot.GetBar(bar).Length != 0));
    }

    [Theory]
    [InlineData(SmallestWindow)]
    [InlineData(2 << 20)]
    public void LargestMessages_GoBothWays_InPacketsThatTheDriverTakes(int window)
    {
        using ReplayDevice replay = Joined(window, out Host2024 host);
        const int LargestMessage = 65_536;
        foreach (int length in (int[])[LargestMessage, 65_532, 65_531, 4, 5, 6, 7, 4096, LargestMessage, LargestMessage]) Exchange(host, length);
        Assert.DoesNotContain(0xE, replay.States);
    }

    [Fact]
    public void Rings_GoneRoundManyTimes_StayIntact()
    {
        using ReplayDevice replay = Joined(SmallestWindow, out Host2024 host);

        // Odd lengths, so that both pointers visit every place, the ring's end among them.
        for (int i = 0; i < 60; i++) Exchange(host, 9_000 + (i * 131));
        Assert.True(replay.OfChannel(channel => channel.Statistics.BytesReceived) > 4 * SmallestWindow / 2);
    }

    [Fact]
    public void PointerOnTheRingsEnd_KeepsTheRingsLength_AndTheQueueRuns()
    {
        using ReplayDevice replay = Joined(SmallestWindow, out Host2024 host);

        // Two packets that fill the ring to its last byte, one after the other: the driver then writes the length, not 0.
        int first = host.RingLength / 2 & ~3;
        host.Send(Packet(first));
        Assert.True(AwaitConsumed(host, first));
        host.Send(Packet(host.RingLength - first));
        Assert.True(AwaitConsumed(host, host.RingLength));
        Exchange(host, 5_000);
        Assert.False(host.IsStopped);

        static byte[] Packet(int occupied)
        {
            // Echo is not for us: to an EID that nobody has.
            byte[] packet = ReplayHost.Cut(ReplayHost.Echo(occupied - 8, 1), 0, eid: 99).First();
            return packet;
        }
    }

    [Fact]
    public void PacketsConsumed_AreTold_ThoughNothingIsSent()
    {
        using ReplayDevice replay = Joined(SmallestWindow, out Host2024 host);
        byte[] foreign = ReplayHost.Cut(ReplayHost.Echo(64, 1), 0, eid: 99).First();
        for (int i = 0; i < 20; i++)
        {
            while (replay.Interrupts[0].Drain() != 0)
            {
            }

            host.Send(foreign);
            Assert.True(host.HandleInterrupt(s_limit), "no interrupt after consuming");
        }

        Assert.Empty(host.Messages);
    }

    [Fact]
    public void TransmitQueue_StoppedByAFullRing_RunsOnBecauseOfInterrupts()
    {
        using ReplayDevice replay = Joined(SmallestWindow, out Host2024 host);
        const int Messages = 24;
        byte[][] sent = [.. Enumerable.Range(0, Messages).Select(i => ReplayHost.Echo(ReplayHost.LargestPacket - 4, i))];
        for (int i = 0; i < Messages; i++)
        {
            foreach (byte[] packet in ReplayHost.Cut(sent[i], tag: i)) host.Send(packet);
        }

        Assert.True(host.WaitForMessages(Messages, s_limit), $"{host.Messages.Count} came, {host.Queued} are queued");
        Assert.Equal(0, host.Queued);
        Assert.NotEqual(0, host.Stops);
        foreach (byte[] message in sent) Assert.Equal(message, host.Messages.Dequeue());
        Assert.Equal(0, host.Mistakes);
    }

    [Fact]
    public void ManySmallAnswers_MoreThanOneInterruptHandles_AllArrive()
    {
        using ReplayDevice replay = Joined(2 << 20, out Host2024 host);
        const int Messages = 1000;
        for (int i = 0; i < Messages; i++)
        {
            foreach (byte[] packet in ReplayHost.Cut(ReplayHost.Echo(8, i), tag: i)) host.Send(packet);
        }

        Assert.True(host.WaitForMessages(Messages, s_limit), $"{host.Messages.Count} came");
        Assert.Equal(0, host.Mistakes);
    }

    [Fact]
    public void RemovedAndLoadedAgain_GoesOn_WhetherTheOwnerNoticedOrNot()
    {
        using ReplayDevice replay = Joined(SmallestWindow, out Host2024 host);
        for (int i = 0; i < 12; i++)
        {
            Exchange(host, 3_000 + i);
            host.Remove();
            if (i % 2 == 0) Assert.True(SpinWait.SpinUntil(() => replay.OfChannel(channel => channel.Phase) == MmbiPhase.WaitingForPeer, s_limit));
            var again = new Host2024(replay.Window(0), replay.Interrupts[0]);

            // An owner that notices only now passes through 0x0, for less than the driver's loop takes.
            Assert.True(i % 2 == 0 ? again.Probe() : SpinWait.SpinUntil(again.Probe, s_limit), "not ready for the next driver");
            host = again;
        }

        Exchange(host, 65_536);
        Assert.DoesNotContain(0xE, replay.States);
    }

    // Where interrupts are remapped, a message to a vector that was given back is a fault in the log of the host's kernel.
    [Fact]
    public void RemovedDriver_IsNotInterruptedAnyMore()
    {
        using ReplayDevice replay = Joined(SmallestWindow, out Host2024 host);
        Exchange(host, 3_000);
        Assert.True(SpinWait.SpinUntil(() => replay.OfChannel(channel => !channel.HasChanged) && Settled(replay), s_limit));
        replay.Interrupts[0].Drain();

        host.Remove();

        Assert.True(SpinWait.SpinUntil(() => replay.OfChannel(channel => channel.Phase) == MmbiPhase.WaitingForPeer, s_limit));
        Assert.Equal(0, replay.Interrupts[0].Drain());
        var again = new Host2024(replay.Window(0), replay.Interrupts[0]);
        Assert.True(again.Probe());
        Exchange(again, 5);
    }

    [Theory]
    [InlineData(SmallestWindow)]
    [InlineData(2 << 20)]
    public void WhatPacketsTouch_IsTheGuests(int window)
    {
        using ReplayDevice replay = Joined(window, out Host2024 host);
        Assert.Equal([new PciMappableArea(0, window - Environment.SystemPageSize)], replay.Device.Function.Bars[0]!.Mappable);
        Assert.True(host.RingStart + host.RingLength <= window - Environment.SystemPageSize);
        Assert.True(host.RingLength > ReplayHost.LargestPacket + 8, "the transmit queue starts again at more free bytes than its largest packet");
    }

    [Fact]
    public void RefusedDescriptor_WithoutDoorbell_IsNoticed_AndPublishedAgain()
    {
        using var replay = new ReplayDevice(Options(SmallestWindow));
        var host = new Host2024(replay.Window(0), replay.Interrupts[0]);
        HostWindow window = replay.Window(0);
        const int VersionAt = 6;
        window.Write8(VersionAt, 9);
        Assert.False(host.Probe());

        Assert.True(SpinWait.SpinUntil(() => window.Read64(host.StatusAt) == 0 && window.Read8(VersionAt) == 1, s_limit));
        var again = new Host2024(window, replay.Interrupts[0]);
        Assert.True(SpinWait.SpinUntil(again.Probe, s_limit));
        Exchange(again, 1000);
        Assert.Contains(0x9, replay.States);
    }

    [Fact]
    public void EndpointRestarts_UnderADriverThatCannotJoinAgain_AndAnswers()
    {
        using ReplayDevice replay = Joined(SmallestWindow, out Host2024 host);
        for (int i = 0; i < 5; i++)
        {
            Exchange(host, 10_000);
            replay.Device.RestartEndpoint(0);
            Exchange(host, 20_000);
        }

        Assert.DoesNotContain(0xE, replay.States);
    }

    [Fact]
    public void FunctionLevelReset_ThenAnotherProbe_FindsItReady()
    {
        using ReplayDevice replay = Joined(SmallestWindow, out Host2024 host);
        Exchange(host, 100);
        replay.Slot.Reset();
        replay.Slot.SetBusMaster(true);
        IReadOnlyList<PciInterrupt> interrupts = replay.Slot.EnableInterrupts(PciInterruptKind.Msi, 1);
        Assert.True(SpinWait.SpinUntil(() => replay.OfChannel(channel => channel.Phase) == MmbiPhase.WaitingForPeer, s_limit));
        var again = new Host2024(replay.Window(0), interrupts[0]);
        Assert.True(again.Probe());
        Exchange(again, 65_536);
    }

    [Fact]
    public void ResetRequest_OnThisProfile_IsRefused()
    {
        using ReplayDevice replay = Joined(SmallestWindow, out Host2024 host);
        Assert.False(replay.Device.RequestReset(0));
        Exchange(host, 10);
        Assert.DoesNotContain(0xE, replay.States);
    }

    [Fact]
    public void DoorbellByte_WithAnotherValue_DoesNotRing()
    {
        using ReplayDevice replay = Joined(SmallestWindow, out Host2024 host);
        Exchange(host, 10);
        Assert.True(SpinWait.SpinUntil(() => Settled(replay), s_limit));
        long before = replay.Wakes();
        for (int value = 0; value < 256; value++)
        {
            if (value == 0xC6) continue;
            host.WriteBell((byte)value);
        }

        Assert.True(Settled(replay));
        Assert.Equal(before, replay.Wakes());
        host.Doorbell();
        Assert.True(SpinWait.SpinUntil(() => replay.Wakes() == before + 1, s_limit));
    }

    internal static MmbiDeviceOptions Options(int window) => new() { Profile = DeviceProfile.Ast2700, WindowSize = window };

    internal static ReplayDevice Joined(int window, out Host2024 host)
    {
        var replay = new ReplayDevice(Options(window));
        host = new Host2024(replay.Window(0), replay.Interrupts[0]);
        Assert.True(host.Probe());
        return replay;
    }

    internal static void Exchange(Host2024 host, int length)
    {
        byte[] message = ReplayHost.Echo(length, length);
        foreach (byte[] packet in ReplayHost.Cut(message, tag: 3)) host.Send(packet);
        Assert.True(host.WaitForMessages(1, s_limit), $"no answer of {length} bytes; state {host.LastState:x}, {host.Queued} queued, {host.Mistakes} mistakes");
        Assert.Equal(message, host.Messages.Dequeue());
        Assert.False(host.SawResetRequest);
        Assert.Equal(0, host.Mistakes);
    }

    // Each step is an interrupt, as for the driver: the first may be the one that tells of B_RDY.
    private static bool AwaitConsumed(Host2024 host, int pointer)
    {
        while (host.ReadPointer != pointer)
        {
            if (!host.HandleInterrupt(s_limit)) return false;
        }

        return true;
    }

    // No doorbell is on its way any more: a node that was rung wakes long before.
    private static bool Settled(ReplayDevice replay)
    {
        long wakes = replay.Wakes();
        return !SpinWait.SpinUntil(() => replay.Wakes() != wakes, TimeSpan.FromMilliseconds(50));
    }
}
