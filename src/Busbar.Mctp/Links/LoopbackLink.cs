// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <summary>Gives a stack its own packets back, through a ring in memory. Up from the beginning.</summary>
public sealed class LoopbackLink : MctpLink
{
    /// <summary>Bytes of the ring when nothing else is asked for.</summary>
    public const int DefaultCapacity = 128 * 1024;

    private readonly PacketRing _ring;

    /// <summary>Creates a link.</summary>
    /// <param name="name">What users call it.</param>
    /// <param name="mtu">Largest packet, header included.</param>
    /// <param name="capacity">Bytes of the ring; rounded up to a power of two.</param>
    public LoopbackLink(string name = "lo", int mtu = 65_540, int capacity = DefaultCapacity)
        : base(name, PhysicalBinding.Unspecified)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(mtu, MinimumMtu);
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1024);
        Mtu = mtu;
        _ring = new PacketRing(capacity);
        ReportState(up: true, now: 0);
    }

    /// <inheritdoc/>
    public override bool CanWake => false;

    /// <inheritdoc/>
    public override SendRoom Room(int packets, int bytes) => _ring.Room(packets, bytes);

    /// <inheritdoc/>
    public override bool Write(in PhysicalAddress to, MctpHeader header, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second) =>
        _ring.Write(header, first, second);

    /// <inheritdoc/>
    public override bool WriteMessage(in PhysicalAddress to, MctpHeader header, byte type, ReadOnlySpan<byte> body, int unit) =>
        _ring.WriteMessage(header, type, body, unit);

    /// <inheritdoc/>
    public override void Flush() => _ring.Publish();

    /// <inheritdoc/>
    public override void Poll(ref PollContext context)
    {
        PacketRing ring = _ring;
        while (!context.IsDone)
        {
            uint size = ring.Peek(out MctpHeader header, out ReadOnlySpan<byte> first, out ReadOnlySpan<byte> second);
            if (size == 0 || !context.HasRoomBehind(this, header, MctpHeader.Size + first.Length + second.Length)) break;
            context.Deliver(this, header, first, second);
            ring.Advance(size);
        }
    }

    /// <inheritdoc/>
    public override bool PrepareSleep() => !_ring.HasPackets;
}
