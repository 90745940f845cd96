// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.Fuzz;

/// <summary>A link whose packets come from an input, and which keeps what the stack sends.</summary>
internal sealed class FeedLink : MctpLink
{
    private readonly Queue<(byte[] Packet, int Split)> _incoming = new();

    /// <summary>Bytes of the largest packet that the medium takes, header included.</summary>
    public const int LargestPacket = 68 + 255;

    public FeedLink(int mtu = MinimumMtu)
        : base("feed", PhysicalBinding.Unspecified)
    {
        Mtu = mtu;
        ReportState(up: true, now: 0);
    }

    /// <summary>Packets that the stack sent, header first.</summary>
    public List<byte[]> Sent { get; } = [];

    /// <summary>Queues a packet of at least a header; its payload arrives in two pieces, the first of the length given.</summary>
    public void Feed(ReadOnlySpan<byte> packet, int split)
    {
        byte[] copy = new byte[Math.Max(packet.Length, MctpHeader.Size)];
        packet.CopyTo(copy);
        _incoming.Enqueue((copy, Math.Min(split, copy.Length - MctpHeader.Size)));
    }

    public override SendRoom Room(int packets, int bytes) => SendRoom.Now;

    public override bool Write(in PhysicalAddress to, MctpHeader header, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        byte[] packet = new byte[MctpHeader.Size + first.Length + second.Length];
        header.Write(packet);
        first.CopyTo(packet.AsSpan(MctpHeader.Size));
        second.CopyTo(packet.AsSpan(MctpHeader.Size + first.Length));
        Sent.Add(packet);
        return true;
    }

    public override void Flush()
    {
    }

    public override void Poll(ref PollContext context)
    {
        while (!context.IsDone && _incoming.TryDequeue(out (byte[] Packet, int Split) next))
        {
            ReadOnlySpan<byte> payload = next.Packet.AsSpan(MctpHeader.Size);
            context.Deliver(this, MctpHeader.Read(next.Packet), payload[..next.Split], payload[next.Split..]);
        }
    }
}
