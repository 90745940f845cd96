// SPDX-License-Identifier: Apache-2.0
using Xunit;

namespace Busbar.Memory.Tests;

/// <summary>Construction, disposal and read-only regions.</summary>
public sealed class SharedRegionLifetimeTests
{
    private const int Length = 64;

    public static TheoryData<string, Action<SharedRegion>> Reads => new()
    {
        { "Read8", region => region.Read8(0) },
        { "Read16", region => region.Read16(0) },
        { "Read32", region => region.Read32(0) },
        { "Read64", region => region.Read64(0) },
        { "ReadSpan", region => _ = region.ReadSpan(0, 1).Length },
        { "CopyTo", region => region.CopyTo(0, new byte[1]) },
    };

    public static TheoryData<string, Action<SharedRegion>> Writes => new()
    {
        { "Write8", region => region.Write8(0, 1) },
        { "Write16", region => region.Write16(0, 1) },
        { "Write32", region => region.Write32(0, 1) },
        { "Write64", region => region.Write64(0, 1) },
        { "CompareExchange32", region => region.CompareExchange32(0, 1, 0) },
        { "Span", region => _ = region.Span(0, 1).Length },
        { "CopyFrom", region => region.CopyFrom(0, [1]) },
        { "Clear", region => region.Clear(0, 1) },
    };

    [Theory]
    [MemberData(nameof(Reads), DisableDiscoveryEnumeration = true)]
    [MemberData(nameof(Writes), DisableDiscoveryEnumeration = true)]
    public void Access_AfterDispose_Throws(string name, Action<SharedRegion> access)
    {
        SharedRegion region = SharedRegion.Allocate(Length);
        access(region);

        region.Dispose();

        Assert.NotEmpty(name);
        Assert.Throws<ObjectDisposedException>(() => access(region));
    }

    [Theory]
    [MemberData(nameof(Reads), DisableDiscoveryEnumeration = true)]
    public void Read_OfAReadOnlyRegion_Works(string name, Action<SharedRegion> access)
    {
        using SharedRegion writable = SharedRegion.Allocate(Length);
        using SharedRegion region = ReadOnlyView.Of(writable);

        Exception? thrown = Record.Exception(() => access(region));

        Assert.True(thrown is null, name);
    }

    [Theory]
    [MemberData(nameof(Writes), DisableDiscoveryEnumeration = true)]
    public void Write_ToAReadOnlyRegion_IsRefusedAndChangesNothing(string name, Action<SharedRegion> access)
    {
        using SharedRegion writable = SharedRegion.Allocate(Length);
        using SharedRegion region = ReadOnlyView.Of(writable);

        Assert.NotEmpty(name);
        Assert.Throws<InvalidOperationException>(() => access(region));

        Assert.Equal(0UL, writable.Read64(0));
    }

    [Theory]
    [MemberData(nameof(Writes), DisableDiscoveryEnumeration = true)]
    public void Write_ToADisposedReadOnlyRegion_SaysThatItIsDisposed(string name, Action<SharedRegion> access)
    {
        using SharedRegion writable = SharedRegion.Allocate(Length);
        SharedRegion region = ReadOnlyView.Of(writable);
        region.Dispose();

        Assert.NotEmpty(name);
        Assert.Throws<ObjectDisposedException>(() => access(region));
    }

    [Fact]
    public void ReadOnlyRegion_OverLivingMemory_SeesItChange()
    {
        using SharedRegion writable = SharedRegion.Allocate(Length);
        using SharedRegion region = ReadOnlyView.Of(writable);

        writable.Write32(4, 0xcafe);

        Assert.Equal(0xcafeu, region.Read32(4));
        Assert.True(region.IsReadOnly);
        Assert.False(writable.IsReadOnly);
    }

    [Fact]
    public void Dispose_Twice_DisposesTheOwnerOnce()
    {
        using SharedRegion backing = SharedRegion.Allocate(Length);
        var owner = new CountingOwner();
        var region = new SharedRegion(ReadOnlyView.AddressOf(backing), Length, RegionAccess.Ram, owner);

        region.Dispose();
        region.Dispose();

        Assert.Equal(1, owner.Disposals);
        Assert.Equal(0, region.Length);
    }

    [Fact]
    public void Allocate_OfAnyLength_IsZeroedAndExactlyThatLong()
    {
        using SharedRegion region = SharedRegion.Allocate(4097);

        Assert.Equal(4097, region.Length);
        Assert.True(region.ReadSpan(0, 4097).IndexOfAnyExcept((byte)0) < 0);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void Allocate_OfNothing_Throws(int length) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => SharedRegion.Allocate(length));

    [Theory]
    [InlineData(0, 8)]
    [InlineData(0x1001, 8)]
    [InlineData(0x1004, 8)]
    [InlineData(0x1000, 0)]
    [InlineData(0x1000, -1)]
    public void Constructor_WithAnImpossibleRange_Throws(int address, int length) =>
        Assert.ThrowsAny<ArgumentException>(() => new SharedRegion(address, length, RegionAccess.Ram, owner: null));

    private sealed class CountingOwner : IDisposable
    {
        public int Disposals { get; private set; }

        public void Dispose() => Disposals++;
    }
}
