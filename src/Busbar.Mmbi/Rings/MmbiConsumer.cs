// SPDX-License-Identifier: Apache-2.0
using System.Runtime.CompilerServices;
using Busbar.Memory;

namespace Busbar.Mmbi;

/// <summary>
/// The reading end of a ring: <see cref="Look"/>, then <see cref="TryPeek"/> and <see cref="Advance"/> for each packet, then <see
/// cref="Publish"/> once for all of them. It also owns the status word that holds the read pointer and RDY.
/// </summary>
/// <remarks>
/// The peer's write pointer is validated when it changes (inside the ring, a step no longer than the free space), each header when it is
/// read, from a private snapshot; neither is looked at again afterwards. Not thread-safe.
/// </remarks>
public sealed class MmbiConsumer
{
    private readonly SharedRegion _region;
    private readonly int _start;
    private readonly int _length;
    private readonly int _wrapAbove;
    private readonly int _ownWord;
    private readonly int _peerWord;
    private readonly byte[]? _scratch;

    private MmbiHeaderFormat _format;
    private HeaderDetector? _detector;
    private int _vetted;        // bytes that the detector has walked already
    private uint _ready;
    private uint _seen;
    private int _position;      // next packet, in the form in which it would be published
    private int _published;     // what the peer was told
    private int _owed;          // bytes between the two: consumed, not yet released
    private int _available;     // bytes between _position and the peer's write pointer
    private int _peerPosition;  // the peer's write pointer, never equal to the length
    private int _peeked;        // bytes of the packet at the head, once it was looked at

    internal MmbiConsumer(SharedRegion region, RingEnd end, MmbiDialect dialect, MmbiHeaderFormat[] candidates)
    {
        _region = region;
        _start = checked((int)end.Ring.Start);
        _length = checked((int)end.Ring.Length);
        _wrapAbove = dialect.PointerReachesEnd ? _length : _length - 1;
        _ownWord = end.OwnWord;
        _peerWord = end.PeerWord;
        _format = dialect.HeaderFormat;
        _scratch = region.Access == RegionAccess.Ram ? null : new byte[_length];
        Candidates = candidates;
        Reset(ready: false);
    }

    /// <summary>Bytes of the ring.</summary>
    public int Length => _length;

    /// <summary>Bytes known to wait.</summary>
    public int Available => _available;

    /// <summary>Bytes consumed that the peer was not yet told of.</summary>
    public int Owed => _owed;

    /// <summary>
    /// What is wrong with what the peer wrote; <see cref="RingViolation.None"/> while nothing is. Only a reset clears it.
    /// </summary>
    public RingViolation Violation { get; private set; }

    /// <summary>How packet headers are decoded.</summary>
    public MmbiHeaderFormat Format => _format;

    /// <summary>False while the header format is still open because no snapshot has decided it.</summary>
    public bool IsFormatLocked => _detector is null;

    internal MmbiHeaderFormat[] Candidates { get; }

    /// <summary>The peer's word 0 as of the last accepted look.</summary>
    internal uint Seen => _seen;

    internal uint PublishedWord => (uint)_published | _ready;

    /// <summary>Loads the peer's word with acquire ordering: whatever it announces may be read afterwards.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal uint Load() => _region.Read32(_peerWord);

    /// <summary>Reads the peer's write pointer.</summary>
    /// <returns>False when it cannot be; see <see cref="Violation"/>.</returns>
    internal bool Look() => Accept(Load());

    /// <summary>Takes over a write pointer that was just loaded.</summary>
    internal bool Accept(uint word)
    {
        if (word == _seen) return Violation == RingViolation.None;
        uint pointer = word & StatusWords.PointerMask;
        if (pointer > (uint)_length) return Violate(RingViolation.WritePointer);
        int position = pointer == (uint)_length ? 0 : (int)pointer;
        int step = position - _peerPosition;
        if (step < 0) step += _length;

        // Measured against what we published, not against what we consumed: that is all the writer may rely on.
        // Writers of versions 1.1 and eSPI keep no gap, so a step may end exactly on our published pointer.
        if (step > _length - _available - _owed) return Violate(RingViolation.WritePointer);
        _available += step;
        _peerPosition = position;
        _seen = word;
        return Violation == RingViolation.None;
    }

    /// <summary>The packet at the head.</summary>
    /// <param name="packet">The packet; undefined when the result is false.</param>
    /// <returns>False when nothing waits or the header is not acceptable; see <see cref="Violation"/>.</returns>
    internal bool TryPeek(out MmbiPacket packet)
    {
        packet = default;
        if (_available == 0 || Violation != RingViolation.None) return false;
        if (_detector is not null && _vetted <= 0) Detect();
        int at = Physical(_position);
        uint raw = _region.Read32(_start + at);
        if (!_format.TryDecode(raw, out MmbiPacketHeader header) || header.OccupiedLength > _available)
        {
            Violate(RingViolation.Header);
            return false;
        }

        _peeked = header.OccupiedLength;
        at = Physical(at + MmbiPacketHeader.Size);
        if (_scratch is not null)
        {
            packet = CopyOut(at, header);
            return true;
        }

        int untilEnd = _length - at;
        packet = header.PayloadLength <= untilEnd
            ? new MmbiPacket(header.Type, _region.ReadSpan(_start + at, header.PayloadLength), default)
            : new MmbiPacket(header.Type, _region.ReadSpan(_start + at, untilEnd), _region.ReadSpan(_start, header.PayloadLength - untilEnd));
        return true;
    }

    /// <summary>Consumes the packet that <see cref="TryPeek"/> gave. The peer learns of it with <see cref="Publish"/>.</summary>
    internal void Advance()
    {
        int occupied = _peeked;
        _peeked = 0;
        _position = Physical(_position) + occupied;
        if (_position > _wrapAbove) _position -= _length;
        _available -= occupied;
        _owed += occupied;
        _vetted -= occupied;
    }

    /// <summary>Tells the peer how far we have read, with one release store of the read pointer. Does nothing when it knows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Publish()
    {
        if (_owed == 0) return;
        _published = _position;
        _owed = 0;
        _region.Write32(_ownWord, (uint)_published | _ready);
    }

    /// <summary>Forgets a violation and everything up to the peer's write pointer, and tells the peer that it was read.</summary>
    /// <param name="word">The peer's word 0.</param>
    /// <returns>
    /// False when that pointer lies outside the ring: it is ignored until it changes. What was accepted before stays, unless it is what makes no sense.
    /// </returns>
    internal bool TrySkipTo(uint word)
    {
        uint pointer = word & StatusWords.PointerMask;
        if (pointer > (uint)_length)
        {
            if (Violation == RingViolation.Header) SkipTo((uint)_peerPosition);
            Violation = RingViolation.None;
            _seen = word;
            return false;
        }

        SkipTo(pointer);
        _seen = word;
        return true;
    }

    /// <summary>
    /// Both cursors to 0, as after initialisation, with this RDY; the shared word is not touched. Detection starts again.
    /// </summary>
    internal void Reset(bool ready)
    {
        _ready = ready ? StatusWords.Ready : 0;
        _seen = 0;
        _position = _published = _owed = _available = _peerPosition = _peeked = _vetted = 0;
        Violation = RingViolation.None;
        _detector = Candidates.Length > 1 ? new HeaderDetector(Candidates) : null;
        if (_detector is not null) _format = Candidates[0];
    }

    /// <summary>Publishes RDY with the pointer as it is.</summary>
    internal void SetReady(bool ready)
    {
        _ready = ready ? StatusWords.Ready : 0;
        _region.Write32(_ownWord, PublishedWord);
    }

    private void Detect()
    {
        _vetted = _available;
        if (!_detector!.Examine(_region, new MmbiRing(_start, _length), Physical(_position), _available)) return;
        _format = _detector.Format;
        if (_detector.IsUnique) _detector = null;
    }

    // Device memory has no spans: copy it out once, with the widths that the region prescribes.
    private MmbiPacket CopyOut(int at, MmbiPacketHeader header)
    {
        Span<byte> copy = _scratch.AsSpan(0, header.PayloadLength);
        int untilEnd = Math.Min(_length - at, copy.Length);
        _region.CopyTo(_start + at, copy[..untilEnd]);
        if (untilEnd < copy.Length) _region.CopyTo(_start, copy[untilEnd..]);
        return new MmbiPacket(header.Type, copy, default);
    }

    private void SkipTo(uint pointer)
    {
        _position = _published = (int)pointer;
        _peerPosition = pointer == (uint)_length ? 0 : (int)pointer;
        _available = _owed = _peeked = _vetted = 0;
        Violation = RingViolation.None;
        _region.Write32(_ownWord, (uint)_published | _ready);
    }

    private int Physical(int position) => position >= _length ? position - _length : position;

    private bool Violate(RingViolation violation)
    {
        Violation = violation;
        return false;
    }
}
