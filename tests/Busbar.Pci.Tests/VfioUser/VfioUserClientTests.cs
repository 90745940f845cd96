// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;
using Busbar.Memory;
using Xunit;

namespace Busbar.Pci.Tests;

/// <summary>Our client as a driver sees it, against our server, over a real socket.</summary>
public sealed class VfioUserClientTests : IDisposable
{
    private readonly VfioUserServed _served = new();
    private readonly VfioUserClient _device;

    public VfioUserClientTests() => _device = VfioUserClient.Connect(_served.Path, 10_000);

    [Fact]
    public void Device_Connected_IsWhatTheFunctionIs()
    {
        Assert.Equal("vfio-user", _device.Backend);
        Assert.Equal(0x56781234u, _device.Config.Read32(0));
        Assert.Equal(256, _device.Config.Length);
        Assert.Equal(new PciBar(0, 4096, IsIo: false, Is64Bit: false, IsPrefetchable: false, IsMappable: false), _device.GetBar(0));
        Assert.Equal(new PciBar(2, VfioUserTestFunction.MemoryLength, IsIo: false, Is64Bit: true, IsPrefetchable: true, IsMappable: true), _device.GetBar(2));
        Assert.Equal(0, _device.GetBar(3).Length);
        Assert.Equal(1, _device.GetInterruptCount(PciInterruptKind.Intx));
        Assert.Equal(0, _device.GetInterruptCount(PciInterruptKind.Msi));
        Assert.Equal(4, _device.GetInterruptCount(PciInterruptKind.Msix));
    }

    [Fact]
    public void Registers_Accessed_ReachTheFunctionWithTheirWidth()
    {
        using SharedRegion registers = _device.MapBar(0, RegionAccess.Mmio);

        registers.Write32(4, 0x11223344);
        registers.Write8(5, 0xAA);

        Assert.Equal(VfioUserTestFunction.Identity, registers.Read32(0));
        Assert.Equal(0x1122AA44u, registers.Read32(4));
        Assert.Equal(0x1122AA44_B0B00001ul, registers.Read64(0));
        Assert.Equal(2, _device.Config.Read16(4) & 2);
    }

    [Fact]
    public void Memory_MappedWhereAllowed_IsShared()
    {
        using SharedRegion memory = _device.MapBar(2, RegionAccess.Ram, 16384, 65536);

        memory.Write32(8, 77);

        Assert.Equal(77u, _served.Function.Window.Read32(16384 + 8));
        Assert.Equal(0, _served.Function.Accesses);
    }

    [Fact]
    public void Memory_OutsideOfTheMappableAreas_IsReachedByMessages()
    {
        using SharedRegion memory = _device.MapBar(2, RegionAccess.Ram);

        memory.Write32(8192, 78);

        Assert.Equal(78u, memory.Read32(8192));
        Assert.Equal(78u, _served.Function.Window.Read32(8192));
        Assert.Equal(VfioUserTestFunction.MemoryLength, memory.Length);
        Assert.True(_served.Function.Accesses > 0);
    }

    [Fact]
    public void Interrupts_Enabled_Arrive()
    {
        using SharedRegion registers = _device.MapBar(0, RegionAccess.Mmio);
        IReadOnlyList<PciInterrupt> vectors = _device.EnableInterrupts(PciInterruptKind.Msix, 4);
        Assert.Equal(0x8003, _device.Config.Read16(VfioUserTestFunction.MsixCapability + 2));

        registers.Write32(VfioUserTestFunction.RaiseRegister, 2);
        registers.Read32(0);

        Assert.Equal([0L, 0, 1, 0], vectors.Select(vector => vector.Drain()));
        _device.DisableInterrupts();
        Assert.False(_served.Function.Host!.Interrupt(PciInterruptKind.Msix, 2, true));
        Assert.Equal(0x0003, _device.Config.Read16(VfioUserTestFunction.MsixCapability + 2));
    }

    [Fact]
    public void Level_HeldHigh_InterruptsAgainAfterEachDrain()
    {
        using SharedRegion registers = _device.MapBar(0, RegionAccess.Mmio);
        PciInterrupt pin = Assert.Single(_device.EnableInterrupts(PciInterruptKind.Intx, 1));
        registers.Write32(VfioUserTestFunction.LevelRegister, 1);
        registers.Read32(0);

        Assert.Equal(1, pin.Drain());
        Assert.Equal(1, pin.Drain());
        registers.Write32(VfioUserTestFunction.LevelRegister, 0);
        registers.Read32(0);
        pin.Drain();
        Assert.Equal(0, pin.Drain());
    }

    [Fact]
    public void DmaMemory_Allocated_IsReachedByTheFunctionUntilItIsFreed()
    {
        using SharedRegion registers = _device.MapBar(0, RegionAccess.Mmio);
        _device.SetBusMaster(true);
        DmaMemory memory = _device.AllocateDma(5000);
        Assert.Equal(8192, memory.Region.Length);
        memory.Region.Write32(4096, 9);

        registers.Write64(VfioUserTestFunction.DmaLowRegister, memory.BusAddress + 4096);
        registers.Write32(VfioUserTestFunction.DmaIncrementRegister, 1);

        Assert.Equal(1u, registers.Read32(VfioUserTestFunction.DmaStatusRegister));
        Assert.Equal(10u, memory.Region.Read32(4096));
        ulong address = memory.BusAddress;
        memory.Dispose();
        Assert.False(_served.Function.Host!.TryReadDma(address, new byte[1]));
        Assert.Equal(4, _device.Config.Read16(4) & 4);
    }

    [Fact]
    public void DmaMemory_ReadByMessage_IsServedWhileTheClientLooks()
    {
        using DmaMemory memory = _device.AllocateDma(4096);
        memory.Region.Write32(0, 0x12345678);
        Errno result = Errno.EAGAIN;
        byte[] got = [];
        int done = 0;
        Assert.True(_served.Server.TryQueueDmaRead(memory.BusAddress, 4, (error, data) =>
        {
            (result, got) = (error, data.ToArray());
            Volatile.Write(ref done, 1);
        }));

        VfioUserServed.Until(() => _device.ServeServer() && Volatile.Read(ref done) == 1, "the server reads");

        Assert.Equal(Errno.None, result);
        Assert.Equal([0x78, 0x56, 0x34, 0x12], got);
    }

    [Fact]
    public void Reset_Asked_StartsOver()
    {
        using SharedRegion registers = _device.MapBar(0, RegionAccess.Mmio);
        registers.Write32(4, 1);

        _device.Reset();

        Assert.Equal(0u, registers.Read32(4));
        Assert.Equal(1, _served.Function.Resets);
    }

    [Fact]
    public void Server_Gone_ReadsAsOnesAndThrowsNowhereOnTheWay()
    {
        using SharedRegion registers = _device.MapBar(0, RegionAccess.Mmio);
        using SharedRegion memory = _device.MapBar(2, RegionAccess.Ram, 0, 4096);
        IReadOnlyList<PciInterrupt> vectors = _device.EnableInterrupts(PciInterruptKind.Msix, 4);

        _served.Server.Dispose();

        VfioUserServed.Until(() => !_device.ServeServer(), "the client notices");
        Assert.True(_device.IsGone);
        Assert.Equal(uint.MaxValue, registers.Read32(0));
        Assert.Equal(0xFF, registers.Read8(0));
        Assert.Equal(ushort.MaxValue, _device.Config.Read16(0));
        registers.Write32(4, 1);
        memory.Write32(0, 5);
        Assert.Equal(5u, memory.Read32(0));
        Assert.All(vectors, vector => Assert.Equal(0, vector.Drain()));
        Assert.Throws<PciDeviceException>(_device.Reset);
        Assert.Throws<PciDeviceException>(() => _device.AllocateDma(4096));
    }

    [Fact]
    public void Connect_ToNobodyOrABusyServer_SaysSo()
    {
        Assert.Equal(PciDeviceFault.NotFound, Assert.Throws<PciDeviceException>(() => VfioUserClient.Connect(_served.Path + "x", 0)).Fault);
        Assert.Equal(PciDeviceFault.Busy, Assert.Throws<PciDeviceException>(() => VfioUserClient.Connect(_served.Path, 5000)).Fault);
    }

    [Fact]
    public void Clients_OneAfterTheOther_FindTheDeviceAsItWasLeft()
    {
        using (SharedRegion registers = _device.MapBar(0, RegionAccess.Mmio)) registers.Write32(4, 99);
        _device.Dispose();

        using VfioUserClient next = VfioUserClient.Connect(_served.Path, 10_000);
        using SharedRegion again = next.MapBar(0, RegionAccess.Mmio);
        Assert.Equal(99u, again.Read32(4));
    }

    public void Dispose()
    {
        _device.Dispose();
        _served.Dispose();
    }
}
