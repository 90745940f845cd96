// SPDX-License-Identifier: Apache-2.0
using Xunit;

namespace Busbar.Memory.Tests;

/// <summary>The view that announces writes.</summary>
public sealed class SharedRegionWatchTests
{
    [Fact]
    public void Watch_EveryKindOfWrite_IsAnnouncedBeforeItHappens()
    {
        using var region = SharedRegion.Allocate(64);
        var seen = new List<(int Offset, int Length, byte Before)>();
        using var view = SharedRegion.Watch(region, (offset, length) => seen.Add((offset, length, region.Read8(offset))));

        view.Write8(1, 1);
        view.Write16(2, 2);
        view.Write32(4, 3);
        view.Write64(8, 4);
        view.CopyFrom(17, [5, 6, 7]);
        view.Span(24, 8).Fill(8);
        view.Clear(24, 8);
        view.CompareExchange32(32, 9, 0);

        Assert.Equal([(1, 1, 0), (2, 2, 0), (4, 4, 0), (8, 8, 0), (17, 3, 0), (24, 8, 0), (24, 8, 8), (32, 4, 0)], seen);
        Assert.Equal(4ul, region.Read64(8));
        Assert.Equal(9u, region.Read32(32));
    }

    [Fact]
    public void Watch_ObserverThrows_NothingIsWritten()
    {
        using var region = SharedRegion.Allocate(64);
        using var view = SharedRegion.Watch(region, (_, _) => throw new InvalidOperationException("dies here"));

        Assert.Throws<InvalidOperationException>(() => view.Write32(0, 1));
        Assert.Equal(0u, region.Read32(0));
        Assert.Equal(0u, view.Read32(0));
    }

    [Theory]
    [InlineData(-4)]
    [InlineData(62)]
    [InlineData(64)]
    [InlineData(2)]
    public void Watch_WrongAccess_IsRefusedAndNotAnnounced(int offset)
    {
        using var region = SharedRegion.Allocate(64);
        int announced = 0;
        using var view = SharedRegion.Watch(region, (_, _) => announced++);

        Assert.Throws<ArgumentOutOfRangeException>(() => view.Write32(offset, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => view.CopyFrom(62, new byte[3]));
        Assert.Equal(0, announced);
    }

    [Fact]
    public void Watch_ReadOnlyRegion_IsRefused()
    {
        using var readOnly = new SharedRegion(8, 64, RegionAccess.Ram, owner: null, isReadOnly: true);

        Assert.Throws<ArgumentException>(() => SharedRegion.Watch(readOnly, static (_, _) => { }));
    }

    [Fact]
    public void Watch_DisposedView_RefusesAndLeavesTheRegionAlive()
    {
        using var region = SharedRegion.Allocate(64);
        var view = SharedRegion.Watch(region, static (_, _) => { });
        view.Dispose();

        Assert.Throws<ObjectDisposedException>(() => view.Write8(0, 1));
        region.Write8(0, 1);
        Assert.Equal(1, region.Read8(0));
    }
}
