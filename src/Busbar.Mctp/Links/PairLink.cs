// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <summary>
/// One of two links that are joined in memory: what one end sends, the other receives. The ends may belong to two stacks or to one, as long as
/// one thread at a time works on both. Up from the beginning.
/// </summary>
public sealed class PairLink : MctpLink
{
    private readonly PacketRing _outgoing;
    private readonly PacketRing _incoming;
    private readonly PhysicalAddress _address;
    private readonly bool _namesSender;
    private PairLink? _other;

    // The oldest packet waits for room on another link; the stack's next turn looks again.
    private bool _isHolding;

    private PairLink(string name, int mtu, PacketRing outgoing, PacketRing incoming, PhysicalAddress address, bool namesSender)
        : base(name, PhysicalBinding.Unspecified)
    {
        Mtu = mtu;
        _outgoing = outgoing;
        _incoming = incoming;
        _address = address;
        _namesSender = namesSender;
        ReportState(up: true, now: 0);
    }

    /// <inheritdoc/>
    public override bool CanWake => false;

    /// <inheritdoc/>
    public override PhysicalAddress Address => _address;

    /// <summary>Makes two joined ends without physical addresses.</summary>
    /// <param name="mtu">Largest packet in both directions, header included.</param>
    /// <param name="capacity">Bytes of each direction's ring; rounded up to a power of two.</param>
    /// <param name="name">What the ends are called, followed by <c>a</c> and <c>b</c>.</param>
    public static (PairLink A, PairLink B) Create(int mtu = 65_540, int capacity = LoopbackLink.DefaultCapacity, string name = "pair") =>
        Create(mtu, capacity, name, default, default);

    /// <summary>Makes two joined ends, each with a physical address that the other sees as the source of its packets.</summary>
    /// <param name="mtu">Largest packet in both directions, header included.</param>
    /// <param name="capacity">Bytes of each direction's ring; rounded up to a power of two.</param>
    /// <param name="name">What the ends are called, followed by <c>a</c> and <c>b</c>.</param>
    /// <param name="addressA">Address of the first end.</param>
    /// <param name="addressB">Address of the second end.</param>
    public static (PairLink A, PairLink B) Create(int mtu, int capacity, string name, PhysicalAddress addressA, PhysicalAddress addressB)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(mtu, MinimumMtu);
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1024);
        var fromA = new PacketRing(capacity);
        var fromB = new PacketRing(capacity);
        var a = new PairLink(name + "a", mtu, fromA, fromB, addressA, addressB.Length != 0);
        var b = new PairLink(name + "b", mtu, fromB, fromA, addressB, addressA.Length != 0);
        a._other = b;
        b._other = a;
        return (a, b);
    }

    /// <summary>Pulls or plugs the cable: both ends go down, and what was on the way is lost, or both go up.</summary>
    /// <param name="up">The new state.</param>
    /// <param name="now">Monotonic milliseconds.</param>
    public void SetUp(bool up, long now)
    {
        if (!up)
        {
            _outgoing.Clear();
            _incoming.Clear();
        }

        ReportState(up, now);
        _other!.ReportState(up, now);
    }

    /// <inheritdoc/>
    public override SendRoom Room(int packets, int bytes) => IsUp ? _outgoing.Room(packets, bytes) : SendRoom.Down;

    /// <inheritdoc/>
    public override bool Write(in PhysicalAddress to, MctpHeader header, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second) =>
        IsUp && _outgoing.Write(header, first, second);

    /// <inheritdoc/>
    public override bool WriteMessage(in PhysicalAddress to, MctpHeader header, byte type, ReadOnlySpan<byte> body, int unit) =>
        IsUp && _outgoing.WriteMessage(header, type, body, unit);

    /// <inheritdoc/>
    public override void Flush() => _outgoing.Publish();

    /// <inheritdoc/>
    public override void Poll(ref PollContext context)
    {
        PacketRing ring = _incoming;
        _isHolding = false;
        while (!context.IsDone)
        {
            uint size = ring.Peek(out MctpHeader header, out ReadOnlySpan<byte> first, out ReadOnlySpan<byte> second);
            if (size == 0) break;
            if (!context.HasRoomBehind(this, header, MctpHeader.Size + first.Length + second.Length))
            {
                _isHolding = true;
                break;
            }

            if (_namesSender) context.Deliver(this, _other!._address, header, first, second);
            else context.Deliver(this, header, first, second);
            ring.Advance(size);
        }
    }

    /// <inheritdoc/>
    public override bool PrepareSleep() => !_incoming.HasPackets || _isHolding;

    /// <inheritdoc/>
    public override void Close(long now) => SetUp(up: false, now);
}
