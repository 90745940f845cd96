// SPDX-License-Identifier: Apache-2.0
using Xunit;

namespace Busbar.Memory.Tests;

/// <summary>Bounds, alignment and byte order of the exact-width accessors.</summary>
public sealed class SharedRegionAccessTests
{
    private const int Length = 64;

    public static TheoryData<int, RegionAccess> Widths => new()
    {
        { 1, RegionAccess.Ram }, { 2, RegionAccess.Ram }, { 4, RegionAccess.Ram }, { 8, RegionAccess.Ram },
        { 1, RegionAccess.Mmio }, { 2, RegionAccess.Mmio }, { 4, RegionAccess.Mmio }, { 8, RegionAccess.Mmio },
    };

    [Theory]
    [MemberData(nameof(Widths))]
    public void Access_AtEveryOffset_WorksExactlyWhereItFitsAndIsAligned(int width, RegionAccess access)
    {
        using SharedRegion region = SharedRegion.Allocate(Length, access);

        for (int offset = -16; offset <= Length + 16; offset++)
        {
            bool legal = offset >= 0 && offset + width <= Length && offset % width == 0;
            if (legal)
            {
                AccessWidth.Write(region, width, offset, 0xf0e1_d2c3_b4a5_9687 + (ulong)offset);
                ulong mask = width == 8 ? ulong.MaxValue : (1UL << (8 * width)) - 1;
                Assert.Equal((0xf0e1_d2c3_b4a5_9687 + (ulong)offset) & mask, AccessWidth.Read(region, width, offset));
            }
            else
            {
                Assert.Throws<ArgumentOutOfRangeException>(() => AccessWidth.Read(region, width, offset));
                Assert.Throws<ArgumentOutOfRangeException>(() => AccessWidth.Write(region, width, offset, ulong.MaxValue));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void Access_AtOffsetsThatOverflow_Throws(int width, RegionAccess access)
    {
        using SharedRegion region = SharedRegion.Allocate(Length, access);
        int[] offsets = [int.MaxValue, int.MaxValue - 1, int.MaxValue - 3, int.MaxValue - 7, int.MinValue, int.MinValue + 8, -8, -1];

        foreach (int offset in offsets)
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => AccessWidth.Read(region, width, offset));
            Assert.Throws<ArgumentOutOfRangeException>(() => AccessWidth.Write(region, width, offset, 0));
        }
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void Write_OfOneValue_TouchesItsBytesOnly(int width, RegionAccess access)
    {
        using SharedRegion region = SharedRegion.Allocate(Length, access);

        AccessWidth.Write(region, width, 16, ulong.MaxValue);

        for (int i = 0; i < Length; i++) Assert.Equal(i >= 16 && i < 16 + width ? 0xff : 0, region.Read8(i));
    }

    [Fact]
    public void Write_OfWideValues_IsLittleEndian()
    {
        using SharedRegion region = SharedRegion.Allocate(Length);

        region.Write64(8, 0x0807_0605_0403_0201);

        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8], region.ReadSpan(8, 8).ToArray());
        Assert.Equal(0x0403_0201u, region.Read32(8));
        Assert.Equal(0x0807, region.Read16(14));
    }

    [Fact]
    public void CompareExchange_WhenExpectationHolds_ReplacesAndReturnsIt()
    {
        using SharedRegion region = SharedRegion.Allocate(Length);
        region.Write32(60, 7);

        uint before = region.CompareExchange32(60, 9, 7);

        Assert.Equal(7u, before);
        Assert.Equal(9u, region.Read32(60));
    }

    [Fact]
    public void CompareExchange_WhenExpectationFails_LeavesTheValue()
    {
        using SharedRegion region = SharedRegion.Allocate(Length);
        region.Write32(0, 7);

        uint before = region.CompareExchange32(0, 9, 8);

        Assert.Equal(7u, before);
        Assert.Equal(7u, region.Read32(0));
    }

    [Theory]
    [InlineData(-4)]
    [InlineData(2)]
    [InlineData(61)]
    [InlineData(64)]
    [InlineData(int.MaxValue)]
    public void CompareExchange_OutsideOrUnaligned_Throws(int offset)
    {
        using SharedRegion region = SharedRegion.Allocate(Length);

        Assert.Throws<ArgumentOutOfRangeException>(() => region.CompareExchange32(offset, 1, 0));
    }

    [Fact]
    public void CompareExchange_FromFourThreads_LosesNoIncrement()
    {
        const int Rounds = 20_000;
        using SharedRegion region = SharedRegion.Allocate(Length);

        Parallel.For(0, 4, new ParallelOptions { MaxDegreeOfParallelism = 4 }, _ =>
        {
            for (int i = 0; i < Rounds; i++)
            {
                uint seen;
                do seen = region.Read32(4);
                while (region.CompareExchange32(4, seen + 1, seen) != seen);
            }
        });

        Assert.Equal(4u * Rounds, region.Read32(4));
    }

    [Fact]
    public void CompareExchange_OnDeviceMemory_IsRefused()
    {
        using SharedRegion region = SharedRegion.Allocate(Length, RegionAccess.Mmio);

        Assert.Throws<InvalidOperationException>(() => region.CompareExchange32(0, 1, 0));
    }
}
