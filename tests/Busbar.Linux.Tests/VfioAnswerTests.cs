// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using Xunit;

namespace Busbar.Linux.Tests;

/// <summary>What VFIO answers is checked before it is used.</summary>
public sealed class VfioAnswerTests
{
    private const int Page = 4096;
    private const uint Mappable = 7;
    private const uint WithCapabilities = 0xF;

    [Fact]
    public void Region_Mappable_IsOneArea()
    {
        VfioRegion region = VfioDevice.ParseRegion(Region(Mappable, 2, 0, 0x10_0000, 2UL << 40), 2, Page)!;

        Assert.Equal((2, 0x10_0000L, 2L << 40, true, true), (region.Index, region.Length, region.FileOffset, region.IsReadable, region.IsWritable));
        Assert.Equal([new VfioMappableArea(0, 0x10_0000)], region.Mappable);
    }

    [Fact]
    public void Region_WithMsixMappableOnly_IsOneArea()
    {
        byte[] info = [.. Region(WithCapabilities, 1, 32, 0x1000, 1UL << 40), .. Capability(3, 0)];

        Assert.Equal([new VfioMappableArea(0, 0x1000)], VfioDevice.ParseRegion(info, 1, Page)!.Mappable);
    }

    [Fact]
    public void Region_WithSparseAreas_KeepsThoseThatFit()
    {
        (ulong, ulong)[] areas = [(0, 0x1000), (0x2000, 0x1000), (0x3000, 0x2000), (0x1800, 0x100), (0x1000, 0), (ulong.MaxValue, 2)];
        byte[] info = [.. Region(WithCapabilities, 0, 32, 0x4000, 0), .. Areas(areas, 6)];

        Assert.Equal([new VfioMappableArea(0, 0x1000), new VfioMappableArea(0x2000, 0x1000)], VfioDevice.ParseRegion(info, 0, Page)!.Mappable);
    }

    [Fact]
    public void Region_WithMoreAreasThanItHolds_ReadsThoseThatAreThere()
    {
        byte[] info = [.. Region(WithCapabilities, 0, 32, 0x4000, 0), .. Areas([(0, 0x1000)], uint.MaxValue)];

        Assert.Single(VfioDevice.ParseRegion(info, 0, Page)!.Mappable);
    }

    [Theory]
    [InlineData(1, 0x1000UL, 0UL)]
    [InlineData(0, ulong.MaxValue, 0UL)]
    [InlineData(0, 0x1000UL, 1UL << 63)]
    public void Region_ThatCannotBe_IsNone(uint index, ulong size, ulong offset) => Assert.Null(VfioDevice.ParseRegion(Region(Mappable, index, 0, size, offset), 0, Page));

    [Fact]
    public void Region_AtAnOddPlace_CannotBeMapped() => Assert.Empty(VfioDevice.ParseRegion(Region(Mappable, 0, 0, 0x1000, 0x800), 0, Page)!.Mappable);

    [Fact]
    public void Chain_ThatLoops_Ends()
    {
        byte[] info = [.. Region(WithCapabilities, 0, 32, 0x1000, 0), .. Capability(9, 32)];

        Assert.Equal(-1, VfioCapabilities.Find(info, 32, 1));
        Assert.Equal(-1, VfioCapabilities.Find(info, 36, 1));
        Assert.Equal(-1, VfioCapabilities.Find(info, uint.MaxValue, 1));
        Assert.Equal(32, VfioCapabilities.Find(info, 32, 9));
    }

    [Fact]
    public void Ranges_OfAnIommu_AreReadAsFarAsTheyAreThere()
    {
        byte[] info = [.. Iommu(24), .. RangeList([(0, 0xFEDF_FFFF), (5, 5), (0xFEF0_0000, ulong.MaxValue)], 400)];

        Assert.Equal([new IovaRange(0, 0xFEDF_FFFF), new IovaRange(0xFEF0_0000, ulong.MaxValue)], VfioContainer.ParseRanges(info));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(23)]
    [InlineData(uint.MaxValue)]
    public void Ranges_WithoutAList_AreTheUsual(uint at) => Assert.Equal([new IovaRange(0, 0xFEDF_FFFF)], VfioContainer.ParseRanges(Iommu(at)));

    [Theory]
    [InlineData(1u, 0x1000UL | (1UL << 21), 0x1000UL)]
    [InlineData(1u, 1UL << 16 | 1UL << 29, 1UL << 16)]
    [InlineData(3u, 1UL << 63, 1UL << 63)]
    [InlineData(1u, 0UL, 1UL)]
    [InlineData(2u, 0x1000UL, 1UL)]
    public void SmallestPage_OfAnIommu_IsItsLowestSize(uint flags, ulong sizes, ulong smallest)
    {
        Assert.Equal(smallest, VfioContainer.ParseSmallestPage(Bytes(24u, flags, sizes, 0u, 0u)));
        Assert.Equal(1UL, VfioContainer.ParseSmallestPage(Bytes(24u, flags, sizes)));
    }

    [Fact]
    public void DmaPages_AreWholeAndZero()
    {
        DmaPages pages = DmaPages.Allocate(1);
        using Memory.SharedRegion region = pages.Region;

        Assert.Equal(Environment.SystemPageSize, pages.Length);
        Assert.Equal(0u, region.Read32(0));
        region.Write32(pages.Length - 4, 7);
        Assert.Equal(7u, region.Read32(pages.Length - 4));
    }

    private static byte[] Bytes(params object[] fields)
    {
        var bytes = new List<byte>();
        foreach (object field in fields)
        {
            byte[] piece = new byte[field is ulong ? 8 : field is ushort ? 2 : 4];
            if (field is ulong large) BinaryPrimitives.WriteUInt64LittleEndian(piece, large);
            else if (field is ushort small) BinaryPrimitives.WriteUInt16LittleEndian(piece, small);
            else BinaryPrimitives.WriteUInt32LittleEndian(piece, (uint)field);
            bytes.AddRange(piece);
        }

        return [.. bytes];
    }

    private static byte[] Region(uint flags, uint index, uint capabilities, ulong size, ulong offset) => Bytes(32u, flags, index, capabilities, size, offset);

    private static byte[] Capability(ushort id, uint next) => Bytes(id, (ushort)1, next);

    private static byte[] Areas((ulong, ulong)[] areas, uint count) =>
        [.. Capability(1, 0), .. Bytes(count, 0u), .. areas.SelectMany(area => Bytes(area.Item1, area.Item2))];

    private static byte[] Iommu(uint capabilities) => Bytes(24u, 3u, 0x1000UL, capabilities, 0u);

    private static byte[] RangeList((ulong, ulong)[] ranges, uint count) =>
        [.. Capability(1, 0), .. Bytes(count, 0u), .. ranges.SelectMany(range => Bytes(range.Item1, range.Item2))];
}
