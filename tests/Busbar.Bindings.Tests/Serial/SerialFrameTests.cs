// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;
using FsCheck;
using FsCheck.Fluent;

namespace Busbar.Bindings.Tests;

public sealed class SerialFrameTests
{
    private readonly SerialStatistics _statistics = new();
    private readonly SerialReceiver _receiver;

    public SerialFrameTests() => _receiver = new SerialReceiver(_statistics);

    [Fact]
    public void FrameCheck_OfTheCheckString_IsTheKnownValue() => Assert.Equal(0x6F91, FrameCheck.Add(FrameCheck.Start, "123456789"u8));

    [Theory]
    [InlineData("01 00 08 c8 00 80 02", "7e 01 07 01 00 08 c8 00 80 02 2b c1 7e")]
    [InlineData("01 08 09 c0 00 00 02 00 09 00 00", "7e 01 0b 01 08 09 c0 00 00 02 00 09 00 00 92 b1 7e")]
    [InlineData("01 09 08 c8 7e 7d 7e", "7e 01 07 01 09 08 c8 7d 5e 7d 5d 7d 5e eb ea 7e")]
    [InlineData("01 09 08 c8 00 01 01 0a", "7e 01 08 01 09 08 c8 00 01 01 0a d3 bd 7e")]
    public void Packet_AsAFrame_IsTheVector(string packet, string frame)
    {
        Assert.Equal(Sample.Bytes(frame), Frame(Sample.Bytes(packet)));
        Assert.Equal([Sample.Bytes(packet)], Receive(Sample.Bytes(frame)));
        Assert.Equal(0, _statistics.Faults);
        Assert.Equal(0, _statistics.BytesSkipped);
    }

    [Theory]
    [InlineData("7e 7e 7e 01 07 01 00 08 c8 00 80 02 2b c1 7e 7e 01 07 01 00 08 c8 00 80 02 2b c1 7e", 2)]
    [InlineData("7e 01 07 01 00 08 c8 00 80 02 2b c1 7e 01 07 01 00 08 c8 00 80 02 2b c1 7e", 2)]
    [InlineData("00 11 22 7e 01 07 01 00 08 c8 00 80 02 2b c1 7e 99 7e 01 07 01 00 08 c8 00 80 02 2b c1 7e", 2)]
    public void Flags_RepeatedSharedOrBehindNoise_CostNoFrame(string line, int frames)
    {
        Assert.Equal(frames, Receive(Sample.Bytes(line)).Count);
        Assert.Equal(0, _statistics.Faults);
    }

    [Theory]
    [InlineData("7e 02 07 01 00 08 c8 00 80 02 2b c1 7e", SerialFault.BadRevision)]
    [InlineData("7e 01 03 01 00 08 2b c1 7e", SerialFault.BadLength)]
    [InlineData("7e 01 07 01 00 08 c8 00 7e", SerialFault.EarlyFlag)]
    [InlineData("7e 01 07 01 00 08 c8 00 7d 7e", SerialFault.BadEscape)]
    [InlineData("7e 01 07 01 00 08 c8 00 7d 20 02 2b c1 7e", SerialFault.BadEscape)]
    [InlineData("7e 01 07 01 00 08 c8 00 80 02 2b c2 7e", SerialFault.BadCheck)]
    [InlineData("7e 01 07 01 00 08 c8 00 80 02 2b c1 00", SerialFault.MissingFlag)]
    public void Fault_BeforeAGoodFrame_IsNamedAndCostsNothingElse(string bad, SerialFault fault)
    {
        byte[] line = [.. Sample.Bytes(bad), .. Frame(Sample.Response)];

        Assert.Equal([Sample.Response], Receive(line));
        Assert.Equal(1, _statistics[fault]);
        Assert.Equal(1, _statistics.Faults);
    }

    [Fact]
    public void FalseStart_WhoseCountReachesIntoGoodFrames_CostsNoneOfThem()
    {
        // A flag, a revision, and a byte count that is really the next frame's flag.
        byte[] line = [0x7E, 0x01, .. Frame(Sample.Request), .. Frame(Sample.Response), .. Frame(Sample.Request)];

        Assert.Equal([Sample.Request, Sample.Response, Sample.Request], Receive(line));
    }

    [Fact]
    public void Burst_OfResynchronisation_IsSeenAndIsNoFault()
    {
        Assert.Equal("0202" + "7e010502027e" + "010000007e", Convert.ToHexStringLower(SerialFrame.Resynchronisation[^13..]));
        byte[] line = [.. Frame(Sample.Request), .. SerialFrame.Resynchronisation, .. SerialFrame.Resynchronisation, .. Frame(Sample.Response)];

        Assert.Equal([Sample.Request, Sample.Response], Receive(line));
        Assert.Equal(2, _statistics.ResynchronisationsSeen);
        Assert.Equal(0, _statistics.Faults);
    }

    [Fact]
    public void Burst_OfOlderVersions_IsSeenAndIsNoFault()
    {
        byte[] line = [.. Frame(Sample.Request), .. new byte[80], 0x7E, 0x01, 0, 0, 0, 0x7E, .. Frame(Sample.Response)];

        Assert.Equal([Sample.Request, Sample.Response], Receive(line));
        Assert.Equal(1, _statistics.ResynchronisationsSeen);
        Assert.Equal(0, _statistics.Faults);
    }

    [Fact]
    public void Packets_OfAnyContentInAnyPieces_ArriveAsTheyWereSent() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(200), Prop.ForAll<int>(seed =>
        {
            var random = new Random(seed);
            var line = new List<byte>();
            var sent = new List<byte[]>();
            for (int i = random.Next(1, 20); i > 0; i--)
            {
                byte[] packet = Sample.Packet(random, random.Next(4, 256));
                if (random.Next(2) == 0) packet.AsSpan(4).Fill(random.Next(2) == 0 ? SerialFrame.Flag : SerialFrame.Escape);
                sent.Add(packet);
                line.AddRange(Frame(packet));
            }

            var statistics = new SerialStatistics();
            List<byte[]> received = Receive(new SerialReceiver(statistics), [.. line], () => random.Next(1, 600));
            return received.Count == sent.Count && received.Zip(sent).All(pair => pair.First.SequenceEqual(pair.Second)) && statistics.Faults == 0;
        }));

    [Fact]
    public void Noise_OfAnyKind_NeverThrowsAndCostsNoFrameBehindAPause() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(500), Prop.ForAll<int>(seed =>
        {
            var random = new Random(seed);
            byte[] noise = new byte[random.Next(0, 3000)];
            byte[] favourites = [0x7E, 0x7D, 0x01, 0x00, 0x5E, 0xFF, 0x07];
            for (int i = 0; i < noise.Length; i++) noise[i] = random.Next(2) == 0 ? favourites[random.Next(favourites.Length)] : (byte)random.Next(256);

            // Whatever began in the noise ends within the longest frame; a flag in a packet is never taken as a byte of it.
            byte[] line = [.. noise, .. new byte[SerialFrame.LargestSize(255)], .. Frame(Sample.Request), .. Frame(Sample.Response)];
            List<byte[]> received = Receive(new SerialReceiver(new SerialStatistics()), line, () => random.Next(1, 100));
            return received.Count >= 2 && received[^2].SequenceEqual(Sample.Request) && received[^1].SequenceEqual(Sample.Response);
        }));

    private static byte[] Frame(ReadOnlySpan<byte> packet)
    {
        Span<byte> frame = new byte[SerialFrame.LargestSize(packet.Length)];
        int split = MctpHeader.Size + ((packet.Length - MctpHeader.Size) / 2);
        return frame[..SerialFrame.Write(MctpHeader.Read(packet), packet[MctpHeader.Size..split], packet[split..], frame)].ToArray();
    }

    private static List<byte[]> Receive(SerialReceiver receiver, ReadOnlySpan<byte> line, Func<int> piece)
    {
        var packets = new List<byte[]>();
        while (!line.IsEmpty)
        {
            Span<byte> buffer = receiver.Buffer;
            int count = Math.Min(Math.Min(piece(), line.Length), buffer.Length);
            line[..count].CopyTo(buffer);
            receiver.Commit(count);
            line = line[count..];
            while (receiver.TryNext()) packets.Add(receiver.Packet.ToArray());
        }

        return packets;
    }

    private List<byte[]> Receive(ReadOnlySpan<byte> line) => Receive(_receiver, line, () => 1);
}
