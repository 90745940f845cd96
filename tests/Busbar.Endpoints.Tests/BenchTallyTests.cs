// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Busbar.Endpoints.Tests;

/// <summary>Counting the data of a bench run.</summary>
public sealed class BenchTallyTests
{
    private const uint First = 0xFFFF_FFFA;

    private readonly BenchTally _tally = new();

    [Fact]
    public void Run_AcrossTheWrap_DropsNothing()
    {
        for (uint i = 0; i < 20; i++) Assert.True(_tally.Add(Data(First + i, 40)));

        Assert.Equal((20, 800, 0, 0), (_tally.Received, _tally.Bytes, _tally.Dropped, _tally.Invalid));
    }

    [Fact]
    public void Gap_InTheSequence_CountsWhatIsMissing()
    {
        _tally.Add(Data(First, 9));
        _tally.Add(Data(First + 4, 9));

        Assert.Equal((2, 3), (_tally.Received, _tally.Dropped));
    }

    [Fact]
    public void Duplicate_IsInvalid()
    {
        _tally.Add(Data(First + 1, 9));
        _tally.Add(Data(First + 1, 9));

        Assert.Equal((1, 1), (_tally.Received, _tally.Invalid));
    }

    [Fact]
    public void SecondRun_StartsOver()
    {
        _tally.Add(Data(First, 9));
        _tally.Add(Data(First + 1, 9));
        _tally.Add(Data(First, 9));
        _tally.Add(Data(First + 1, 9));

        Assert.Equal((4, 0, 0), (_tally.Received, _tally.Dropped, _tally.Invalid));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(9)]
    [InlineData(39)]
    public void Byte_ThatIsWrong_MakesTheMessageInvalid(int offset)
    {
        byte[] data = Data(First, 40);
        data[offset] ^= 0x10;

        Assert.False(_tally.Add(data));
        Assert.Equal((0, 1), (_tally.Received, _tally.Invalid));
    }

    [Fact]
    public void Bytes_OfAnyKind_NeverThrow() => Check.One(
        Config.QuickThrowOnFailure,
        Prop.ForAll((byte[] body) =>
        {
            var tally = new BenchTally();
            tally.Add(body);
            tally.Add([0xCC, 0xDE, 0xF1, .. body]);
            tally.Add([0xCC, 0xDE, 0xF1, 0xCA, 0xBE, .. body]);
            return tally.Received + tally.Invalid == 3;
        }));

    private static byte[] Data(uint sequence, int size)
    {
        byte[] data = [.. Enumerable.Range(0, size).Select(i => (byte)i)];
        new byte[] { 0xCC, 0xDE, 0xF1, 0xCA, 0xBE }.CopyTo(data, 0);
        BinaryPrimitives.WriteUInt32LittleEndian(data.AsSpan(5), sequence);
        return data;
    }
}
