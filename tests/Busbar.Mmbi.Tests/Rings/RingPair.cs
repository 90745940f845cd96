// SPDX-License-Identifier: Apache-2.0
using Busbar.Memory;
using Xunit;

namespace Busbar.Mmbi.Tests;

/// <summary>One ring with both of its ends in one process.</summary>
internal sealed class RingPair : IDisposable
{
    public const int WriteWord = 0;
    public const int ReadWord = 8;
    private const int RingStart = 64;

    public RingPair(MmbiDialect dialect, int length = 64, RegionAccess access = RegionAccess.Ram)
    {
        var ring = new MmbiRing(RingStart, length);
        Window = SharedRegion.Allocate(RingStart + length, access);
        Producer = new MmbiProducer(Window, new RingEnd(ring, WriteWord, ReadWord), dialect);
        Consumer = new MmbiConsumer(Window, new RingEnd(ring, ReadWord, WriteWord), dialect, [dialect.HeaderFormat]);
        Producer.Reset(StatusWords.Up);
        Producer.SetFlags(StatusWords.Up);
        Consumer.Reset(ready: true);
        Consumer.SetReady(true);
        Producer.Look();
        Consumer.Look();
    }

    public static TheoryData<string> Dialects { get; } = [.. MmbiDialect.All.Select(dialect => dialect.Name)];

    public SharedRegion Window { get; }

    public MmbiProducer Producer { get; }

    public MmbiConsumer Consumer { get; }

    public uint WritePointer => Window.Read32(WriteWord) & StatusWords.PointerMask;

    public uint ReadPointer => Window.Read32(ReadWord) & StatusWords.PointerMask;

    public static RingPair Of(string dialect, int length = 64, RegionAccess access = RegionAccess.Ram) =>
        new(MmbiDialect.All.First(candidate => candidate.Name == dialect), length, access);

    /// <summary>Bytes that identify themselves: a run from a start value.</summary>
    public static byte[] Bytes(int length, int start = 0) => [.. Enumerable.Range(start, length).Select(value => (byte)value)];

    public bool Stage(byte[] payload, MmbiPacketType type = MmbiPacketType.Mctp)
    {
        if (!Producer.TryReserve(payload.Length, type, out MmbiSlot slot)) return false;
        slot.Append(payload);
        return true;
    }

    public bool Send(byte[] payload)
    {
        if (!Stage(payload)) return false;
        Producer.Commit();
        return true;
    }

    /// <summary>Looks, takes one packet, tells the producer.</summary>
    public byte[]? Receive()
    {
        byte[]? payload = Take();
        Consumer.Publish();
        return payload;
    }

    /// <summary>Looks and takes one packet without telling the producer.</summary>
    public byte[]? Take()
    {
        if (!Consumer.Look() || !Consumer.TryPeek(out MmbiPacket packet)) return null;
        byte[] payload = [.. packet.First, .. packet.Second];
        Consumer.Advance();
        return payload;
    }

    public void Dispose() => Window.Dispose();
}
