// SPDX-License-Identifier: Apache-2.0
using Busbar.Memory;
using Xunit;

namespace Busbar.Mmbi.Tests;

/// <summary>Finding a peer's header format from chains of its packets.</summary>
public sealed class HeaderDetectionTests
{
    private const int RingLength = 16 << 10;

    public static TheoryData<string> Formats { get; } = [.. MmbiHeaderFormat.All.Select(format => format.Name)];

    [Theory, MemberData(nameof(Formats))]
    public void Detect_RandomChains_NeverPicksAReadingThatDiffers(string name)
    {
        MmbiHeaderFormat sent = Format(name);
        using var window = SharedRegion.Allocate(RingLength);
        var random = new Random(7);
        int unique = 0;
        for (int round = 0; round < 2000; round++)
        {
            var lengths = new List<int>();
            int filled = WriteChain(window, sent, random, position: 0, lengths);
            var detector = new HeaderDetector([.. MmbiHeaderFormat.All]);

            bool found = detector.Examine(window, new MmbiRing(0, RingLength), 0, filled);

            Assert.True(found);
            if (detector.IsUnique) unique++;
            Assert.Equal(lengths, Walk(window, detector.Format, filled));
        }

        Assert.True(unique > 1000, $"only {unique} of 2000 chains were decided");
    }

    [Fact]
    public void Detect_AmbiguousLengths_DecideNothingAndReadTheSame()
    {
        using var window = SharedRegion.Allocate(RingLength);
        window.Write32(0, MmbiHeaderFormat.BigEndianPayload.Encode(1024, MmbiPacketType.Mctp));
        window.Write8(4, 1);
        var detector = new HeaderDetector([MmbiHeaderFormat.LittleEndianPayload, MmbiHeaderFormat.BigEndianPayload]);

        bool found = detector.Examine(window, new MmbiRing(0, RingLength), 0, 1028);

        Assert.True(found);
        Assert.False(detector.IsUnique);
        Assert.Equal([1024], Walk(window, detector.Format, 1028));
    }

    [Fact]
    public void Detect_Rubbish_FindsNothing()
    {
        using var window = SharedRegion.Allocate(RingLength);
        window.Span(0, 256).Fill(0xEE);
        var detector = new HeaderDetector([.. MmbiHeaderFormat.All]);

        Assert.False(detector.Examine(window, new MmbiRing(0, RingLength), 0, 256));
    }

    [Theory, MemberData(nameof(Formats))]
    public void Consumer_WithEveryCandidate_LocksOntoTheWritersFormat(string name)
    {
        MmbiHeaderFormat sent = Format(name);
        using var window = SharedRegion.Allocate(64 + RingLength);
        var consumer = new MmbiConsumer(window, new RingEnd(new MmbiRing(64, RingLength), 8, 0), MmbiDialect.V10Espi, [.. MmbiHeaderFormat.All]);
        consumer.Reset(ready: true);
        window.Write32(64, sent.Encode(7, MmbiPacketType.Mctp));
        window.Write8(68, 1);
        window.Write32(0, 12 | StatusWords.Up);
        consumer.Look();

        bool peeked = consumer.TryPeek(out MmbiPacket packet);

        Assert.True(peeked);
        Assert.Equal(7, packet.Length);
        Assert.True(consumer.IsFormatLocked);
        Assert.Same(sent, consumer.Format);
    }

    private static MmbiHeaderFormat Format(string name) => MmbiHeaderFormat.All.First(format => format.Name == name);

    private static int WriteChain(SharedRegion window, MmbiHeaderFormat format, Random random, int position, List<int> lengths)
    {
        for (int packets = random.Next(1, 8); packets > 0; packets--)
        {
            int length = random.Next(4) == 0 ? 256 * random.Next(1, 4) : random.Next(4, 700);
            window.Write32(position, format.Encode(length, MmbiPacketType.Mctp));
            random.NextBytes(window.Span(position + 4, length));
            window.Write8(position + 4, 1);
            position += MmbiPacketHeader.Occupied(length);
            lengths.Add(length);
        }

        return position;
    }

    private static List<int> Walk(SharedRegion window, MmbiHeaderFormat format, int filled)
    {
        var lengths = new List<int>();
        for (int at = 0; at < filled;)
        {
            Assert.True(format.TryDecode(window.Read32(at), out MmbiPacketHeader header));
            lengths.Add(header.PayloadLength);
            at += header.OccupiedLength;
        }

        return lengths;
    }
}
