// SPDX-License-Identifier: Apache-2.0
using Xunit;

namespace Busbar.Guest.Tests;

/// <summary>Finding frames in whatever comes.</summary>
public sealed class FrameDecoderTests
{
    [Fact]
    public void Frame_InPieces_IsTakenWhenComplete()
    {
        byte[] bytes = Frame(FrameKind.Output, 7, "hello"u8);
        var decoder = new FrameDecoder();

        for (int i = 0; i < bytes.Length; i++)
        {
            Assert.False(decoder.TryTake(out _, out _, out _));
            bytes.AsSpan(i, 1).CopyTo(decoder.FreeSpace().Span);
            decoder.Filled(1);
        }

        Assert.True(decoder.TryTake(out FrameKind kind, out uint channel, out ReadOnlySpan<byte> payload));
        Assert.Equal(FrameKind.Output, kind);
        Assert.Equal(7u, channel);
        Assert.True(payload.SequenceEqual("hello"u8));
        Assert.Equal(0, decoder.SkippedBytes);
    }

    [Fact]
    public void Garbage_BetweenFrames_IsSkippedAndCounted()
    {
        var random = new Random(3);
        byte[] garbage = new byte[1000];
        var decoder = new FrameDecoder();
        int found = 0;

        for (int round = 0; round < 100; round++)
        {
            random.NextBytes(garbage);
            int length = random.Next(garbage.Length);
            Feed(decoder, garbage.AsSpan(0, length), ref found);
            Feed(decoder, Frame(FrameKind.Exit, (uint)round, [1, 2, 3, 4]), ref found);
        }

        Assert.Equal(100, found);
        Assert.True(decoder.SkippedBytes > 0);
    }

    [Theory]
    [InlineData(4, 99)]
    [InlineData(5, 1)]
    [InlineData(14, 1)]
    [InlineData(15, 0x80)]
    public void Header_ThatMakesNoSense_IsNoFrame(int offset, byte value)
    {
        byte[] bytes = Frame(FrameKind.Output, 7, "hello"u8);
        bytes[offset] = value;
        var decoder = new FrameDecoder();
        int found = 0;

        Feed(decoder, bytes, ref found);
        Feed(decoder, Frame(FrameKind.Hello, 0, [0, 0, 0, 0]), ref found);

        Assert.Equal(1, found);
        Assert.Equal(bytes.Length, decoder.SkippedBytes);
    }

    [Fact]
    public void Frame_OfTheLongestPayload_FitsWhereverItLies()
    {
        var decoder = new FrameDecoder();
        byte[] longest = new byte[FrameDecoder.MostPayload];
        int found = 0;

        Feed(decoder, "x"u8, ref found);
        for (int i = 0; i < 5; i++) Feed(decoder, Frame(FrameKind.Input, 1, longest), ref found);

        Assert.Equal(5, found);
    }

    private static byte[] Frame(FrameKind kind, uint channel, ReadOnlySpan<byte> payload)
    {
        byte[] bytes = new byte[FrameDecoder.HeaderSize + payload.Length];
        FrameDecoder.Encode(kind, channel, payload, bytes);
        return bytes;
    }

    private static void Feed(FrameDecoder decoder, ReadOnlySpan<byte> bytes, ref int found)
    {
        while (!bytes.IsEmpty)
        {
            Span<byte> free = decoder.FreeSpace().Span;
            int count = Math.Min(bytes.Length, free.Length);
            Assert.True(count > 0);
            bytes[..count].CopyTo(free);
            decoder.Filled(count);
            bytes = bytes[count..];
            while (decoder.TryTake(out _, out _, out _)) found++;
        }
    }
}
