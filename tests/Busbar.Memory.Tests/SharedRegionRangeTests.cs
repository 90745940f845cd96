// SPDX-License-Identifier: Apache-2.0
using Xunit;

namespace Busbar.Memory.Tests;

/// <summary>Spans, bulk copies and clearing.</summary>
public sealed class SharedRegionRangeTests
{
    private const int Length = 64;

    public static TheoryData<int, int> RangesOutside => new()
    {
        { -1, 1 }, { 0, 65 }, { 64, 1 }, { 63, 2 }, { 65, 0 }, { int.MaxValue, 1 }, { int.MaxValue, int.MaxValue }, { 1, int.MaxValue },
        { int.MinValue, 1 }, { -8, 16 }, { 0, -1 }, { 8, int.MinValue }, { -1, -1 },
    };

    public static TheoryData<RegionAccess> Modes => new() { RegionAccess.Ram, RegionAccess.Mmio };

    [Theory]
    [MemberData(nameof(RangesOutside))]
    public void Span_OutsideTheRegion_Throws(int offset, int length)
    {
        using SharedRegion region = SharedRegion.Allocate(Length);

        Assert.Throws<ArgumentOutOfRangeException>(() => region.Span(offset, length).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => region.ReadSpan(offset, length).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => region.Clear(offset, length));
    }

    [Theory]
    [InlineData(-1, 1)]
    [InlineData(0, 65)]
    [InlineData(64, 1)]
    [InlineData(57, 8)]
    [InlineData(int.MaxValue, 8)]
    [InlineData(int.MinValue, 8)]
    public void Copies_OutsideTheRegion_Throw(int offset, int length)
    {
        using SharedRegion ram = SharedRegion.Allocate(Length);
        using SharedRegion mmio = SharedRegion.Allocate(Length, RegionAccess.Mmio);
        byte[] buffer = new byte[length];

        Assert.Throws<ArgumentOutOfRangeException>(() => ram.CopyTo(offset, buffer));
        Assert.Throws<ArgumentOutOfRangeException>(() => ram.CopyFrom(offset, buffer));
        Assert.Throws<ArgumentOutOfRangeException>(() => mmio.CopyTo(offset, buffer));
        Assert.Throws<ArgumentOutOfRangeException>(() => mmio.CopyFrom(offset, buffer));
    }

    [Fact]
    public void Span_OverTheWholeRegion_ShowsItsBytes()
    {
        using SharedRegion region = SharedRegion.Allocate(Length);

        region.Span(0, Length).Fill(0x5a);
        region.Span(Length, 0).Fill(0xff);

        Assert.Equal(0x5a5a_5a5a_5a5a_5a5aUL, region.Read64(56));
        Assert.True(region.ReadSpan(0, Length).IndexOfAnyExcept((byte)0x5a) < 0);
    }

    [Fact]
    public void Span_OfDeviceMemory_IsRefused()
    {
        using SharedRegion region = SharedRegion.Allocate(Length, RegionAccess.Mmio);

        Assert.Throws<InvalidOperationException>(() => region.Span(0, 1).Length);
        Assert.Throws<InvalidOperationException>(() => region.ReadSpan(0, 1).Length);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void CopyTo_AtEveryAlignmentAndLength_IsByteExact(RegionAccess access)
    {
        using SharedRegion region = SharedRegion.Allocate(Length, access);
        for (int i = 0; i < Length; i++) region.Write8(i, (byte)(i + 1));

        for (int offset = 0; offset < 8; offset++)
        {
            for (int length = 0; length <= 40; length++)
            {
                byte[] destination = [.. Enumerable.Repeat((byte)0xee, length + 2)];

                region.CopyTo(offset, destination.AsSpan(1, length));

                byte[] expected = [0xee, .. Enumerable.Range(offset + 1, length).Select(value => (byte)value), 0xee];
                Assert.Equal(expected, destination);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void CopyFrom_AtEveryAlignmentAndLength_IsByteExact(RegionAccess access)
    {
        using SharedRegion region = SharedRegion.Allocate(Length, access);

        for (int offset = 0; offset < 8; offset++)
        {
            for (int length = 0; length <= 40; length++)
            {
                for (int i = 0; i < Length; i++) region.Write8(i, 0xee);
                byte[] source = [.. Enumerable.Range(1, length).Select(value => (byte)value)];

                region.CopyFrom(offset, source);

                byte[] expected = [.. Enumerable.Repeat((byte)0xee, Length)];
                source.CopyTo(expected, offset);
                Assert.Equal(expected, Enumerable.Range(0, Length).Select(region.Read8));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void Clear_AtEveryAlignmentAndLength_ZeroesThatRangeOnly(RegionAccess access)
    {
        using SharedRegion region = SharedRegion.Allocate(Length, access);

        for (int offset = 0; offset < 8; offset++)
        {
            for (int length = 0; length <= 40; length++)
            {
                for (int i = 0; i < Length; i++) region.Write8(i, 0xee);

                region.Clear(offset, length);

                byte[] expected = [.. Enumerable.Repeat((byte)0xee, Length)];
                expected.AsSpan(offset, length).Clear();
                Assert.Equal(expected, Enumerable.Range(0, Length).Select(region.Read8));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void Copies_ToTheLastByte_Work(RegionAccess access)
    {
        using SharedRegion region = SharedRegion.Allocate(Length, access);
        byte[] tail = [9, 8, 7];
        byte[] read = new byte[3];

        region.CopyFrom(Length - 3, tail);
        region.CopyTo(Length - 3, read);
        region.CopyFrom(Length, []);
        region.CopyTo(Length, []);

        Assert.Equal(tail, read);
    }
}
