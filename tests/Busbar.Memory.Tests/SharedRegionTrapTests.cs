// SPDX-License-Identifier: Apache-2.0
using Xunit;

namespace Busbar.Memory.Tests;

/// <summary>The region without memory.</summary>
public sealed class SharedRegionTrapTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(8)]
    public void Trap_EachWidth_ReachesTheHandlerAsSuch(int width)
    {
        var handler = new RecordingHandler(64);
        using var region = SharedRegion.Trap(64, handler);

        AccessWidth.Write(region, width, 8, 0x1122334455667788);
        ulong read = AccessWidth.Read(region, width, 8);

        Assert.Equal([("write", 8, width), ("read", 8, width)], handler.Seen);
        Assert.Equal(width == 8 ? 0x1122334455667788 : 0x1122334455667788 & ((1ul << (8 * width)) - 1), read);
    }

    [Fact]
    public void Trap_Copies_RunAsAlignedWordsWithByteEdges()
    {
        var handler = new RecordingHandler(64);
        using var region = SharedRegion.Trap(64, handler);

        region.CopyFrom(3, [1, 2, 3, 4, 5, 6]);
        byte[] back = new byte[6];
        region.CopyTo(3, back);
        region.Clear(7, 2);

        Assert.Equal(
            [
                ("write", 3, 1), ("write", 4, 4), ("write", 8, 1), ("read", 3, 1), ("read", 4, 4), ("read", 8, 1), ("write", 7, 1), ("write", 8, 1),
            ],
            handler.Seen);
        Assert.Equal([1, 2, 3, 4, 5, 6], back);
        Assert.Equal(0, handler.Bytes[8]);
    }

    [Theory]
    [InlineData(-4)]
    [InlineData(2)]
    [InlineData(64)]
    [InlineData(int.MaxValue - 3)]
    [InlineData(int.MinValue)]
    public void Trap_WrongAccess_IsRefusedAndNeverSeen(int offset)
    {
        var handler = new RecordingHandler(64);
        using var region = SharedRegion.Trap(64, handler);

        Assert.Throws<ArgumentOutOfRangeException>(() => region.Read32(offset));
        Assert.Throws<ArgumentOutOfRangeException>(() => region.Write32(offset, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => region.CopyTo(62, new byte[3]));
        Assert.Throws<ArgumentOutOfRangeException>(() => region.CopyFrom(62, new byte[3]));
        Assert.Throws<ArgumentOutOfRangeException>(() => region.Clear(62, 3));
        Assert.Empty(handler.Seen);
    }

    [Fact]
    public void Trap_SpansExchangesAndWatching_AreRefused()
    {
        using var region = SharedRegion.Trap(64, new RecordingHandler(64));

        Assert.Equal((64, RegionAccess.Mmio, false), (region.Length, region.Access, region.IsReadOnly));
        Assert.Throws<InvalidOperationException>(() => region.Span(0, 4).Length);
        Assert.Throws<InvalidOperationException>(() => region.ReadSpan(0, 4).Length);
        Assert.Throws<InvalidOperationException>(() => region.CompareExchange32(0, 1, 0));
        Assert.Throws<ArgumentException>(() => SharedRegion.Watch(region, static (_, _) => { }));
    }

    [Fact]
    public void Trap_Disposed_RefusesEverything()
    {
        var handler = new RecordingHandler(64);
        var region = SharedRegion.Trap(64, handler);
        region.Dispose();

        Assert.Equal(0, region.Length);
        Assert.Throws<ObjectDisposedException>(() => region.Read8(0));
        Assert.Throws<ObjectDisposedException>(() => region.Write8(0, 1));
        Assert.Throws<ObjectDisposedException>(() => region.CopyTo(0, new byte[1]));
        Assert.Throws<ObjectDisposedException>(() => region.CopyFrom(0, new byte[1]));
        Assert.Throws<ObjectDisposedException>(() => region.Clear(0, 1));
        Assert.Empty(handler.Seen);
    }

    private sealed class RecordingHandler(int length) : IRegionHandler
    {
        public byte[] Bytes { get; } = new byte[length];

        public List<(string Kind, int Offset, int Size)> Seen { get; } = [];

        public ulong Read(int offset, int size)
        {
            Seen.Add(("read", offset, size));
            ulong value = 0;
            for (int i = size - 1; i >= 0; i--) value = (value << 8) | Bytes[offset + i];
            return value;
        }

        public void Write(int offset, int size, ulong value)
        {
            Seen.Add(("write", offset, size));
            for (int i = 0; i < size; i++) Bytes[offset + i] = (byte)(value >> (8 * i));
            Assert.True(size == 8 || value >> (8 * size) == 0, "bytes above the width are zero");
        }
    }
}
