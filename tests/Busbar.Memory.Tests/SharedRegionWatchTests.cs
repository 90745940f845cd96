// SPDX-License-Identifier: Apache-2.0
using Xunit;

namespace Busbar.Memory.Tests;

/// <summary>Views that announce each write before it happens.</summary>
public sealed class SharedRegionWatchTests
{
    private const int Length = 64;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(8)]
    public void Write_ThroughAWatchedView_IsAnnouncedBeforeItHappens(int width)
    {
        using SharedRegion region = SharedRegion.Allocate(Length);
        var announced = new List<(int Offset, int Length, byte Before)>();
        using SharedRegion view = SharedRegion.Watch(region, (offset, length) => announced.Add((offset, length, region.Read8(offset))));

        AccessWidth.Write(view, width, 16, 0x1111_1111_1111_1111);

        Assert.Equal([(16, width, (byte)0)], announced);
        Assert.Equal(0x11, region.Read8(16));
    }

    [Fact]
    public void BulkWrites_ThroughAWatchedView_AreAnnouncedAsOneRange()
    {
        using SharedRegion region = SharedRegion.Allocate(Length);
        var announced = new List<(int Offset, int Length)>();
        using SharedRegion view = SharedRegion.Watch(region, (offset, length) => announced.Add((offset, length)));

        view.CopyFrom(3, [1, 2, 3]);
        view.Clear(10, 5);
        view.Span(20, 4).Fill(9);
        view.CompareExchange32(32, 7, 0);

        Assert.Equal([(3, 3), (10, 5), (20, 4), (32, 4)], announced);
        Assert.Equal([1, 2, 3], region.ReadSpan(3, 3).ToArray());
        Assert.Equal(7u, region.Read32(32));
    }

    [Fact]
    public void WrongWrites_ThroughAWatchedView_ThrowUnannounced()
    {
        using SharedRegion region = SharedRegion.Allocate(Length);
        int announced = 0;
        SharedRegion view = SharedRegion.Watch(region, (_, _) => announced++);

        Assert.Throws<ArgumentOutOfRangeException>(() => view.Write32(2, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => view.Write32(Length, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => view.Write64(int.MaxValue - 7, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => view.Clear(60, 5));
        view.Dispose();
        Assert.Throws<ObjectDisposedException>(() => view.Write32(0, 1));

        Assert.Equal(0, announced);
        Assert.Equal(0UL, region.Read64(0));
    }

    [Fact]
    public void Watch_OfAReadOnlyRegion_IsRefused()
    {
        using SharedRegion writable = SharedRegion.Allocate(Length);
        using SharedRegion readOnly = ReadOnlyView.Of(writable);

        Assert.Throws<ArgumentException>(() => SharedRegion.Watch(readOnly, (_, _) => { }));
    }
}
