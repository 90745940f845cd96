// SPDX-License-Identifier: Apache-2.0
using Busbar.Memory;
using Xunit;

namespace Busbar.Pci.Tests;

/// <summary>A driver's view of a function in the same process.</summary>
public sealed class InProcessDeviceTests : IDisposable
{
    private readonly RegisterFile _registers = SampleFunction.Registers();
    private readonly PciFunction _function;
    private readonly InProcessDevice _device;

    public InProcessDeviceTests()
    {
        _function = SampleFunction.Create(_registers, msi: PciFunctionCapability.Msi(4, hasMasks: true));
        _device = new InProcessDevice(_function, ownsFunction: true);
    }

    public void Dispose() => _device.Dispose();

    [Fact]
    public void Bars_SizedThroughConfigurationSpace_AreThoseOfTheFunction()
    {
        Assert.Equal(new PciBar(0, 0x2000, false, false, false, true), _device.GetBar(0));
        Assert.Equal(new PciBar(2, 0x10000, false, true, true, true), _device.GetBar(2));
        Assert.Equal(0, _device.GetBar(1).Length);
        Assert.Equal(0, _device.GetBar(3).Length);
        Assert.Equal(0x1000, _device.GetBar(4).Length);
        Assert.Equal(0xC000_0000u, _device.Config.Read32(0x10));
        Assert.Equal((0x000Cu, 0x80u), (_device.Config.Read32(0x18), _device.Config.Read32(0x1C)));
        Assert.False(_function.IsMemoryEnabled);
        Assert.Equal(("sample", "in-process"), (_device.Name, _device.Backend));
    }

    [Fact]
    public void MapBar_OfRegisters_TrapsWithTheWidthAskedFor()
    {
        using SharedRegion registers = _device.MapBar(0, RegionAccess.Mmio, 0x1000);

        registers.Write8(5, 0xAB);

        Assert.Equal(0x0000ABF0u, registers.Read32(4));
        Assert.Equal(0x0000ABF0_12345678ul, registers.Read64(0));
        Assert.Equal((0x1000, RegionAccess.Mmio), (registers.Length, registers.Access));
        Assert.Equal(0, _function.Statistics.DecodeOff);
    }

    [Theory]
    [InlineData(0, 0x3000, RegionAccess.Ram)]
    [InlineData(0x1000, 0x2000, RegionAccess.Ram)]
    [InlineData(0x4000, 0x4000, RegionAccess.Ram)]
    [InlineData(0, 0x4000, RegionAccess.Mmio)]
    [InlineData(0x3000, 0x1000, RegionAccess.Mmio)]
    [InlineData(0, 0, RegionAccess.Mmio)]
    public void MapBar_AskedForRam_IsMemoryWhereAGuestCouldMapIt(long offset, int length, RegionAccess expected)
    {
        using SharedRegion region = _device.MapBar(2, RegionAccess.Ram, offset, length);

        region.Write32(0x10, 0xCAFE);

        Assert.Equal(expected, region.Access);
        Assert.Equal(0xCAFEu, _function.GetMemory(2)!.Read32((int)offset + 0x10));
    }

    [Fact]
    public void MapBar_OfWhatIsNotThere_SaysSo()
    {
        Assert.Equal(PciDeviceFault.Unsuitable, Assert.Throws<PciDeviceException>(() => _device.MapBar(1, RegionAccess.Ram)).Fault);
        Assert.Throws<PciDeviceException>(() => _device.MapBar(0, RegionAccess.Mmio, 0x2000));
        Assert.Throws<PciDeviceException>(() => _device.MapBar(0, RegionAccess.Mmio, 0x10));
        Assert.Throws<PciDeviceException>(() => _device.MapBar(0, RegionAccess.Mmio, 0x1000, 0x2000));
        Assert.Throws<PciDeviceException>(() => _device.MapBar(0, RegionAccess.Mmio, -0x1000));
        Assert.Throws<ArgumentOutOfRangeException>(() => _device.GetBar(6));
        Assert.Throws<PciDeviceException>(() => _device.EnableInterrupts(PciInterruptKind.Msi, 5));
    }

    [Theory]
    [InlineData(PciInterruptKind.Msix, 70)]
    [InlineData(PciInterruptKind.Msix, 3)]
    [InlineData(PciInterruptKind.Msi, 4)]
    [InlineData(PciInterruptKind.Msi, 3)]
    public void Interrupts_OfEachVector_ArriveThereAndWakeAPoller(PciInterruptKind kind, int count)
    {
        _device.SetBusMaster(true);
        IReadOnlyList<PciInterrupt> interrupts = _device.EnableInterrupts(kind, count);

        for (int vector = 0; vector < count; vector++)
        {
            Assert.Equal(PciInterruptOutcome.Sent, _function.RaiseInterrupt(vector));
            Assert.Equal(PciInterruptOutcome.Sent, _function.RaiseInterrupt(vector));
            Assert.Equal(2, interrupts[vector].Drain());
            Assert.All(interrupts, interrupt => Assert.Equal(0, interrupt.Drain()));
        }

        Assert.Equal(kind, _function.ActiveInterrupt);
    }

    [Fact]
    public void Interrupts_MaskedByTheDriver_PendAndArriveOnUnmask()
    {
        _device.SetBusMaster(true);
        IReadOnlyList<PciInterrupt> interrupts = _device.EnableInterrupts(PciInterruptKind.Msix, 2);
        using SharedRegion table = _device.MapBar(4, RegionAccess.Mmio);

        table.Write32(16 + 12, 1);
        Assert.Equal(PciInterruptOutcome.Pending, _function.RaiseInterrupt(1));
        Assert.Equal((0, 2ul), (interrupts[1].Drain(), table.Read64(SampleFunction.PendingOffset)));
        table.Write32(16 + 12, 0);

        Assert.Equal((1, 0ul), (interrupts[1].Drain(), table.Read64(SampleFunction.PendingOffset)));
        Assert.Equal(0xFEE0_0000u, table.Read32(16));
        Assert.Equal(0x4001u, table.Read32(16 + 8));
    }

    [Fact]
    public void Intx_LevelUp_InterruptsOncePerDrainWhileItLasts()
    {
        PciInterrupt interrupt = _device.EnableInterrupts(PciInterruptKind.Intx, 1)[0];

        _function.SetIntx(true);
        Assert.Equal(1, interrupt.Drain());
        Assert.Equal(1, interrupt.Drain());
        _function.SetIntx(false);
        Assert.Equal(1, interrupt.Drain());
        Assert.Equal(0, interrupt.Drain());
        _function.SetIntx(true);
        Assert.Equal(1, interrupt.Drain());
    }

    [Fact]
    public void Reset_WithInterruptsAndAddresses_KeepsAddressesAndDropsInterrupts()
    {
        _device.SetBusMaster(true);
        IReadOnlyList<PciInterrupt> interrupts = _device.EnableInterrupts(PciInterruptKind.Msix, 2);
        using SharedRegion registers = _device.MapBar(0, RegionAccess.Mmio, 0x1000);
        using SharedRegion table = _device.MapBar(4, RegionAccess.Mmio);
        table.Write32(12, 1);
        registers.Write32(4, 0xFFFF);
        _function.RaiseInterrupt(0);

        _device.Reset();

        Assert.Equal(1, _function.Statistics.FunctionLevelResets);
        Assert.Equal((0xF0u, 0xC000_0000u), (registers.Read32(4), _device.Config.Read32(0x10)));
        Assert.Equal(0ul, table.Read64(SampleFunction.PendingOffset));
        Assert.Equal(0, interrupts[0].Drain());
        Assert.Equal((true, true), (_function.IsMemoryEnabled, _function.IsBusMaster));
        interrupts = _device.EnableInterrupts(PciInterruptKind.Msix, 2);
        Assert.Equal(0, interrupts[0].Drain());
        _function.RaiseInterrupt(0);
        Assert.Equal(1, interrupts[0].Drain());
    }

    [Fact]
    public void TryRestore_BehindAResetBySomebodyElse_KeepsWindowsAndCounters()
    {
        _device.SetBusMaster(true);
        IReadOnlyList<PciInterrupt> interrupts = _device.EnableInterrupts(PciInterruptKind.Msix, 2);
        using SharedRegion registers = _device.MapBar(0, RegionAccess.Mmio, 0x1000);
        Assert.False(_device.TryRestore());
        _function.Reset();
        _function.RaiseInterrupt(1);
        Assert.Equal((0u, false, false), (_device.Config.Read32(0x10), _function.IsMemoryEnabled, _function.IsBusMaster));

        Assert.True(_device.TryRestore());

        Assert.False(_device.TryRestore());
        Assert.Equal((0xC000_0000u, true, true), (_device.Config.Read32(0x10), _function.IsMemoryEnabled, _function.IsBusMaster));
        Assert.Equal(0, interrupts[1].Drain());
        _function.RaiseInterrupt(1);
        Assert.Equal(1, interrupts[1].Drain());
        _device.DisableInterrupts();
        _device.SetBusMaster(false);
        _function.Reset();
        Assert.True(_device.TryRestore());
        Assert.False(_function.IsBusMaster);
    }

    [Fact]
    public void Dma_OfTheFunction_ReachesWhatWasAllocatedAndNothingElse()
    {
        DmaMemory memory = _device.AllocateDma(5000);
        byte[] data = new byte[4];
        memory.Region.Write32(8, 0x04030201);

        Assert.False(_function.TryReadDma(memory.BusAddress + 8, data));
        _device.SetBusMaster(true);
        Assert.True(_function.TryReadDma(memory.BusAddress + 8, data));
        Assert.Equal([1, 2, 3, 4], data);
        Assert.True(_function.TryWriteDma(memory.BusAddress + 8188, [9, 9, 9, 9]));
        Assert.Equal(0x09090909u, memory.Region.Read32(8188));
        Assert.False(_function.TryWriteDma(memory.BusAddress + 8190, data));
        Assert.False(_function.TryReadDma(memory.BusAddress - 1, data));
        Assert.False(_function.TryReadDma(ulong.MaxValue, data));
        memory.Dispose();
        Assert.False(_function.TryReadDma(memory.BusAddress, data));
        Assert.Equal(5, _function.Statistics.DmaRefused);
    }

    [Fact]
    public void Dispose_OfTheDevice_InvalidatesWhatItHandedOutAndLeavesAForeignFunctionUsable()
    {
        using PciFunction function = SampleFunction.Create();
        var device = new InProcessDevice(function);
        device.SetBusMaster(true);
        PciInterrupt interrupt = device.EnableInterrupts(PciInterruptKind.Msix, 1)[0];
        SharedRegion registers = device.MapBar(0, RegionAccess.Mmio);
        SharedRegion window = device.MapBar(2, RegionAccess.Ram, 0, 0x1000);
        DmaMemory memory = device.AllocateDma(4096);

        device.Dispose();
        device.Dispose();

        Assert.Throws<ObjectDisposedException>(() => registers.Read32(0));
        Assert.Throws<ObjectDisposedException>(() => window.Read32(0));
        Assert.Throws<ObjectDisposedException>(() => memory.Region.Read32(0));
        Assert.Throws<ObjectDisposedException>(() => device.MapBar(0, RegionAccess.Mmio));
        Assert.Equal(0, interrupt.Drain());
        using var second = new InProcessDevice(function);
        Assert.Equal(0x2000, second.GetBar(0).Length);
    }
}
