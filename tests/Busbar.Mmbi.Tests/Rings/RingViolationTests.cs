// SPDX-License-Identifier: Apache-2.0
using Xunit;

namespace Busbar.Mmbi.Tests;

/// <summary>Pointers and headers that cannot be, as a hostile or broken peer writes them.</summary>
public sealed class RingViolationTests
{
    public static TheoryData<string> Dialects => RingPair.Dialects;

    [Theory, MemberData(nameof(Dialects))]
    public void WritePointer_EveryValue_IsAcceptedOnlyInsideTheFreeSpace(string dialect)
    {
        for (uint pointer = 0; pointer <= 80; pointer += 4)
        {
            using var ring = RingPair.Of(dialect);
            ring.Send(RingPair.Bytes(12));
            ring.Receive();
            ring.Send(RingPair.Bytes(12));
            ring.Take();

            // Consumed up to 32, published 16: from 32 the writer may go to 64 = 0 and on to 16, where our published pointer stands.
            ring.Window.Write32(RingPair.WriteWord, pointer | StatusWords.Up);
            bool accepted = ring.Consumer.Look();

            Assert.Equal(pointer is >= 32 and <= 64 or <= 16, accepted);
            Assert.Equal(accepted ? RingViolation.None : RingViolation.WritePointer, ring.Consumer.Violation);
        }
    }

    [Theory, MemberData(nameof(Dialects))]
    public void ReadPointer_EveryValue_IsAcceptedOnlyUpToWhatWasWritten(string dialect)
    {
        for (uint pointer = 0; pointer <= 80; pointer += 4)
        {
            using var ring = RingPair.Of(dialect);
            ring.Send(RingPair.Bytes(28));
            ring.Receive();
            ring.Producer.Look();
            ring.Send(RingPair.Bytes(12));
            ring.Stage(RingPair.Bytes(4));

            // The peer has read up to 32 and was told of 48; what is staged behind that it cannot know.
            ring.Window.Write32(RingPair.ReadWord, pointer | StatusWords.Ready);
            bool accepted = ring.Producer.Look();

            Assert.Equal(pointer is >= 32 and <= 48, accepted);
            Assert.Equal(!accepted, ring.Producer.IsViolated);
        }
    }

    [Theory, MemberData(nameof(Dialects))]
    public void Pointers_Huge_AreRefused(string dialect)
    {
        foreach (uint word in (uint[])[0x44, 0x7FFFFFFC, 0x80000000, 0xFFFFFFFC, 0xFFFFFFFF])
        {
            using var ring = RingPair.Of(dialect);
            ring.Window.Write32(RingPair.WriteWord, word);
            ring.Window.Write32(RingPair.ReadWord, word);

            Assert.False(ring.Consumer.Look());
            Assert.False(ring.Producer.Look());
            Assert.False(ring.Consumer.TryPeek(out _));
        }
    }

    [Theory, MemberData(nameof(Dialects))]
    public void Header_EveryLengthAndPadding_IsAcceptedOnlyInsideTheFilledPart(string dialect)
    {
        MmbiHeaderFormat format = MmbiDialect.All.First(candidate => candidate.Name == dialect).HeaderFormat;
        for (int payload = 1; payload <= 64; payload++)
        {
            using var ring = RingPair.Of(dialect);
            ring.Send(RingPair.Bytes(20));
            ring.Window.Write32(64, format.Encode(payload, MmbiPacketType.Mctp));
            ring.Consumer.Look();

            bool peeked = ring.Consumer.TryPeek(out MmbiPacket packet);

            Assert.Equal(payload <= 20, peeked);
            if (peeked) Assert.Equal(payload, packet.Length);
            else Assert.Equal(RingViolation.Header, ring.Consumer.Violation);
        }
    }

    [Theory, MemberData(nameof(Dialects))]
    public void Header_Zero_IsRefused(string dialect)
    {
        using var ring = RingPair.Of(dialect);
        ring.Send(RingPair.Bytes(20));
        ring.Window.Write32(64, 0);
        ring.Consumer.Look();

        Assert.False(ring.Consumer.TryPeek(out _));
        Assert.Equal(RingViolation.Header, ring.Consumer.Violation);
    }

    [Theory, MemberData(nameof(Dialects))]
    public void Header_ChangedAfterThePeek_ChangesNothing(string dialect)
    {
        using var ring = RingPair.Of(dialect);
        ring.Send(RingPair.Bytes(20));
        ring.Send(RingPair.Bytes(8, 30));
        ring.Consumer.Look();
        ring.Consumer.TryPeek(out _);

        ring.Window.Write32(64, 0xFFFFFFFF);
        ring.Consumer.Advance();

        Assert.Equal(RingPair.Bytes(8, 30), ring.Take());
    }

    [Theory, MemberData(nameof(Dialects))]
    public void Violation_OnlyAResetClears(string dialect)
    {
        using var ring = RingPair.Of(dialect);
        ring.Window.Write32(RingPair.WriteWord, 0xFFFFFFFC);
        ring.Consumer.Look();
        ring.Window.Write32(RingPair.WriteWord, StatusWords.Up);

        bool before = ring.Consumer.Look();
        ring.Consumer.Reset(ready: true);
        bool after = ring.Consumer.Look();

        Assert.False(before);
        Assert.True(after);
    }
}
