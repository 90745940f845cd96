// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;
using Microsoft.Win32.SafeHandles;
using Xunit;
using static Busbar.Pci.Tests.VfioUserRaw;

namespace Busbar.Pci.Tests;

/// <summary>SET_IRQS: what is installed rings, what is removed does not, what is masked rings later.</summary>
[Collection(nameof(DescriptorCounting))]
public sealed class VfioUserIrqTests : IDisposable
{
    private const int EINVAL = 22;
    private const uint None = 1;
    private const uint Bool = 2;
    private const uint Event = 4;
    private const uint Mask = 8;
    private const uint Unmask = 0x10;
    private const uint Trigger = 0x20;
    private const uint Intx = 0;
    private const uint Msix = 2;

    private readonly VfioUserServed _served = new();
    private readonly VfioUserRaw _client;
    private readonly EventFd[] _doorbells = [.. Enumerable.Range(0, 4).Select(_ => EventFd.Create())];

    public VfioUserIrqTests() => _client = _served.Negotiated();

    [Fact]
    public void Vectors_Installed_RingTheirOwnEventFd()
    {
        Install(Msix, 0, 4);

        for (uint vector = 0; vector < 4; vector++)
        {
            _client.Write32(0, VfioUserTestFunction.RaiseRegister, vector);
            Assert.Equal(1ul, Rings(vector));
        }

        Assert.Equal([0ul, 0, 0, 0], _doorbells.Select(doorbell => doorbell.TryDrain(out ulong count) ? count : 0));
        Assert.Equal(4, _served.Server.Statistics.InterruptsSent);
    }

    [Fact]
    public async Task Vector_OfAClientThatWaitsInARead_WakesIt()
    {
        using EventFd doorbell = EventFd.Create();
        int flags = NativeFile.Control(doorbell.Descriptor, NativeFile.F_GETFL, 0) & ~NativeFile.O_NONBLOCK;
        Assert.True(NativeFile.Control(doorbell.Descriptor, NativeFile.F_SETFL, flags) >= 0);
        Assert.Equal(0, _client.Ask(8, IrqSet(0x24, 2, 0, 1), doorbell.Descriptor).Error);

        Assert.Equal(flags, NativeFile.Control(doorbell.Descriptor, NativeFile.F_GETFL, 0));
        using var handle = new SafeFileHandle(doorbell.Descriptor.Number, ownsHandle: false);
        byte[] count = new byte[8];
        Task<int> waiting = Task.Run(() => RandomAccess.Read(handle, count, 0), TestContext.Current.CancellationToken);
        Assert.True(_served.Function.Host!.Interrupt(PciInterruptKind.Msix, 0, true));
        Assert.Equal(8, await waiting.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken));
        Assert.Equal(1, count[0]);
    }

    [Fact]
    public void Vector_NotInstalledOrRemoved_IsLostAndCounted()
    {
        Assert.False(_served.Function.Host!.Interrupt(PciInterruptKind.Msix, 0, true));
        Install(Msix, 0, 2);
        Assert.Equal(0, _client.Ask(8, IrqSet(Event | Trigger, Msix, 0, 1)).Error);

        Assert.False(_served.Function.Host!.Interrupt(PciInterruptKind.Msix, 0, true));
        Assert.True(_served.Function.Host!.Interrupt(PciInterruptKind.Msix, 1, true));
        Assert.False(_served.Function.Host!.Interrupt(PciInterruptKind.Msix, 4, true));
        Assert.False(_served.Function.Host!.Interrupt(PciInterruptKind.Msi, 0, true));
        Assert.False(_served.Function.Host!.Interrupt(PciInterruptKind.Msix, -1, true));

        Assert.Equal(5, _served.Server.Statistics.InterruptsLost);
    }

    [Fact]
    public void Vector_Replaced_RingsTheNewOneOnly()
    {
        Install(Msix, 0, 1);
        Assert.Equal(0, _client.Ask(8, IrqSet(Event | Trigger, Msix, 0, 1), _doorbells[3].Descriptor).Error);

        Assert.True(_served.Function.Host!.Interrupt(PciInterruptKind.Msix, 0, true));

        Assert.False(_doorbells[0].TryDrain(out _));
        Assert.True(_doorbells[3].TryDrain(out _));
    }

    [Fact]
    public void Kind_Disabled_IsSilent()
    {
        Install(Msix, 0, 4);

        Assert.Equal(0, _client.Ask(8, IrqSet(None | Trigger, Msix, 0, 0)).Error);

        Assert.False(_served.Function.Host!.Interrupt(PciInterruptKind.Msix, 2, true));
        Assert.Equal(0, _client.Ask(8, IrqSet(None | Trigger, 1, 0, 0)).Error);
    }

    [Fact]
    public void Trigger_WithoutAndWithBools_LoopsBack()
    {
        Install(Msix, 0, 4);

        Assert.Equal(0, _client.Ask(8, IrqSet(None | Trigger, Msix, 1, 2)).Error);
        Assert.Equal([0ul, 1, 1, 0], Enumerable.Range(0, 4).Select(vector => Rings((uint)vector)));

        Assert.Equal(0, _client.Ask(8, IrqSet(Bool | Trigger, Msix, 0, 4, 1, 0, 0, 1)).Error);
        Assert.Equal([1ul, 0, 0, 1], Enumerable.Range(0, 4).Select(vector => Rings((uint)vector)));
    }

    [Fact]
    public void MaskedVector_Raised_RingsOnceWhenUnmasked()
    {
        Install(Msix, 0, 4);
        Assert.Equal(0, _client.Ask(8, IrqSet(Bool | Mask, Msix, 0, 4, 1, 1, 0, 0)).Error);

        for (int i = 0; i < 3; i++) Assert.True(_served.Function.Host!.Interrupt(PciInterruptKind.Msix, 0, true));
        Assert.Equal(0ul, Rings(0));
        Assert.Equal(0, _client.Ask(8, IrqSet(None | Unmask, Msix, 0, 4)).Error);

        Assert.Equal(1ul, Rings(0));
        Assert.Equal(0ul, Rings(1));
        Assert.Equal(3, _served.Server.Statistics.InterruptsPended);
    }

    [Fact]
    public void Intx_AsLongAsItIsHigh_RingsAgainAfterEachUnmask()
    {
        Install(Intx, 0, 1);
        _client.Write32(0, VfioUserTestFunction.LevelRegister, 1);
        Assert.Equal(1ul, Rings(0));
        _client.Write32(0, VfioUserTestFunction.LevelRegister, 1);
        Assert.Equal(0ul, Rings(0));

        Assert.Equal(0, _client.Ask(8, IrqSet(None | Unmask, Intx, 0, 1)).Error);
        Assert.Equal(1ul, Rings(0));
        _client.Write32(0, VfioUserTestFunction.LevelRegister, 0);
        Assert.Equal(0, _client.Ask(8, IrqSet(None | Unmask, Intx, 0, 1)).Error);
        Assert.Equal(0ul, Rings(0));
    }

    [Fact]
    public void Intx_RaisedWhileMaskedOrBeforeAnybodyListens_RingsLater()
    {
        _client.Write32(0, VfioUserTestFunction.LevelRegister, 1);
        Install(Intx, 0, 1);
        Assert.Equal(1ul, Rings(0));

        Assert.Equal(0, _client.Ask(8, IrqSet(None | Mask, Intx, 0, 1)).Error);
        _client.Write32(0, VfioUserTestFunction.LevelRegister, 0);
        _client.Write32(0, VfioUserTestFunction.LevelRegister, 1);
        Assert.Equal(0ul, Rings(0));
        Assert.Equal(0, _client.Ask(8, IrqSet(None | Unmask, Intx, 0, 1)).Error);
        Assert.Equal(1ul, Rings(0));
    }

    [Fact]
    public void Intx_UnmaskedByTheClientsDoorbell_RingsAgain()
    {
        Install(Intx, 0, 1);
        Assert.Equal(0, _client.Ask(8, IrqSet(Event | Unmask, Intx, 0, 1), _doorbells[1].Descriptor).Error);
        _client.Write32(0, VfioUserTestFunction.LevelRegister, 1);
        Assert.Equal(1ul, Rings(0));

        _doorbells[1].Ring();

        VfioUserServed.Until(() => Rings(0) == 1, "the level rings again");
        Assert.Equal(0, _client.Ask(8, IrqSet(Event | Unmask, Intx, 0, 1)).Error);
    }

    [Theory]
    [InlineData(0u, Msix, 0u, 1u)]
    [InlineData(Trigger, Msix, 0u, 1u)]
    [InlineData(None, Msix, 0u, 1u)]
    [InlineData(None | Bool | Trigger, Msix, 0u, 1u)]
    [InlineData(None | Mask | Unmask, Msix, 0u, 1u)]
    [InlineData(None | Trigger | 0x40, Msix, 0u, 1u)]
    [InlineData(None | Trigger, 5u, 0u, 1u)]
    [InlineData(None | Trigger, uint.MaxValue, 0u, 1u)]
    [InlineData(None | Trigger, Msix, 4u, 1u)]
    [InlineData(None | Trigger, Msix, 0u, 5u)]
    [InlineData(None | Trigger, Msix, 1u, uint.MaxValue)]
    [InlineData(None | Trigger, 1u, 0u, 1u)]
    [InlineData(None | Trigger, Msix, 1u, 0u)]
    [InlineData(None | Mask, Msix, 0u, 0u)]
    [InlineData(Event | Trigger, Msix, 0u, 0u)]
    [InlineData(None | Mask, 3u, 0u, 1u)]
    [InlineData(None | Unmask, 4u, 0u, 1u)]
    [InlineData(None | Trigger, 3u, 0u, 2u)]
    [InlineData(Event | Mask, Msix, 0u, 1u)]
    [InlineData(Event | Unmask, Msix, 0u, 1u)]
    [InlineData(Bool | Trigger, Msix, 0u, 2u)]
    public void Sets_ThatCannotBe_AreRefused(uint flags, uint index, uint start, uint count)
    {
        Assert.Equal(EINVAL, _client.Ask(8, IrqSet(flags, index, start, count)).Error);
    }

    [Fact]
    public void Descriptors_WhereNoneBelongOrNotAsMany_AreRefusedAndClosed()
    {
        FileDescriptor one = _doorbells[0].Descriptor;
        int before = Directory.GetFiles("/proc/self/fd").Length;

        Assert.Equal(EINVAL, _client.Ask(8, IrqSet(None | Trigger, Msix, 0, 1), one).Error);
        Assert.Equal(EINVAL, _client.Ask(8, IrqSet(None | Trigger, Msix, 0, 0), one).Error);
        Assert.Equal(EINVAL, _client.Ask(8, IrqSet(Event | Trigger, Msix, 0, 2), one).Error);
        Assert.Equal(EINVAL, _client.Ask(8, IrqSet(Event | Trigger, Msix, 0, 1), one, one).Error);
        Assert.Equal(EINVAL, _client.Ask(8, IrqSet(Event | Trigger, Msix, 0, 1), [.. Enumerable.Repeat(one, 17)]).Error);
        Assert.Equal(EINVAL, _client.Ask(8, IrqSet(Event | Trigger, Msix, 0, 2), one, _served.Function.Memory.Descriptor).Error);
        Assert.Equal(EINVAL, _client.Ask(4, Bytes(16, 0, 0, 0), one).Error);
        Assert.Equal(EINVAL, _client.Ask(13, [], one).Error);

        VfioUserServed.Until(() => Directory.GetFiles("/proc/self/fd").Length <= before, "the descriptors are closed");
        Assert.Equal(1, _served.Server.Statistics.Refused(VfioUserRefusal.NotAnEventFd));
        Assert.Equal(1, _served.Server.Statistics.Refused(VfioUserRefusal.TooManyDescriptors));
        Assert.False(_served.Function.Host!.Interrupt(PciInterruptKind.Msix, 0, true));
    }

    [Fact]
    public void ErrorAndRequest_TakeOneEventFd()
    {
        Assert.Equal(0, _client.Ask(8, IrqSet(Event | Trigger, 3, 0, 1), _doorbells[0].Descriptor).Error);
        Assert.Equal(0, _client.Ask(8, IrqSet(Event | Trigger, 4, 0, 1), _doorbells[0].Descriptor).Error);
    }

    [Fact]
    public void Interrupts_WhileVectorsAreReplaced_ReachOneOfThemOrAreCounted()
    {
        using var stop = new CancellationTokenSource();
        IPciFunctionHost host = _served.Function.Host!;
        long raised = 0;
        var raiser = new Thread(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                host.Interrupt(PciInterruptKind.Msix, 0, true);
                Interlocked.Increment(ref raised);
            }
        });
        raiser.Start();
        for (int i = 0; i < 300; i++) Assert.Equal(0, _client.Ask(8, IrqSet(Event | Trigger, Msix, 0, 1), _doorbells[i & 1].Descriptor).Error);
        stop.Cancel();
        Assert.True(raiser.Join(10_000));

        ulong heard = Rings(0) + Rings(1);
        Assert.Equal(raised, _served.Server.Statistics.InterruptsSent + _served.Server.Statistics.InterruptsLost);
        Assert.Equal((ulong)_served.Server.Statistics.InterruptsSent, heard);
    }

    [Fact]
    public void Client_ThatGoes_TakesItsEventFdsAlongButNotTheLevel()
    {
        Install(Intx, 0, 1);
        _client.Write32(0, VfioUserTestFunction.LevelRegister, 1);
        Assert.Equal(1ul, Rings(0));
        _client.Dispose();
        VfioUserServed.Until(() => !_served.Server.IsConnected, "the server notices");

        using VfioUserRaw next = _served.Negotiated();
        Assert.Equal(0ul, Rings(0));
        Assert.Equal(0, next.Ask(8, IrqSet(Event | Trigger, Intx, 0, 1), _doorbells[2].Descriptor).Error);

        Assert.Equal(1ul, Rings(2));
        Assert.Equal(1u, next.Read32(0, VfioUserTestFunction.LevelRegister));
    }

    public void Dispose()
    {
        _client.Dispose();
        _served.Dispose();
        foreach (EventFd doorbell in _doorbells) doorbell.Dispose();
    }

    private void Install(uint index, uint start, int count)
    {
        FileDescriptor[] descriptors = [.. _doorbells.Take(count).Select(doorbell => doorbell.Descriptor)];
        Assert.Equal(0, _client.Ask(8, IrqSet(Event | Trigger, index, start, (uint)count), descriptors).Error);
    }

    // Writes are answered before they act, so the effect of one is certain only behind the answer to something else.
    private ulong Rings(uint vector)
    {
        if (_served.Server.IsConnected && !_client.IsDisposed) _client.Read(7, 0, 0);
        return _doorbells[vector].TryDrain(out ulong count) ? count : 0;
    }
}
