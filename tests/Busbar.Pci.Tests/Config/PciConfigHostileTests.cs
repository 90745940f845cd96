// SPDX-License-Identifier: Apache-2.0
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Busbar.Pci.Tests;

/// <summary>A configuration space that lies costs nothing but a fault.</summary>
public sealed class PciConfigHostileTests
{
    private const int MostCapabilities = 48 + 960;

    [Fact]
    public void Walk_OfALoop_EndsWithAFault()
    {
        PciCapabilityLists lists = Walk(Card().With(0x40, 1, 0x50).With(0x50, 9, 0x40));

        Assert.Equal([0x40, 0x50], lists.All.Select(entry => entry.Offset));
        Assert.Equal(["capability list loops back to 0x40"], lists.Faults);
    }

    [Fact]
    public void Walk_OfALoopOfOne_EndsWithAFault() => Assert.Equal(["capability list loops back to 0x40"], Walk(Card().With(0x40, 1, 0x40)).Faults);

    [Fact]
    public void Walk_IntoTheHeader_EndsWithAFault()
    {
        PciCapabilityLists lists = Walk(Card().With(0x40, 1, 0x10));

        Assert.Single(lists.All);
        Assert.Equal(["capability pointer 0x10 leads into the header"], lists.Faults);
    }

    [Fact]
    public void Walk_BehindAShortSpace_EndsWithAFault() =>
        Assert.Equal(["capability pointer 0x80 leads behind the end, 0x80"], Walk(new ConfigBuilder(128).With32(0, 1).With16(6, 0x10).With(0x34, 0x80)).Faults);

    [Fact]
    public void Walk_WithReservedPointerBits_IgnoresThem() => Assert.Equal([0x40], Walk(Card().With(0x34, 0x43)).All.Select(entry => entry.Offset));

    [Fact]
    public void Walk_WithoutTheStatusBit_FindsNothing() => Assert.Empty(Walk(Card().With16(6, 0)).All);

    [Fact]
    public void Walk_OfTheFirst64Bytes_HasNoFault()
    {
        PciCapabilityLists lists = PciCapabilityLists.Walk(new PciConfigImage(Card().Bytes.AsSpan(0, 64)));

        Assert.Empty(lists.All);
        Assert.Empty(lists.Faults);
    }

    [Fact]
    public void Walk_OfAllOnes_FindsNobody()
    {
        byte[] ones = new byte[4096];
        Array.Fill(ones, byte.MaxValue);
        PciCapabilityLists lists = PciCapabilityLists.Walk(new PciConfigImage(ones));

        Assert.Empty(lists.All);
        Assert.False(PciHeader.Read(new PciConfigImage(ones)).IsPresent);
    }

    [Fact]
    public void Walk_OfAnExtendedLoop_EndsWithAFault()
    {
        PciCapabilityLists lists = Walk(Card(4096).With32(0x100, 0x2001_0001).With32(0x200, 0x1001_0002));

        Assert.Equal([0x40, 0x100, 0x200], lists.All.Select(entry => entry.Offset));
        Assert.Equal(["extended capability list loops back to 0x100"], lists.Faults);
    }

    [Fact]
    public void Walk_FromExtendedToConventional_EndsWithAFault() =>
        Assert.Equal(["extended capability pointer 0x40 leads into the conventional space"], Walk(Card(4096).With32(0x100, 0x0401_0001)).Faults);

    [Fact]
    public void Walk_OfAHiddenFirstExtendedEntry_FollowsItsLink() =>
        Assert.Equal([0x40, 0x120], Walk(Card(4096).With32(0x100, 0x1200_0000).With32(0x120, 0x0001_0003)).All.Select(entry => entry.Offset));

    [Theory]
    [InlineData(2)]
    [InlineData(200)]
    public void Vendor_WithAnImpossibleLength_IsNotDecoded(byte length)
    {
        PciConfigImage image = Card().With(0x40, 9, 0x60, length).With(0x60, 1, 0).Image;

        Assert.False(VendorCapability.TryRead(image, PciCapabilityLists.Walk(image).All[0], out _));
    }

    [Fact]
    public void Image_BeyondItsEnd_ReadsAllOnes()
    {
        var image = new PciConfigImage([1, 2, 3]);

        Assert.Equal((2, 0xFFFF, uint.MaxValue, 0xFF), (image.Read8(1), image.Read16(2), image.Read32(0), image.Read8(-1)));
        Assert.True(image.Slice(2, 100).SequenceEqual(new byte[] { 3 }));
        Assert.True(image.Slice(int.MaxValue, int.MaxValue).IsEmpty);
    }

    [Fact]
    public void Decoders_OfRandomSpaces_StayInside()
    {
        // Random pointers hardly ever meet a capability: so half of the bytes come from the values that mean something.
        Gen<byte> meaningful = Gen.Elements<byte>(0, 1, 3, 5, 9, 0x0B, 0x10, 0x11, 0x23, 0x40, 0x44, 0x48, 0x50, 0x60, 0xFC, 0xFF);
        Gen<byte> any = Gen.Choose(0, 255).Select(value => (byte)value);
        Gen<byte[]> spaces =
            from length in Gen.Elements(0, 1, 63, 64, 65, 128, 255, 256, 257, 300, 4095, 4096)
            from bytes in Gen.OneOf(meaningful, any).ArrayOf(length)
            select Plausible(bytes);
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(2000), Prop.ForAll(spaces.ToArbitrary(), StaysInside));
    }

    private static byte[] Plausible(byte[] bytes)
    {
        if (bytes.Length > 0x34) (bytes[0], bytes[6], bytes[0x34]) = (1, (byte)(bytes[6] | 0x10), (byte)(bytes[0x34] | 0x40));
        return bytes;
    }

    private static bool StaysInside(byte[] bytes)
    {
        var image = new PciConfigImage(bytes);
        PciCapabilityLists lists = PciCapabilityLists.Walk(image);
        Assert.True(lists.All.Count <= MostCapabilities);
        Assert.Equal(lists.All.Count, lists.All.Select(entry => entry.Offset).Distinct().Count());
        Assert.True(lists.Faults.Count <= 2);
        foreach (PciCapability entry in lists.All)
        {
            Assert.True(entry.Extent > 0 && image.Contains(entry.Offset, entry.Extent));
            if (MsiCapability.TryRead(image, entry, out MsiCapability? msi)) Assert.True(msi.Length <= entry.Extent);
            if (MsixCapability.TryRead(image, entry, out MsixCapability? msix)) Assert.InRange(msix.VectorCount, 1, 2048);
            if (VendorCapability.TryRead(image, entry, out VendorCapability? vendor)) Assert.True(vendor.Length <= entry.Extent);
            if (VendorSpecificCapability.TryRead(image, entry, out VendorSpecificCapability? vsec)) Assert.Equal(vsec.Length - 8, vsec.Content.Length);
            if (DesignatedVendorCapability.TryRead(image, entry, out DesignatedVendorCapability? dvsec)) Assert.Equal(dvsec.Length - 10, dvsec.Content.Length);
            _ = PcieCapability.TryRead(image, entry, out _) || PowerManagementCapability.TryRead(image, entry, out _) || DeviceSerialNumber.TryRead(image, entry, out _);
        }

        _ = PciBarRegister.ReadAll(image);
        return true;
    }

    private static ConfigBuilder Card(int length = 256) => new ConfigBuilder(length).With32(0, 1).With16(6, 0x10).With(0x34, 0x40).With(0x40, 1, 0);

    private static PciCapabilityLists Walk(ConfigBuilder builder) => PciCapabilityLists.Walk(builder.Image);
}
