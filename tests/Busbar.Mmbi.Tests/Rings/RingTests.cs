// SPDX-License-Identifier: Apache-2.0
using Busbar.Memory;
using Xunit;

namespace Busbar.Mmbi.Tests;

/// <summary>The classic cases of a one-way ring of packets, in every dialect.</summary>
public sealed class RingTests
{
    public static TheoryData<string> Dialects => RingPair.Dialects;

    [Theory, MemberData(nameof(Dialects))]
    public void Read_Empty_FindsNothing(string dialect)
    {
        using var ring = RingPair.Of(dialect);

        Assert.Null(ring.Receive());
        Assert.Equal(RingViolation.None, ring.Consumer.Violation);
    }

    [Theory, MemberData(nameof(Dialects))]
    public void Write_TooLarge_IsRefused(string dialect)
    {
        using var ring = RingPair.Of(dialect);

        Assert.False(ring.Stage(new byte[64 - MmbiRing.Gap - 4 + 1]));
        Assert.False(ring.Producer.HasStaged);
    }

    [Theory, MemberData(nameof(Dialects))]
    public void Write_NoPayload_IsRefused(string dialect)
    {
        using var ring = RingPair.Of(dialect);

        Assert.False(ring.Producer.TryReserve(0, MmbiPacketType.Mctp, out _));
        Assert.False(ring.Producer.TryReserve(-1, MmbiPacketType.Mctp, out _));
        Assert.False(ring.Producer.TryReserve(int.MaxValue, MmbiPacketType.Mctp, out _));
    }

    [Theory, MemberData(nameof(Dialects))]
    public void Write_ExactlyFull_LeavesTheGapAndArrives(string dialect)
    {
        using var ring = RingPair.Of(dialect);
        byte[] payload = RingPair.Bytes(64 - MmbiRing.Gap - 4);

        Assert.True(ring.Send(payload));

        Assert.Equal(0, ring.Producer.Free);
        Assert.False(ring.Stage([1]));
        Assert.Equal(64u - MmbiRing.Gap, ring.WritePointer);
        Assert.Equal(payload, ring.Receive());
    }

    [Theory, MemberData(nameof(Dialects))]
    public void Write_Uncommitted_IsInvisible(string dialect)
    {
        using var ring = RingPair.Of(dialect);

        Assert.True(ring.Stage(RingPair.Bytes(4)));

        Assert.Null(ring.Receive());
        Assert.Equal(0u, ring.WritePointer);
    }

    [Theory, MemberData(nameof(Dialects))]
    public void Commit_Twice_PublishesOnce(string dialect)
    {
        using var ring = RingPair.Of(dialect);
        ring.Stage(RingPair.Bytes(4));

        ring.Producer.Commit();
        ring.Producer.Commit();

        Assert.Equal(8u, ring.WritePointer);
        Assert.Equal(RingPair.Bytes(4), ring.Receive());
        Assert.Null(ring.Receive());
    }

    [Theory, MemberData(nameof(Dialects))]
    public void Commit_Batch_KeepsOrderAndFlags(string dialect)
    {
        using var ring = RingPair.Of(dialect);
        ring.Stage(RingPair.Bytes(3));
        ring.Stage(RingPair.Bytes(8, 10));
        ring.Stage(RingPair.Bytes(1, 99));

        ring.Producer.Commit();

        Assert.Equal(StatusWords.Up, ring.Window.Read32(RingPair.WriteWord) & StatusWords.FlagMask);
        Assert.Equal(RingPair.Bytes(3), ring.Take());
        Assert.Equal(RingPair.Bytes(8, 10), ring.Take());
        Assert.Equal(RingPair.Bytes(1, 99), ring.Take());
        Assert.Null(ring.Take());
    }

    [Theory, MemberData(nameof(Dialects))]
    public void Payload_WrapsInTheMiddle_ArrivesInTwoPieces(string dialect)
    {
        using var ring = RingPair.Of(dialect);
        ring.Send(RingPair.Bytes(40));
        ring.Receive();

        ring.Send(RingPair.Bytes(32, 100));
        ring.Consumer.Look();
        bool peeked = ring.Consumer.TryPeek(out MmbiPacket packet);

        Assert.True(peeked);
        Assert.Equal(RingPair.Bytes(16, 100), packet.First.ToArray());
        Assert.Equal(RingPair.Bytes(16, 116), packet.Second.ToArray());
    }

    [Theory, MemberData(nameof(Dialects))]
    public void Payload_StartsAtTheRingsStart_WhenTheHeaderEndsTheRing(string dialect)
    {
        using var ring = RingPair.Of(dialect);
        ring.Send(RingPair.Bytes(52));
        ring.Receive();
        ring.Send(RingPair.Bytes(1));
        ring.Receive();
        Assert.Equal(0u, ring.WritePointer % 64);
        ring.Send(RingPair.Bytes(40));
        ring.Receive();
        ring.Send(RingPair.Bytes(12));
        ring.Receive();
        Assert.Equal(60u, ring.WritePointer);

        ring.Send(RingPair.Bytes(20, 7));
        ring.Consumer.Look();
        bool peeked = ring.Consumer.TryPeek(out MmbiPacket packet);

        Assert.True(peeked);
        Assert.Equal(RingPair.Bytes(20, 7), packet.First.ToArray());
        Assert.True(packet.Second.IsEmpty);
    }

    [Theory, MemberData(nameof(Dialects))]
    public void Abort_ForgetsWhatWasStaged(string dialect)
    {
        using var ring = RingPair.Of(dialect);
        ring.Send(RingPair.Bytes(4, 1));
        ring.Stage(RingPair.Bytes(20, 50));

        ring.Producer.Abort();
        ring.Send(RingPair.Bytes(4, 2));

        Assert.Equal(RingPair.Bytes(4, 1), ring.Take());
        Assert.Equal(RingPair.Bytes(4, 2), ring.Take());
        Assert.Null(ring.Take());
    }

    [Theory, MemberData(nameof(Dialects))]
    public void Abort_AcrossTheWrap_RestoresTheCursor(string dialect)
    {
        using var ring = RingPair.Of(dialect);
        ring.Send(RingPair.Bytes(44));
        ring.Receive();
        ring.Stage(RingPair.Bytes(24, 50));
        int free = ring.Producer.Free;

        ring.Producer.Abort();
        ring.Send(RingPair.Bytes(30, 3));

        Assert.Equal(28, free);
        Assert.Equal(RingPair.Bytes(30, 3), ring.Receive());
    }

    [Theory, MemberData(nameof(Dialects))]
    public void Peek_WithoutAdvance_ShowsTheSamePacket(string dialect)
    {
        using var ring = RingPair.Of(dialect);
        ring.Send(RingPair.Bytes(5));
        ring.Send(RingPair.Bytes(6));
        ring.Consumer.Look();

        ring.Consumer.TryPeek(out MmbiPacket first);
        ring.Consumer.TryPeek(out MmbiPacket second);

        Assert.Equal(5, first.Length);
        Assert.Equal(5, second.Length);
    }

    [Theory, MemberData(nameof(Dialects))]
    public void Peek_AfterConsumingEverything_FindsNothing(string dialect)
    {
        using var ring = RingPair.Of(dialect);
        ring.Send(RingPair.Bytes(5));
        ring.Receive();

        Assert.False(ring.Consumer.TryPeek(out _));
        Assert.Equal(0, ring.Consumer.Available);
    }

    [Theory, MemberData(nameof(Dialects))]
    public void Advance_WithoutPublish_FreesNothing(string dialect)
    {
        using var ring = RingPair.Of(dialect);
        ring.Send(RingPair.Bytes(40));
        ring.Take();

        bool before = ring.Stage(RingPair.Bytes(40));
        ring.Consumer.Publish();
        bool after = ring.Stage(RingPair.Bytes(40));

        Assert.False(before);
        Assert.True(after);
    }

    [Theory, MemberData(nameof(Dialects))]
    public void Write_FullThenOneRead_FindsRoomAgain(string dialect)
    {
        using var ring = RingPair.Of(dialect);
        while (ring.Send(RingPair.Bytes(4)))
        {
        }

        ring.Receive();

        Assert.True(ring.Send(RingPair.Bytes(4, 77)));
        Assert.False(ring.Send(RingPair.Bytes(4)));
    }

    [Theory, MemberData(nameof(Dialects))]
    public void Slot_MoreThanReserved_Throws(string dialect)
    {
        using var ring = RingPair.Of(dialect);

        Assert.Throws<ArgumentOutOfRangeException>(() =>
        {
            ring.Producer.TryReserve(3, MmbiPacketType.Mctp, out MmbiSlot slot);
            slot.Append([1, 2, 3, 4]);
        });
    }

    [Theory, MemberData(nameof(Dialects))]
    public void TryWrite_AndTryReserve_MakeTheSameBytes(string dialect)
    {
        foreach (RegionAccess access in Enum.GetValues<RegionAccess>())
        {
            using var whole = RingPair.Of(dialect, 64, access);
            using var pieces = RingPair.Of(dialect, 64, access);
            for (int length = 4; length < 52; length++)
            {
                byte[] payload = RingPair.Bytes(length, length);
                uint head = BitConverter.ToUInt32(payload);
                int cut = Math.Min(1 + (length % 3), length - 4);
                Assert.True(whole.Producer.TryWrite(MmbiPacketType.Mctp, head, payload.AsSpan(4, cut), payload.AsSpan(4 + cut)));
                whole.Producer.Commit();
                Assert.True(pieces.Send(payload));

                Assert.Equal(pieces.WritePointer, whole.WritePointer);
                Assert.Equal(payload, whole.Receive());
                Assert.Equal(payload, pieces.Receive());
            }
        }
    }

    [Theory]
    [InlineData("v1.0-aspeed", 64u)]
    [InlineData("v1.0-espi", 64u)]
    [InlineData("v1.1", 0u)]
    public void Pointers_LandingOnTheEnd_AreWhatThatWriterExpects(string dialect, uint expected)
    {
        using var ring = RingPair.Of(dialect);
        ring.Send(RingPair.Bytes(28));
        ring.Receive();

        ring.Send(RingPair.Bytes(28, 5));
        byte[]? received = ring.Receive();

        Assert.Equal(RingPair.Bytes(28, 5), received);
        Assert.Equal(expected, ring.WritePointer);
        Assert.Equal(expected, ring.ReadPointer);
        Assert.True(ring.Send(RingPair.Bytes(40, 9)));
        Assert.Equal(RingPair.Bytes(40, 9), ring.Receive());
    }

    [Theory, MemberData(nameof(Dialects))]
    public void Read_WriterWithoutGap_AcceptsARingFilledToTheBrim(string dialect)
    {
        using var ring = RingPair.Of(dialect);
        MmbiHeaderFormat format = MmbiDialect.All.First(candidate => candidate.Name == dialect).HeaderFormat;
        ring.Send(RingPair.Bytes(12));
        ring.Consumer.Look();
        ring.Window.Write32(64 + 16, format.Encode(44, MmbiPacketType.Mctp));

        ring.Window.Write32(RingPair.WriteWord, StatusWords.Up);

        Assert.Equal(RingPair.Bytes(12), ring.Take());
        Assert.Equal(44, ring.Take()?.Length);
        Assert.Null(ring.Take());
        Assert.Equal(RingViolation.None, ring.Consumer.Violation);
    }

    [Theory, MemberData(nameof(Dialects))]
    public async Task ReaderAndWriter_OnTwoThreads_LoseAndInventNothing(string dialect)
    {
        const int Packets = 20_000;
        using var ring = RingPair.Of(dialect, 512);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        Task writer = Task.Run(() =>
        {
            for (int i = 0; i < Packets; i++)
            {
                byte[] payload = RingPair.Bytes(4 + (i % 90), i);
                while (!ring.Send(payload))
                {
                    limit.Token.ThrowIfCancellationRequested();
                    Thread.Yield();
                }
            }
        });

        for (int i = 0; i < Packets; i++)
        {
            byte[]? payload;
            while ((payload = ring.Receive()) is null)
            {
                limit.Token.ThrowIfCancellationRequested();
                Thread.Yield();
            }

            Assert.Equal(RingPair.Bytes(4 + (i % 90), i), payload);
        }

        await writer;
        Assert.Null(ring.Receive());
    }
}
