// SPDX-License-Identifier: Apache-2.0
using Busbar.Memory;
using Busbar.Mmbi;

namespace Busbar.Fuzz;

/// <summary>Packet headers in a ring: each format decodes what it encodes, and detection stays inside the ring.</summary>
internal sealed class HeaderTarget : IFuzzTarget
{
    private const int RingStart = 64;
    private const int RingLength = 256;

    public string Name => "headers";

    public IEnumerable<(string Name, byte[] Input)> Samples()
    {
        int index = 0;
        foreach (MmbiHeaderFormat format in MmbiHeaderFormat.All)
        {
            byte[] ring = new byte[2 + RingLength];
            ring[1] = 12;
            int at = 2;
            foreach (int length in new[] { 7, 8 })
            {
                BitConverter.TryWriteBytes(ring.AsSpan(at), format.Encode(length, MmbiPacketType.Mctp));
                ring[at + 4] = 0x01;
                at += MmbiPacketHeader.Occupied(length);
            }

            ring[1] = (byte)((at - 2) / 4);
            yield return ($"format{index++}", ring);
        }
    }

    public void Run(ReadOnlySpan<byte> input)
    {
        var reader = new InputReader(input);
        int position = reader.Byte() * 4 % RingLength;
        int filled = reader.Byte() * 4 % RingLength;
        using SharedRegion region = SharedRegion.Allocate(RingStart + RingLength);
        region.CopyFrom(RingStart, reader.Take(RingLength));
        var ring = new MmbiRing(RingStart, RingLength);
        MmbiHeaderFormat[] formats = [.. MmbiHeaderFormat.All];
        var detector = new HeaderDetector(formats);
        bool fits = detector.Examine(region, ring, position, filled);
        FuzzViolationException.Require(!fits || formats.Contains(detector.Format), "the detected format is a candidate");
        foreach (MmbiHeaderFormat format in formats)
        {
            HeaderDetector.Fits(format, region, ring, position, filled, out int packets);
            FuzzViolationException.Require(packets <= RingLength / 8, "there are no more packets than fit");
            for (int at = 0; at < RingLength; at += 4)
            {
                if (!format.TryDecode(region.Read32(RingStart + at), out MmbiPacketHeader header)) continue;
                FuzzViolationException.Require(header.PayloadLength > 0 && header.OccupiedLength >= header.PayloadLength + MmbiPacketHeader.Size, "a packet occupies its header and its payload");
                FuzzViolationException.Require(header.OccupiedLength % 4 == 0, "packets are whole words");
                bool again = format.TryDecode(format.Encode(header.PayloadLength, header.Type), out MmbiPacketHeader same);
                FuzzViolationException.Require(again && same == header, "a header survives encoding");
            }
        }
    }
}
