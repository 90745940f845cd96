// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <summary>
/// A medium in memory with several stations and their physical addresses, like SMBus: a packet goes to the station whose address it carries, and one for the
/// broadcast EID without an address goes to all others. For emulated buses with many endpoints: an idle station costs a few hundred bytes.
/// </summary>
/// <remarks>
/// The stations may belong to different stacks, as long as one thread at a time works on all of them. The packets on the bus have a bound together. A station that takes none for
/// <see cref="DeafAfter"/> loses what waits for it, so that it does not stop the bus for the others.
/// </remarks>
public sealed class SegmentBus
{
    /// <summary>Packets that may wait when nothing else is asked for.</summary>
    public const int DefaultCapacity = 256;

    /// <summary>A station that lets packets wait for so many milliseconds without being polled is deaf, which matters once the bus is full.</summary>
    public const int DeafAfter = 1_000;

    private const int LongestPause = 100;

    // Most buses have addresses of one byte, and those need no hash.
    private readonly SegmentLink?[] _byByte = new SegmentLink?[256];
    private readonly Dictionary<PhysicalAddress, SegmentLink> _others = [];
    private readonly List<SegmentLink> _stations = [];
    private readonly int _capacity;
    private SegmentFrame? _free;
    private int _inUse;
    private long _lastPoll;

    /// <summary>Creates a bus without stations.</summary>
    /// <param name="name">What users call it.</param>
    /// <param name="mtu">Largest packet, header included, from 68.</param>
    /// <param name="capacity">Packets that may wait in all stations together, from 1. Their buffers are made when first needed.</param>
    /// <param name="binding">What the bus claims to be.</param>
    public SegmentBus(string name = "segment", int mtu = MctpLink.MinimumMtu, int capacity = DefaultCapacity, PhysicalBinding binding = PhysicalBinding.Smbus)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentOutOfRangeException.ThrowIfLessThan(mtu, MctpLink.MinimumMtu);
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        Name = name;
        Mtu = mtu;
        Binding = binding;
        _capacity = capacity;
    }

    /// <summary>What users call the bus.</summary>
    public string Name { get; }

    /// <summary>Largest packet, header included.</summary>
    public int Mtu { get; }

    /// <summary>What the bus claims to be.</summary>
    public PhysicalBinding Binding { get; }

    /// <summary>Packets that wait in all stations together.</summary>
    public int Waiting => _inUse;

    /// <summary>The stations that are plugged in.</summary>
    public IReadOnlyList<SegmentLink> Stations => _stations;

    /// <summary>Makes a station and plugs it in; it is up from the beginning.</summary>
    /// <param name="address">Its physical address, 1 to 32 bytes, which no other station has.</param>
    /// <param name="name">What users call the link; null for the bus's name and the address.</param>
    /// <exception cref="ArgumentException">The address is empty, or another station's.</exception>
    public SegmentLink AddStation(in PhysicalAddress address, string? name = null)
    {
        if (address.Length == 0) throw new ArgumentException("a station needs a physical address", nameof(address));
        var station = new SegmentLink(this, name ?? $"{Name}.{address}", address);
        if (!station.SetUp(up: true, now: 0)) throw new ArgumentException($"address {address} is taken on {Name}", nameof(address));
        return station;
    }

    /// <summary>Milliseconds in which stations were polled. A pause of everybody, such as that of a process that was stopped, makes nobody deaf.</summary>
    internal long Age { get; private set; }

    internal bool TryPlug(SegmentLink station)
    {
        if (Find(station.Address) is not null) return false;
        PhysicalAddress address = station.Address;
        if (address.Length == 1) _byByte[FirstByte(address)] = station;
        else _others.Add(address, station);
        _stations.Add(station);
        return true;
    }

    internal void Unplug(SegmentLink station)
    {
        PhysicalAddress address = station.Address;
        if (address.Length == 1) _byByte[FirstByte(address)] = null;
        else _others.Remove(address);
        _stations.Remove(station);
    }

    internal SendRoom Room(int packets)
    {
        if (packets > _capacity) return SendRoom.Never;
        if (packets <= _capacity - _inUse) return SendRoom.Now;
        foreach (SegmentLink station in _stations)
        {
            if (Age - station.UnreadSince >= DeafAfter) station.Silence();
        }

        return packets <= _capacity - _inUse ? SendRoom.Now : SendRoom.Later;
    }

    /// <summary>Puts a packet on the bus.</summary>
    /// <param name="from">Who sends.</param>
    /// <param name="to">The address of one station; empty for all, which only the broadcast EID may be.</param>
    /// <param name="header">The transport header.</param>
    /// <param name="first">Payload, first part.</param>
    /// <param name="second">Payload, the rest.</param>
    /// <param name="isTaken">Whether a station has it.</param>
    /// <returns>False when the bus is full.</returns>
    internal bool Write(SegmentLink from, in PhysicalAddress to, MctpHeader header, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, out bool isTaken)
    {
        isTaken = false;
        if (_inUse >= _capacity) return false;
        bool isForAll = to.Length == 0 && header.Destination == Eid.Broadcast;
        SegmentLink? one = isForAll ? null : Find(to);
        int readers = isForAll ? _stations.Count - 1 : one is null || ReferenceEquals(one, from) ? 0 : 1;
        if (readers == 0) return true;

        SegmentFrame frame = Rent();
        frame.Header = header;
        frame.From = from.Address;
        frame.Length = first.Length + second.Length;
        frame.Readers = readers;
        first.CopyTo(frame.Data);
        second.CopyTo(frame.Data.AsSpan(first.Length));
        isTaken = true;
        if (one is not null)
        {
            one.Arrive(frame);
            return true;
        }

        foreach (SegmentLink station in _stations)
        {
            if (!ReferenceEquals(station, from)) station.Arrive(frame);
        }

        return true;
    }

    internal void Polled(long now)
    {
        if (now <= _lastPoll) return;
        Age += Math.Min(now - _lastPoll, LongestPause);
        _lastPoll = now;
    }

    internal void Return(SegmentFrame frame)
    {
        if (--frame.Readers != 0) return;
        frame.Next = _free;
        _free = frame;
        _inUse--;
    }

    private static int FirstByte(in PhysicalAddress address)
    {
        Span<byte> bytes = stackalloc byte[PhysicalAddress.MaximumLength];
        address.CopyTo(bytes);
        return bytes[0];
    }

    private SegmentLink? Find(in PhysicalAddress address) => address.Length == 1 ? _byByte[FirstByte(address)] : _others.GetValueOrDefault(address);

    private SegmentFrame Rent()
    {
        _inUse++;
        if (_free is not { } frame) return new SegmentFrame(Mtu - MctpHeader.Size);
        _free = frame.Next;
        return frame;
    }
}
