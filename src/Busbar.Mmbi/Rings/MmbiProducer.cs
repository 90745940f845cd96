// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Busbar.Memory;

namespace Busbar.Mmbi;

/// <summary>
/// The writing end of a ring. Packets are staged with <see cref="TryReserve"/> or <see cref="TryWrite"/> and published together with
/// <see cref="Commit"/>. It also owns the status word that holds the write pointer, UP and RST.
/// </summary>
/// <remarks>
/// The cursors are private; the shared word only receives copies. The peer's read pointer is cached and read again only when the cache says
/// that the ring is full, because that line belongs to the peer. Not thread-safe.
/// </remarks>
public sealed class MmbiProducer
{
    private readonly SharedRegion _region;
    private readonly int _start;
    private readonly int _length;
    private readonly int _wrapAbove;
    private readonly int _ownWord;
    private readonly int _peerWord;
    private readonly bool _isRam;

    private MmbiHeaderFormat _format;
    private uint _flags;
    private uint _seen;
    private int _position;      // next packet, in the form in which it would be published
    private int _published;     // what the peer was told
    private int _staged;        // bytes between the two
    private int _used;          // bytes between the peer's read pointer and _position
    private int _peerPosition;  // the peer's read pointer, never equal to the length

    internal MmbiProducer(SharedRegion region, RingEnd end, MmbiDialect dialect)
    {
        _region = region;
        _start = checked((int)end.Ring.Start);
        _length = checked((int)end.Ring.Length);
        _wrapAbove = dialect.PointerReachesEnd ? _length : _length - 1;
        _ownWord = end.OwnWord;
        _peerWord = end.PeerWord;
        _isRam = region.Access == RegionAccess.Ram;
        _format = dialect.HeaderFormat;
    }

    /// <summary>Bytes of the largest packet that fits into an empty ring, its header included.</summary>
    public int Capacity => _length - MmbiRing.Gap;

    /// <summary>Bytes of the ring.</summary>
    public int Length => _length;

    /// <summary>Bytes that are free as far as we know without asking the peer.</summary>
    public int Free => Capacity - _used;

    /// <summary>Bytes that the peer was told of and has not yet released, as far as we know.</summary>
    public int Unread => _used - _staged;

    /// <summary>True when something waits for <see cref="Commit"/>.</summary>
    public bool HasStaged => _staged != 0;

    /// <summary>
    /// True when the peer published a read pointer that cannot be: outside the ring, or ahead of what we wrote. Only a reset clears it.
    /// </summary>
    public bool IsViolated { get; private set; }

    /// <summary>The peer's RDY as of the last look at its word.</summary>
    public bool IsPeerReady { get; private set; }

    /// <summary>How packet headers are encoded.</summary>
    public MmbiHeaderFormat Format
    {
        get => _format;
        internal set => _format = value;
    }

    internal uint PublishedWord => (uint)_published | _flags;

    /// <summary>Stages room for one packet and writes its header.</summary>
    /// <param name="payloadLength">Payload bytes, at least 1: no reader of the field sees a packet without payload.</param>
    /// <param name="type">What the packet carries.</param>
    /// <param name="slot">Where the payload goes.</param>
    /// <returns>False when the ring has no room: nothing was staged.</returns>
    internal bool TryReserve(int payloadLength, MmbiPacketType type, out MmbiSlot slot)
    {
        slot = default;
        if (payloadLength is < 1 or > MmbiPacketHeader.MaximumPayload) return false;
        int occupied = MmbiPacketHeader.Occupied(payloadLength);
        if (occupied > Free && !HasRoomAfterLook(occupied)) return false;
        int at = Physical(_position);

        // A header never straddles the ring's end: positions and length are multiples of 4.
        _region.Write32(_start + at, _format.Encode(payloadLength, type));
        slot = new MmbiSlot(this, Physical(at + MmbiPacketHeader.Size), payloadLength);
        Take(occupied);
        return true;
    }

    /// <summary>Stages one whole packet whose payload is a dword and two pieces; the form that MCTP uses.</summary>
    /// <param name="type">What the packet carries.</param>
    /// <param name="head">The payload's first four bytes, the first of them in the lowest bits.</param>
    /// <param name="first">The next bytes; may be empty.</param>
    /// <param name="second">The last bytes; may be empty.</param>
    /// <returns>False when the ring has no room: nothing was staged.</returns>
    internal bool TryWrite(MmbiPacketType type, uint head, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        const int HeadLength = sizeof(uint);
        if ((uint)first.Length > MmbiPacketHeader.MaximumPayload || (uint)second.Length > MmbiPacketHeader.MaximumPayload) return false;
        int payloadLength = HeadLength + first.Length + second.Length;
        int occupied = MmbiPacketHeader.Occupied(payloadLength);
        if (occupied > Free && !HasRoomAfterLook(occupied)) return false;
        int at = Physical(_position);
        uint header = _format.Encode(payloadLength, type);
        if (_isRam && at + occupied <= _length)
        {
            Span<byte> slot = _region.Span(_start + at, occupied);
            BinaryPrimitives.WriteUInt32LittleEndian(slot, header);
            BinaryPrimitives.WriteUInt32LittleEndian(slot[MmbiPacketHeader.Size..], head);
            slot = slot[(MmbiPacketHeader.Size + HeadLength)..];
            if (first.Length == 1) slot[0] = first[0];
            else first.CopyTo(slot);
            second.CopyTo(slot[first.Length..]);
        }
        else
        {
            WriteInPieces(at, header, head, first, second);
        }

        Take(occupied);
        return true;
    }

    /// <summary>Publishes everything staged with one release store of the write pointer. Does nothing when nothing is staged.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Commit()
    {
        if (_staged == 0) return;
        _published = _position;
        _staged = 0;
        _region.Write32(_ownWord, (uint)_published | _flags);
    }

    /// <summary>Forgets everything staged since the last <see cref="Commit"/>.</summary>
    internal void Abort()
    {
        _position = _published;
        _used -= _staged;
        _staged = 0;
    }

    /// <summary>Reads the peer's word: how far it has read, and whether it accepts packets.</summary>
    /// <returns>False when the pointer cannot be; see <see cref="IsViolated"/>.</returns>
    internal bool Look()
    {
        uint word = _region.Read32(_peerWord);
        if (word == _seen) return !IsViolated;
        uint pointer = word & StatusWords.PointerMask;
        if (pointer > (uint)_length) return Violate();
        int position = Physical((int)pointer);
        int released = position - _peerPosition;
        if (released < 0) released += _length;

        // The peer can only release what it was told of. A pointer inside a packet is odd but harmless: bytes are what is counted.
        if (released > Unread) return Violate();
        _used -= released;
        _peerPosition = position;
        _seen = word;
        IsPeerReady = (word & StatusWords.Ready) != 0;
        return !IsViolated;
    }

    /// <summary>
    /// Forgets a violation and everything that the peer has not read: our write pointer goes to where the peer says that it reads, so the ring is empty.
    /// </summary>
    /// <returns>False when that pointer lies outside the ring: it is ignored until it changes.</returns>
    internal bool TrySkipToReader()
    {
        uint word = _region.Read32(_peerWord);
        uint pointer = word & StatusWords.PointerMask;
        IsViolated = false;
        _seen = word;
        IsPeerReady = (word & StatusWords.Ready) != 0;
        if (pointer > (uint)_length) return false;
        _position = _published = (int)pointer;
        _peerPosition = Physical((int)pointer);
        _staged = _used = 0;
        _region.Write32(_ownWord, PublishedWord);
        return true;
    }

    /// <summary>Both cursors to 0, as after initialisation, with these flags; the shared word is not touched.</summary>
    internal void Reset(uint flags)
    {
        _flags = flags;
        _seen = 0;
        _position = _published = _staged = _used = _peerPosition = 0;
        IsViolated = false;
        IsPeerReady = false;
    }

    /// <summary>Publishes new UP and RST bits with the pointer as it is.</summary>
    internal void SetFlags(uint flags)
    {
        _flags = flags;
        _region.Write32(_ownWord, PublishedWord);
    }

    /// <summary>Copies payload bytes behind a position, around the ring's end; returns the position behind them.</summary>
    internal int Store(int position, ReadOnlySpan<byte> bytes)
    {
        int untilEnd = _length - position;
        if (bytes.Length < untilEnd)
        {
            _region.CopyFrom(_start + position, bytes);
            return position + bytes.Length;
        }

        _region.CopyFrom(_start + position, bytes[..untilEnd]);
        _region.CopyFrom(_start, bytes[untilEnd..]);
        return bytes.Length - untilEnd;
    }

    private void WriteInPieces(int at, uint header, uint head, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        _region.Write32(_start + at, header);
        at = Physical(at + MmbiPacketHeader.Size);
        _region.Write32(_start + at, head);
        at = Store(Physical(at + sizeof(uint)), first);
        Store(at, second);
    }

    private void Take(int occupied)
    {
        _position = Physical(_position) + occupied;
        if (_position > _wrapAbove) _position -= _length;
        _staged += occupied;
        _used += occupied;
    }

    private int Physical(int position) => position >= _length ? position - _length : position;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool HasRoomAfterLook(int occupied) => Look() && occupied <= Free;

    private bool Violate()
    {
        IsViolated = true;
        return false;
    }
}
