// SPDX-License-Identifier: Apache-2.0
using Xunit;
using static Busbar.Pci.Tests.VfioUserRaw;

namespace Busbar.Pci.Tests;

/// <summary>Reads and writes of regions by message.</summary>
public sealed class VfioUserRegionTests : IDisposable
{
    private const int EINVAL = 22;

    private readonly VfioUserServed _served = new();
    private readonly VfioUserRaw _client;

    public VfioUserRegionTests() => _client = _served.Negotiated();

    [Fact]
    public void Config_ReadWhole_IsTheFunctions()
    {
        byte[] config = _client.Read(7, 0, 256);

        Assert.Equal([0x34, 0x12, 0x78, 0x56], config[..4]);
        Assert.Equal(0xFF, config[0x0B]);
    }

    [Fact]
    public void Config_BarSizing_WorksThroughTheRegion()
    {
        _client.Write32(7, 0x10, 0xFFFFFFFF);
        _client.Write32(7, 0x18, 0xFFFFFFFF);
        _client.Write32(7, 0x1C, 0xFFFFFFFF);

        Assert.Equal(0xFFFFF000u, _client.Read32(7, 0x10));
        Assert.Equal(0xFFF0000Cu, _client.Read32(7, 0x18));
        Assert.Equal(0xFFFFFFFFu, _client.Read32(7, 0x1C));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(8)]
    [InlineData(4096)]
    public void Memory_WrittenAndReadByMessage_IsTheWindow(int size)
    {
        byte[] data = [.. Enumerable.Range(1, size).Select(i => (byte)i)];

        Assert.Equal(0, _client.Ask(10, RegionWrite(2, 8192, data)).Error);

        Assert.Equal(data, _client.Read(2, 8192, (uint)size));
        Assert.Equal(data, _served.Function.Window.ReadSpan(8192, size).ToArray());
    }

    [Fact]
    public void Memory_OfTheLargestTransfer_Passes()
    {
        byte[] data = new byte[1 << 20];
        new Random(1).NextBytes(data);

        Assert.Equal(0, _client.Ask(10, RegionWrite(2, 0, data)).Error);

        Assert.Equal(data, _client.Read(2, 0, 1 << 20));
    }

    [Theory]
    [InlineData(0, 4096, 1)]
    [InlineData(0, 4095, 2)]
    [InlineData(0, -1, 4)]
    [InlineData(0, -4, 8)]
    [InlineData(1, 0, 4)]
    [InlineData(6, 0, 4)]
    [InlineData(7, 256, 1)]
    [InlineData(7, 253, 4)]
    [InlineData(8, 0x3C0, 1)]
    [InlineData(9, 0, 1)]
    [InlineData(100, 0, 1)]
    [InlineData(2, 1, 1 << 20)]
    [InlineData(2, 0, (1 << 20) + 1)]
    [InlineData(2, 0, -1)]
    public void Reads_OutOfBounds_AreRefused(int region, long offset, int count)
    {
        Assert.Equal(EINVAL, _client.Ask(9, RegionRead((uint)region, (ulong)offset, (uint)count)).Error);
        Assert.Equal(0, _served.Function.Accesses);
        Assert.Equal(VfioUserTestFunction.Identity, _client.Read32(0, 0));
    }

    [Fact]
    public void Accesses_OfNothing_SucceedWithNothing()
    {
        Assert.Empty(_client.Read(0, 0, 0));
        Assert.Empty(_client.Read(2, ulong.MaxValue, 0));
        Assert.Equal(0, _client.Ask(10, RegionWrite(6, 5)).Error);
        Assert.Equal(0, _served.Function.Accesses);
    }

    [Fact]
    public void Writes_WhoseLengthContradictsTheCount_AreRefused()
    {
        Assert.Equal(EINVAL, _client.Ask(10, Bytes(4L, 0, 4, (ushort)1)).Error);
        Assert.Equal(EINVAL, _client.Ask(10, Bytes(4L, 0, 4, 1L)).Error);
        Assert.Equal(EINVAL, _client.Ask(10, Bytes(4L, 0)).Error);
        Assert.Equal(EINVAL, _client.Ask(9, Bytes(4L, 0, 4, 0)).Error);
        Assert.Equal(0, _served.Function.Accesses);
    }

    [Fact]
    public void Write_ThatTakesLong_IsAnsweredBeforeItIsDone()
    {
        using var go = new ManualResetEventSlim();
        _served.Function.BeforeWrite = () => go.Wait(10_000);

        _client.Write32(0, VfioUserTestFunction.ScratchRegister, 7);

        Assert.Equal(0, _served.Function.Accesses);
        go.Set();
        Assert.Equal(7u, _client.Read32(0, VfioUserTestFunction.ScratchRegister));
    }

    [Fact]
    public void WriteMulti_Good_WritesAllInOrder()
    {
        byte[] entries = Bytes(3L, 4L, 0, 4, 11L, 4L, 0, 4, 12L, 100L, 2, 8, 0x1122334455667788L);

        Assert.Equal(Bytes(3L), _client.Ask(15, entries).Payload);

        Assert.Equal(12u, _client.Read32(0, 4));
        Assert.Equal(0x55667788u, _client.Read32(2, 100));
    }

    [Fact]
    public void WriteMulti_WithOneBadEntry_WritesNothing()
    {
        Assert.Equal(EINVAL, _client.Ask(15, Bytes(2L, 4L, 0, 4, 11L, 4096L, 0, 4, 12L)).Error);
        Assert.Equal(EINVAL, _client.Ask(15, Bytes(1L, 4L, 0, 9, 11L)).Error);
        Assert.Equal(EINVAL, _client.Ask(15, Bytes(2L, 4L, 0, 4, 11L)).Error);
        Assert.Equal(EINVAL, _client.Ask(15, Bytes(-1L, 4L, 0, 4, 11L)).Error);
        Assert.Equal(EINVAL, _client.Ask(15, Bytes(1L, 4L, 0, 4, 11L, (ushort)1)).Error);
        Assert.Equal(0, _served.Function.Accesses);
        Assert.Equal(Bytes(0L), _client.Ask(15, Bytes(0L)).Payload);
    }

    [Fact]
    public void Messages_SentInOneGo_AreAnsweredInOrder()
    {
        var together = new List<byte>();
        for (ushort id = 1; id <= 100; id++) together.AddRange(Message(id, 9, RegionRead(7, (ulong)(id % 50), 4)));
        together.AddRange(Message(200, 13, []));
        together.AddRange(Message(201, 13, []));
        together.AddRange(Message(202, 13, []));

        _client.Send([.. together]);

        for (ushort id = 1; id <= 100; id++) Assert.Equal(20, _client.Answer(id, 9).Payload.Length);
        for (ushort id = 200; id <= 202; id++) Assert.Equal(0, _client.Answer(id, 13).Error);
    }

    [Fact]
    public void Reader_ThatStopsReading_IsWaitedForAndThenAnswered()
    {
        // Far more answers than a socket's buffer holds.
        const int Reads = 40;
        for (ushort id = 1; id <= Reads; id++) _client.Send(Message(id, 9, RegionRead(2, 0, 1 << 20)));

        for (ushort id = 1; id <= Reads; id++) Assert.Equal((1 << 20) + 16, _client.Answer(id, 9).Payload.Length);
        Assert.Equal(VfioUserTestFunction.Identity, _client.Read32(0, 0));
    }

    [Fact]
    public void Reset_Asked_ResetsTheFunctionBeforeItAnswers()
    {
        _client.Write32(0, VfioUserTestFunction.ScratchRegister, 7);

        Assert.Empty(_client.Ask(13, []).Payload);

        Assert.Equal(1, _served.Function.Resets);
        Assert.Equal(0u, _client.Read32(0, VfioUserTestFunction.ScratchRegister));
        Assert.Equal(EINVAL, _client.Ask(13, [1]).Error);
    }

    public void Dispose()
    {
        _client.Dispose();
        _served.Dispose();
    }
}
