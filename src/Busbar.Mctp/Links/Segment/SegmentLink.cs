// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <summary>A station on a <see cref="SegmentBus"/>.</summary>
public sealed class SegmentLink : MctpLink
{
    private const int FirstQueue = 4;

    private readonly SegmentBus _bus;
    private readonly PhysicalAddress _address;

    // A ring that grows to what was once needed; nothing until a packet arrives.
    private SegmentFrame[] _queue = [];
    private uint _head;
    private int _count;
    private bool _isPlugged;

    // The oldest packet waits for room on another link; the stack's next turn looks again.
    private bool _isHolding;

    internal SegmentLink(SegmentBus bus, string name, in PhysicalAddress address)
        : base(name, bus.Binding)
    {
        _bus = bus;
        _address = address;
        Mtu = bus.Mtu;
    }

    /// <summary>The bus.</summary>
    public SegmentBus Bus => _bus;

    /// <inheritdoc/>
    public override PhysicalAddress Address => _address;

    /// <summary>Packets that wait to be read.</summary>
    public int Waiting => _count;

    /// <summary>
    /// Called when a packet arrives while none waits, in the middle of the sender's turn: note it, and poll later. So that whoever runs thousands of stations
    /// polls those with work.
    /// </summary>
    public Action<SegmentLink>? Arrived { get; set; }

    /// <inheritdoc/>
    public override bool CanWake => false;

    /// <inheritdoc/>
    public override bool HasNews => _count != 0;

    /// <summary>The age of the bus when packets began to wait without the station looking at them; means nothing while none waits.</summary>
    internal long UnreadSince { get; private set; }

    /// <summary>Plugs the station in or out. What waits for it is lost when it goes.</summary>
    /// <param name="up">The new state.</param>
    /// <param name="now">Monotonic milliseconds.</param>
    /// <returns>False when another station has its address by now; it stays out then.</returns>
    public bool SetUp(bool up, long now)
    {
        if (up == _isPlugged) return true;
        if (up)
        {
            if (!_bus.TryPlug(this)) return false;
        }
        else
        {
            _bus.Unplug(this);
            Silence();
        }

        _isPlugged = up;
        ReportState(up, now);
        return true;
    }

    /// <inheritdoc/>
    public override SendRoom Room(int packets, int bytes) => _isPlugged ? _bus.Room(packets) : SendRoom.Down;

    /// <summary>
    /// Puts a packet on the bus, where it is seen at once. One that no station takes, for want of such an address, is lost
    /// (<see cref="DropReason.NotAcknowledged"/>).
    /// </summary>
    /// <inheritdoc/>
    public override bool Write(in PhysicalAddress to, MctpHeader header, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        if (!_isPlugged || first.Length + second.Length > _bus.Mtu - MctpHeader.Size) return false;
        if (!_bus.Write(this, to, header, first, second, out bool isTaken)) return false;
        if (!isTaken) CountDrop(DropReason.NotAcknowledged);
        return true;
    }

    /// <inheritdoc/>
    public override void Flush()
    {
        // Packets are on the bus already.
    }

    /// <inheritdoc/>
    public override void Poll(ref PollContext context)
    {
        _isHolding = false;
        _bus.Polled(context.Now);
        UnreadSince = _bus.Age;
        while (_count != 0 && !context.IsDone)
        {
            SegmentFrame frame = _queue[_head & (uint)(_queue.Length - 1)];
            if (!context.HasRoomBehind(this, frame.Header, frame.Length + MctpHeader.Size))
            {
                _isHolding = true;
                return;
            }

            _head++;
            _count--;
            context.Deliver(this, frame.From, frame.Header, frame.Data.AsSpan(0, frame.Length), default);
            _bus.Return(frame);
        }
    }

    /// <inheritdoc/>
    public override bool PrepareSleep() => _count == 0 || _isHolding;

    /// <inheritdoc/>
    public override void Close(long now) => SetUp(up: false, now);

    internal void Arrive(SegmentFrame frame)
    {
        SegmentFrame[] queue = _queue;
        if (_count == queue.Length) queue = Grow();
        queue[(_head + (uint)_count) & (uint)(queue.Length - 1)] = frame;
        if (_count++ != 0) return;
        UnreadSince = _bus.Age;
        Arrived?.Invoke(this);
    }

    /// <summary>Throws away what waits.</summary>
    internal void Silence()
    {
        while (_count != 0)
        {
            SegmentFrame frame = _queue[_head++ & (uint)(_queue.Length - 1)];
            _count--;
            CountDrop(DropReason.NotTaken);
            _bus.Return(frame);
        }
    }

    private SegmentFrame[] Grow()
    {
        var larger = new SegmentFrame[Math.Max(_queue.Length * 2, FirstQueue)];
        for (uint i = 0; i < _count; i++) larger[i] = _queue[(_head + i) & (uint)(_queue.Length - 1)];
        _head = 0;
        _queue = larger;
        return larger;
    }
}
