// SPDX-License-Identifier: Apache-2.0
using Busbar.Memory;

namespace Busbar.Mmbi;

/// <summary>
/// The multi-pair mailbox as hardware: two latches of events for each pair, one for each side, seen and cleared through that side's registers and
/// set from the other side. Interrupts are edges: one when a pair's level rises, and another one when it is still up after a write that could have
/// lowered it, so that no event is ever without an interrupt behind it.
/// </summary>
/// <remarks>
/// Members may be called from any thread. One lock holds both latches of all pairs together, so that a SET and a clearing of the same bit have
/// an order. The interrupt callback runs under that lock: it must be quick and must not call back.
/// </remarks>
public sealed class MailboxBlock
{
    private readonly Lock _gate = new();
    private readonly Latch[][] _latches;
    private readonly uint[] _globalEnable = new uint[2];
    private readonly byte[] _vectors;
    private readonly uint _capabilities;
    private readonly Action<MailboxSide, int>? _interrupt;

    /// <summary>Creates a block after power-up.</summary>
    /// <param name="pairs">1 to 32.</param>
    /// <param name="interrupt">Told the side and the pair of each interrupt edge; null when nobody is interrupted.</param>
    public MailboxBlock(int pairs, Action<MailboxSide, int>? interrupt = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(pairs, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(pairs, MailboxFormat.MaximumPairs);
        Pairs = pairs;
        _interrupt = interrupt;
        _latches = [NewLatches(pairs), NewLatches(pairs)];
        _vectors = [.. Enumerable.Range(0, pairs).Select(pair => (byte)pair)];
        _capabilities = (uint)pairs | (MailboxFormat.EventBits << 8) | MailboxFormat.HasMessages | ((uint)MailboxFormat.StrideShift << 24);
        OwnerView = new View(this, MailboxSide.Owner);
        DiscovererView = new View(this, MailboxSide.Discoverer);
    }

    /// <summary>Number of pairs.</summary>
    public int Pairs { get; }

    /// <summary>The registers as the embedded processor sees them.</summary>
    public IRegionHandler OwnerView { get; }

    /// <summary>The registers as the host sees them.</summary>
    public IRegionHandler DiscovererView { get; }

    /// <summary>Raises events on the other side: what a write to SET does.</summary>
    /// <param name="from">Who rings.</param>
    /// <param name="pair">From 0.</param>
    /// <param name="events">Bits to raise; those that do not exist are ignored.</param>
    public void Set(MailboxSide from, int pair, uint events)
    {
        lock (_gate)
        {
            MailboxSide to = Other(from);
            Latch latch = Of(to, pair);
            uint raised = events & MailboxFormat.EventMask & ~latch.Status;
            bool wasUp = IsUp(to, pair);
            latch.Status |= raised;
            latch.Count += (uint)System.Numerics.BitOperations.PopCount(raised);
            if (!wasUp && IsUp(to, pair)) _interrupt?.Invoke(to, pair);
        }
    }

    /// <summary>Takes all events of a side, enabled or not: what reading STATUS and writing it back does.</summary>
    /// <param name="side">Whose events.</param>
    /// <param name="pair">From 0.</param>
    public uint Take(MailboxSide side, int pair)
    {
        lock (_gate)
        {
            Latch latch = Of(side, pair);
            uint events = latch.Status;
            latch.Status = 0;
            return events;
        }
    }

    /// <summary>Enables events of a side and lets its pair interrupt, or takes both back.</summary>
    /// <param name="side">Whose events.</param>
    /// <param name="pair">From 0.</param>
    /// <param name="events">The new ENABLE; 0 closes the gate, too.</param>
    public void SetEnable(MailboxSide side, int pair, uint events)
    {
        lock (_gate)
        {
            Of(side, pair).Enable = events & MailboxFormat.EventMask;
            uint bit = 1u << pair;
            _globalEnable[(int)side] = events != 0 ? _globalEnable[(int)side] | bit : _globalEnable[(int)side] & ~bit;
            SignalIfUp(side, pair);
        }
    }

    /// <summary>The interrupt message of a pair.</summary>
    /// <param name="pair">From 0.</param>
    public byte VectorOf(int pair)
    {
        lock (_gate) return _vectors[pair];
    }

    /// <summary>A reset of the MMBI link of a pair: its events are forgotten on both sides, its settings stay.</summary>
    /// <param name="pair">From 0.</param>
    public void ResetLink(int pair)
    {
        lock (_gate)
        {
            Of(MailboxSide.Owner, pair).Status = 0;
            Of(MailboxSide.Discoverer, pair).Status = 0;
        }
    }

    /// <summary>Power-up, function-level reset, PERST#: status, enables and counts are zero. Vectors are the owner's firmware's and stay.</summary>
    public void Reset()
    {
        lock (_gate)
        {
            Array.Clear(_globalEnable);
            foreach (Latch[] side in _latches)
            {
                foreach (Latch latch in side) (latch.Status, latch.Enable, latch.Count) = (0, 0, 0);
            }
        }
    }

    private static Latch[] NewLatches(int pairs) => [.. Enumerable.Range(0, pairs).Select(_ => new Latch())];

    private static MailboxSide Other(MailboxSide side) => side == MailboxSide.Owner ? MailboxSide.Discoverer : MailboxSide.Owner;

    private Latch Of(MailboxSide side, int pair) => _latches[(int)side][pair];

    private bool IsUp(MailboxSide side, int pair)
    {
        Latch latch = Of(side, pair);
        return (_globalEnable[(int)side] & (1u << pair)) != 0 && (latch.Status & latch.Enable) != 0;
    }

    // After a write that could have lowered the level: an edge-triggered receiver would otherwise wait for an event that it will never be told of.
    private void SignalIfUp(MailboxSide side, int pair)
    {
        if (IsUp(side, pair)) _interrupt?.Invoke(side, pair);
    }

    private uint Summary(MailboxSide side)
    {
        uint summary = 0;
        for (int pair = 0; pair < Pairs; pair++)
        {
            Latch latch = Of(side, pair);
            if ((latch.Status & latch.Enable) != 0) summary |= 1u << pair;
        }

        return summary;
    }

    private bool TryFindBank(int offset, out int pair, out int register)
    {
        pair = (offset - MailboxFormat.Banks) >> MailboxFormat.StrideShift;
        register = offset & (MailboxFormat.Stride - 1) & ~3;
        return offset >= MailboxFormat.Banks && pair < Pairs;
    }

    private uint Read(MailboxSide side, int offset)
    {
        lock (_gate)
        {
            if (!TryFindBank(offset, out int pair, out int register))
            {
                return offset switch
                {
                    MailboxFormat.Id => MailboxFormat.IdValue,
                    MailboxFormat.Revision => MailboxFormat.RevisionValue,
                    MailboxFormat.Capabilities => _capabilities,
                    MailboxFormat.Summary => Summary(side),
                    MailboxFormat.GlobalEnable => _globalEnable[(int)side],
                    MailboxFormat.Side => (uint)side,
                    _ => 0,
                };
            }

            Latch latch = Of(side, pair);
            return register switch
            {
                MailboxFormat.Status => latch.Status,
                MailboxFormat.Enable => latch.Enable,
                MailboxFormat.Peer => Of(Other(side), pair).Status,
                MailboxFormat.Masked => latch.Status & latch.Enable,
                MailboxFormat.Vector => _vectors[pair],
                MailboxFormat.Count => latch.Count,
                _ => 0,
            };
        }
    }

    private void Write(MailboxSide side, int offset, uint value)
    {
        lock (_gate)
        {
            if (!TryFindBank(offset, out int pair, out int register))
            {
                if (offset != MailboxFormat.GlobalEnable) return;
                _globalEnable[(int)side] = value & (uint)((1ul << Pairs) - 1);
                for (int i = 0; i < Pairs; i++) SignalIfUp(side, i);
                return;
            }

            Latch latch = Of(side, pair);
            switch (register)
            {
                case MailboxFormat.Status or MailboxFormat.Clear:
                    latch.Status &= ~value;
                    SignalIfUp(side, pair);
                    break;
                case MailboxFormat.Enable:
                    latch.Enable = value & MailboxFormat.EventMask;
                    SignalIfUp(side, pair);
                    break;
                case MailboxFormat.EnableSet:
                    latch.Enable |= value & MailboxFormat.EventMask;
                    SignalIfUp(side, pair);
                    break;
                case MailboxFormat.EnableClear:
                    latch.Enable &= ~value;
                    SignalIfUp(side, pair);
                    break;
                case MailboxFormat.Set:
                    Set(side, pair, value);
                    break;
                case MailboxFormat.Vector when side == MailboxSide.Owner:
                    _vectors[pair] = (byte)value;
                    break;
            }
        }
    }

    private sealed class Latch
    {
        public uint Status { get; set; }

        public uint Enable { get; set; }

        public uint Count { get; set; }
    }

    /// <summary>One side's registers. Whole registers, pairs of them (the lower first), and single bytes of SET; what is narrower elsewhere is ignored.</summary>
    private sealed class View(MailboxBlock block, MailboxSide side) : IRegionHandler
    {
        public ulong Read(int offset, int size)
        {
            if (size == 8) return block.Read(side, offset) | ((ulong)block.Read(side, offset + 4) << 32);
            uint value = block.Read(side, offset & ~3) >> (8 * (offset & 3));
            return size switch { 1 => (byte)value, 2 => (ushort)value, 4 => value, _ => 0 };
        }

        public void Write(int offset, int size, ulong value)
        {
            switch (size)
            {
                case 8:
                    block.Write(side, offset, (uint)value);
                    block.Write(side, offset + 4, (uint)(value >> 32));
                    break;
                case 4:
                    block.Write(side, offset, (uint)value);
                    break;
                case 1 when block.TryFindBank(offset, out _, out int register) && register == MailboxFormat.Set:
                    // Bytes above the first shift to their own events.
                    block.Write(side, offset & ~3, (uint)(byte)value << (8 * (offset & 3)));
                    break;
            }
        }
    }
}
