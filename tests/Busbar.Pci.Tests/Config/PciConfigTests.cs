// SPDX-License-Identifier: Apache-2.0
using Xunit;

namespace Busbar.Pci.Tests;

/// <summary>A sound configuration space says what it says.</summary>
public sealed class PciConfigTests
{
    private readonly PciConfigImage _image = ConfigBuilder.NetworkCard().Image;

    [Fact]
    public void Header_OfANetworkCard_HasItsFields()
    {
        PciHeader header = PciHeader.Read(_image);

        Assert.Equal((0x1AF4, 0x1041), (header.VendorId, header.DeviceId));
        Assert.Equal(PciCommands.Memory | PciCommands.BusMaster | PciCommands.IntxDisable, header.Command);
        Assert.Equal(PciStatuses.CapabilityList, header.Status);
        Assert.Equal((0x020000, 1), (header.ClassCode, header.Revision));
        Assert.Equal((0, false, 6), (header.Layout, header.IsMultiFunction, header.BarCount));
        Assert.Equal((0x1AF4, 0x0041), (header.SubsystemVendorId, header.SubsystemId));
        Assert.Equal((11, 1), (header.InterruptLine, header.InterruptPin));
    }

    [Fact]
    public void Bars_OfBothWidths_TakeOneOrTwoRegisters()
    {
        IReadOnlyList<PciBarRegister> bars = PciBarRegister.ReadAll(_image);

        Assert.Equal([0, 1, 2, 4, 5], bars.Select(bar => bar.Index));
        Assert.Equal(0xFEB0_0000UL, bars[0].Address);
        Assert.Equal((0x12_8000_0000UL, true, true, false), (bars[2].Address, bars[2].Is64Bit, bars[2].IsPrefetchable, bars[2].IsIo));
    }

    [Fact]
    public void Bar_OfPorts_IsIo()
    {
        PciBarRegister bar = PciBarRegister.ReadAll(new ConfigBuilder().With32(0x10, 0xC041).Image)[0];

        Assert.True(bar.IsIo);
        Assert.Equal(0xC040UL, bar.Address);
    }

    [Fact]
    public void Bar_LastOneThatClaims64Bits_HasNoUpperHalf()
    {
        PciBarRegister last = PciBarRegister.ReadAll(new ConfigBuilder().With32(0x24, 0xFE00_0004).With32(0x28, 0x1234_5678).Image)[^1];

        Assert.Equal((5, 0xFE00_0000UL, false), (last.Index, last.Address, last.Is64Bit));
    }

    [Fact]
    public void Bridge_HasTwoBarsAndNoSubsystem()
    {
        PciConfigImage bridge = new ConfigBuilder().With(0x0E, 0x81).With32(0x2C, 0x1234_5678).Image;

        Assert.Equal((1, true, 0), (PciHeader.Read(bridge).Layout, PciHeader.Read(bridge).IsMultiFunction, PciHeader.Read(bridge).SubsystemId));
        Assert.Equal(2, PciBarRegister.ReadAll(bridge).Count);
    }

    [Fact]
    public void Lists_OfANetworkCard_AreFollowedToTheirEnds()
    {
        PciCapabilityLists lists = PciCapabilityLists.Walk(_image);

        Assert.Empty(lists.Faults);
        Assert.Equal(
            [(0x11, 0x40), (0x09, 0x50), (0x09, 0x60), (0x09, 0x70), (0x01, 0x78), (0x10, 0x80), (0x05, 0xC0), (0x03, 0x100), (0x0B, 0x110), (0x23, 0x120), (0x7777, 0x140)],
            lists.All.Select(entry => (entry.Id, entry.Offset)));
        Assert.Equal(2, lists.All[^1].Version);
        Assert.Equal(0x10, lists.All[0].Extent);
        Assert.Equal(4096 - 0x140, lists.All[^1].Extent);
    }

    [Fact]
    public void Decoders_OfANetworkCard_ReadEachCapability()
    {
        PciCapabilityLists lists = PciCapabilityLists.Walk(_image);

        Assert.True(MsixCapability.TryRead(_image, lists.Find(PciCapabilityId.Msix)!, out MsixCapability? msix));
        Assert.Equal(new MsixCapability(0x40, true, false, 3, 1, 0, 1, 0x800), msix);
        Assert.Equal(48, msix.TableLength);

        Assert.True(MsiCapability.TryRead(_image, lists.Find(PciCapabilityId.Msi)!, out MsiCapability? msi));
        Assert.Equal(new MsiCapability(0xC0, true, 8, 4, true, true, 0x1_FEE0_1000, 0x4321, 6, 2), msi);
        Assert.Equal(24, msi.Length);

        Assert.True(PcieCapability.TryRead(_image, lists.Find(PciCapabilityId.PciExpress)!, out PcieCapability? pcie));
        Assert.Equal(new PcieCapability(0x80, 2, 0, 256, 256, 4096, true, true, 3, 4, 2, 4), pcie);
        Assert.Equal("endpoint", pcie.PortTypeName);

        Assert.True(PowerManagementCapability.TryRead(_image, lists.Find(PciCapabilityId.PowerManagement)!, out PowerManagementCapability? power));
        Assert.Equal(new PowerManagementCapability(0x78, 3, 3, true), power);

        Assert.True(VendorCapability.TryRead(_image, lists.Find(PciCapabilityId.Vendor)!, out VendorCapability? vendor));
        Assert.Equal((16, 13, 56), (vendor.Length, vendor.Content.Length, vendor.Content.Span[9]));

        Assert.True(DeviceSerialNumber.TryRead(_image, lists.Find(PciExtendedCapabilityId.DeviceSerialNumber)!, out DeviceSerialNumber? serial));
        Assert.Equal("11-22-33-44-55-66-77-88", serial.ToString());

        Assert.True(VendorSpecificCapability.TryRead(_image, lists.Find(PciExtendedCapabilityId.VendorSpecific)!, out VendorSpecificCapability? vsec));
        Assert.Equal((0x1234, 3, 12), (vsec.Id, vsec.Revision, vsec.Length));
        Assert.Equal([0xEF, 0xBE, 0xAD, 0xDE], vsec.Content.ToArray());

        Assert.True(DesignatedVendorCapability.TryRead(_image, lists.Find(PciExtendedCapabilityId.DesignatedVendor)!, out DesignatedVendorCapability? dvsec));
        Assert.Equal((0x1E98, 8, 1, 16), (dvsec.VendorId, dvsec.Id, dvsec.Revision, dvsec.Length));
    }

    [Theory]
    [InlineData(0x0000, 10)]
    [InlineData(0x0080, 14)]
    [InlineData(0x0100, 20)]
    [InlineData(0x0180, 24)]
    public void Msi_OfEachShape_HasItsLength(ushort control, int length)
    {
        PciConfigImage image = new ConfigBuilder().With(0x40, 0x05, 0).With16(0x42, control).Image;

        Assert.True(MsiCapability.TryRead(image, new PciCapability(5, 0x40, length, false, 0), out MsiCapability? msi));
        Assert.Equal(length, msi.Length);
        Assert.False(MsiCapability.TryRead(image, new PciCapability(5, 0x40, length - 1, false, 0), out _));
    }

    [Fact]
    public void Pcie_IntegratedEndpoint_HasNoLink()
    {
        PciConfigImage image = new ConfigBuilder().With(0x40, 0x10, 0).With16(0x42, 0x0092).With32(0x4C, 0xFFFF_FFFF).Image;

        Assert.True(PcieCapability.TryRead(image, new PciCapability(0x10, 0x40, 0x3C, false, 0), out PcieCapability? pcie));
        Assert.Equal(("integrated endpoint", 0, 0), (pcie.PortTypeName, pcie.MaxLinkSpeed, pcie.LinkWidth));
    }
}
