// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Busbar.Memory;

/// <summary>
/// One block of memory that somebody else can change at any moment: a mapped file, a memfd, or a device's BAR. It is the only
/// door to such memory; every access is checked for bounds and natural alignment, and an access after <see cref="Dispose"/> throws
/// <see cref="ObjectDisposedException"/>.
/// </summary>
/// <remarks>
/// Multi-byte values are little endian, the native order of the machines this runs on. Offsets are bytes from the region's start.
/// The methods may be called from any thread; they order nothing by themselves except where the name says acquire or release.
/// Dispose must not race with accesses: the node's lock keeps them apart.
/// A wrong offset is a programmer's error and throws <see cref="ArgumentOutOfRangeException"/>; values that come from a peer must be
/// validated before they are used as offsets. A write to a read-only region throws <see cref="InvalidOperationException"/>: the
/// processor would otherwise end the process.
/// </remarks>
public sealed unsafe partial class SharedRegion : IDisposable
{
    private readonly byte* _base;
    private readonly IDisposable? _owner;

    // Zero once disposed: the bounds check of every access doubles as the check for use after disposal.
    private int _length;

    // The same for writes: zero from the start in a read-only region, so that refusing a write costs nothing on the hot path.
    private int _writableLength;

    // Set in a watched view only, whose writable length is zero, too: each write takes the slow branch and is announced there.
    private readonly Action<int, int>? _beforeWrite;

    // Set in a trap only, whose lengths above are both zero: reads take the slow branch as well and are served there.
    private readonly IRegionHandler? _handler;
    private int _trappedLength;

    /// <summary>Wraps mapped memory.</summary>
    /// <param name="address">First byte, aligned to at least 8.</param>
    /// <param name="length">Bytes, positive.</param>
    /// <param name="access">Width rules of the memory behind it.</param>
    /// <param name="owner">Unmaps the memory when disposed; null when somebody else keeps the mapping alive longer than this object.</param>
    /// <param name="isReadOnly">True when the mapping cannot be written; every write is then refused.</param>
    public SharedRegion(nint address, int length, RegionAccess access, IDisposable? owner, bool isReadOnly = false)
    {
        ArgumentOutOfRangeException.ThrowIfZero(address);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        if ((address & 7) != 0) throw new ArgumentException("A region starts on an 8-byte boundary.", nameof(address));
        _base = (byte*)address;
        _length = length;
        _writableLength = isReadOnly ? 0 : length;
        _owner = owner;
        Access = access;
        IsReadOnly = isReadOnly;
    }

    private SharedRegion(SharedRegion watched, Action<int, int> beforeWrite)
        : this((nint)watched._base, watched._length, watched.Access, owner: null)
    {
        _beforeWrite = beforeWrite;
        _writableLength = 0;
    }

    /// <summary>Bytes in the region; 0 after <see cref="Dispose"/>.</summary>
    public int Length => _length | _trappedLength;

    /// <summary>The width rules in force.</summary>
    public RegionAccess Access { get; }

    /// <summary>True for an observer's region: reads work, every write throws.</summary>
    public bool IsReadOnly { get; }

    /// <summary>A zeroed, page-aligned block of this process's own memory, for both ends in one process.</summary>
    /// <param name="length">Bytes, positive.</param>
    /// <param name="access">Width rules to apply; <see cref="RegionAccess.Mmio"/> makes RAM behave like a BAR for tests.</param>
    public static SharedRegion Allocate(int length, RegionAccess access = RegionAccess.Ram)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        var block = new NativeBlock((nuint)length);
        return new SharedRegion(block.Address, length, access, block);
    }

    /// <summary>
    /// A second view of the same memory that announces every write before it happens. For tests of crash points and interleavings: the observer may run
    /// the other side, or throw to let this side die in front of the write. The watched region must outlive the view.
    /// </summary>
    /// <param name="region">A writable region.</param>
    /// <param name="beforeWrite">Called with offset and length; a span counts as one write when it is taken.</param>
    public static SharedRegion Watch(SharedRegion region, Action<int, int> beforeWrite)
    {
        ArgumentNullException.ThrowIfNull(region);
        ArgumentNullException.ThrowIfNull(beforeWrite);
        if (region.IsReadOnly) throw new ArgumentException("There are no writes to watch in a read-only region.", nameof(region));
        if (region._handler is not null) throw new ArgumentException("A trap's own handler sees its writes already.", nameof(region));
        return new SharedRegion(region, beforeWrite);
    }

    /// <summary>Reads one byte.</summary>
    /// <param name="offset">Bytes from the start.</param>
    public byte Read8(int offset)
    {
        if (!Fits(offset, 1, _length)) return (byte)ReadSlowly(offset, 1);
        return Volatile.Read(ref *(_base + offset));
    }

    /// <summary>Reads an aligned little-endian 16-bit value.</summary>
    /// <param name="offset">Bytes from the start, a multiple of 2.</param>
    public ushort Read16(int offset)
    {
        if (!Fits(offset, 2, _length)) return (ushort)ReadSlowly(offset, 2);
        return Volatile.Read(ref *(ushort*)(_base + offset));
    }

    /// <summary>Reads an aligned little-endian 32-bit value in one access, with acquire ordering.</summary>
    /// <param name="offset">Bytes from the start, a multiple of 4.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint Read32(int offset)
    {
        if (!Fits(offset, 4, _length)) return (uint)ReadSlowly(offset, 4);
        return Volatile.Read(ref *(uint*)(_base + offset));
    }

    /// <summary>Replaces an aligned 32-bit value if it still has the expected content, with full ordering. RAM only.</summary>
    /// <param name="offset">Bytes from the start, a multiple of 4.</param>
    /// <param name="value">The new value.</param>
    /// <param name="expected">The content that must be there.</param>
    /// <returns>What was there before; equal to <paramref name="expected"/> when the exchange took place.</returns>
    public uint CompareExchange32(int offset, uint value, uint expected)
    {
        if (Access != RegionAccess.Ram) ThrowNotRam();
        return Interlocked.CompareExchange(ref *(uint*)AtWritable(offset, 4), value, expected);
    }

    /// <summary>Reads an aligned little-endian 64-bit value in one access, with acquire ordering.</summary>
    /// <param name="offset">Bytes from the start, a multiple of 8.</param>
    public ulong Read64(int offset)
    {
        if (!Fits(offset, 8, _length)) return ReadSlowly(offset, 8);
        return Volatile.Read(ref *(ulong*)(_base + offset));
    }

    /// <summary>Writes one byte.</summary>
    /// <param name="offset">Bytes from the start.</param>
    /// <param name="value">The byte.</param>
    public void Write8(int offset, byte value)
    {
        if (!Fits(offset, 1, _writableLength))
        {
            WriteSlowly(offset, 1, value);
            return;
        }

        Volatile.Write(ref *(_base + offset), value);
    }

    /// <summary>Writes an aligned little-endian 16-bit value.</summary>
    /// <param name="offset">Bytes from the start, a multiple of 2.</param>
    /// <param name="value">The value.</param>
    public void Write16(int offset, ushort value)
    {
        if (!Fits(offset, 2, _writableLength))
        {
            WriteSlowly(offset, 2, value);
            return;
        }

        Volatile.Write(ref *(ushort*)(_base + offset), value);
    }

    /// <summary>Writes an aligned little-endian 32-bit value in one access, with release ordering: everything written before is visible first.</summary>
    /// <param name="offset">Bytes from the start, a multiple of 4.</param>
    /// <param name="value">The value.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Write32(int offset, uint value)
    {
        if (!Fits(offset, 4, _writableLength))
        {
            WriteSlowly(offset, 4, value);
            return;
        }

        Volatile.Write(ref *(uint*)(_base + offset), value);
    }

    /// <summary>Writes an aligned little-endian 64-bit value in one access, with release ordering.</summary>
    /// <param name="offset">Bytes from the start, a multiple of 8.</param>
    /// <param name="value">The value.</param>
    public void Write64(int offset, ulong value)
    {
        if (!Fits(offset, 8, _writableLength))
        {
            WriteSlowly(offset, 8, value);
            return;
        }

        Volatile.Write(ref *(ulong*)(_base + offset), value);
    }

    /// <summary>
    /// A view of RAM whose content may change while it is read. Read each byte once, never validate what will be read again, and
    /// let go of the span before the region can be disposed.
    /// </summary>
    /// <param name="offset">Bytes from the start.</param>
    /// <param name="length">Bytes.</param>
    /// <exception cref="InvalidOperationException">The region is <see cref="RegionAccess.Mmio"/> or read-only.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<byte> Span(int offset, int length)
    {
        if (Access != RegionAccess.Ram) ThrowNotRam();
        CheckWritableRange(offset, length);

        // SAFETY: CheckWritableRange proved that [offset, offset + length) lies inside the live, writable mapping.
        return new Span<byte>(_base + offset, length);
    }

    /// <summary>As <see cref="Span"/>, for looking only; works on a read-only region too.</summary>
    /// <param name="offset">Bytes from the start.</param>
    /// <param name="length">Bytes.</param>
    /// <exception cref="InvalidOperationException">The region is <see cref="RegionAccess.Mmio"/>.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ReadOnlySpan<byte> ReadSpan(int offset, int length)
    {
        if (Access != RegionAccess.Ram) ThrowNotRam();
        CheckRange(offset, length);

        // SAFETY: CheckRange proved that [offset, offset + length) lies inside the live mapping.
        return new ReadOnlySpan<byte>(_base + offset, length);
    }

    /// <summary>Copies bytes out of the region.</summary>
    /// <param name="offset">Bytes from the start.</param>
    /// <param name="destination">Filled completely.</param>
    public void CopyTo(int offset, Span<byte> destination)
    {
        if ((ulong)(uint)offset + (uint)destination.Length > (uint)_length)
        {
            CopyFromTrap(offset, destination);
            return;
        }

        if (Access == RegionAccess.Ram)
        {
            // SAFETY: the range was checked above.
            new ReadOnlySpan<byte>(_base + offset, destination.Length).CopyTo(destination);
            return;
        }

        // SAFETY: every position below lies in the range that was checked above.
        int done = 0;
        while (done < destination.Length)
        {
            int position = offset + done;
            int lane = position & 3;
            if (lane == 0 && destination.Length - done >= 4)
            {
                uint word = Volatile.Read(ref *(uint*)(_base + position));
                Unsafe.WriteUnaligned(ref destination[done], word);
                done += 4;
                continue;
            }

            destination[done++] = Volatile.Read(ref *(_base + position));
        }
    }

    /// <summary>Copies bytes into the region.</summary>
    /// <param name="offset">Bytes from the start.</param>
    /// <param name="source">The bytes; must not overlap the destination.</param>
    public void CopyFrom(int offset, ReadOnlySpan<byte> source)
    {
        if ((ulong)(uint)offset + (uint)source.Length > (uint)_writableLength && TryCopyToTrap(offset, source)) return;
        if (Access == RegionAccess.Ram)
        {
            // SAFETY: the range was checked above.
            source.CopyTo(new Span<byte>(_base + offset, source.Length));
            return;
        }

        // SAFETY: as in CopyTo.
        int done = 0;
        while (done < source.Length)
        {
            int position = offset + done;
            if ((position & 3) == 0 && source.Length - done >= 4)
            {
                Volatile.Write(ref *(uint*)(_base + position), Unsafe.ReadUnaligned<uint>(in source[done]));
                done += 4;
                continue;
            }

            Volatile.Write(ref *(_base + position), source[done++]);
        }
    }

    /// <summary>Writes zeroes.</summary>
    /// <param name="offset">Bytes from the start.</param>
    /// <param name="length">Bytes.</param>
    public void Clear(int offset, int length)
    {
        if ((ulong)(uint)offset + (uint)length > (uint)_writableLength && TryClearTrap(offset, length)) return;

        // SAFETY: the range was checked above, so the sum cannot overflow either.
        int end = offset + length;
        for (; offset < end && (offset & 3) != 0; offset++) Volatile.Write(ref *(_base + offset), 0);
        for (; end - offset >= 4; offset += 4) Volatile.Write(ref *(uint*)(_base + offset), 0u);
        for (; offset < end; offset++) Volatile.Write(ref *(_base + offset), 0);
    }

    /// <summary>Lets go of the memory; later accesses throw <see cref="ObjectDisposedException"/>. Idempotent.</summary>
    public void Dispose()
    {
        _writableLength = 0;
        _trappedLength = 0;
        if (Interlocked.Exchange(ref _length, 0) != 0) _owner?.Dispose();
    }

    // Callers leave by the slow branch first: without a profile the compiler then lays the fast one out without a jump over the other.
    // One unsigned comparison covers negative offsets, the end, and a disposed region.
    // SAFETY: true means that [offset, offset + size) lies inside the live mapping (the live, writable one) and is aligned.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool Fits(int offset, int size, int length) => (ulong)(uint)offset + (uint)size <= (uint)length && (offset & (size - 1)) == 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private byte* AtWritable(int offset, int size)
    {
        if ((ulong)(uint)offset + (uint)size > (uint)_writableLength || (offset & (size - 1)) != 0)
        {
            AnnounceOrThrow(offset, size, alignment: size);
        }

        // SAFETY: the check above keeps [offset, offset + size) inside the live, writable mapping and aligned.
        return _base + offset;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void CheckWritableRange(int offset, int length)
    {
        if ((ulong)(uint)offset + (uint)length > (uint)_writableLength)
        {
            AnnounceOrThrow(offset, length, alignment: 1);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void CheckRange(int offset, int length)
    {
        if ((ulong)(uint)offset + (uint)length > (uint)_length) ThrowBadRange(offset, length);
    }

    // A write that the fast check did not pass: one to a watched view, or a wrong one.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void AnnounceOrThrow(int offset, int length, int alignment)
    {
        ObjectDisposedException.ThrowIf(Length == 0, this);
        if (IsReadOnly) throw new InvalidOperationException("The region is mapped for reading only.");
        if ((offset & (alignment - 1)) != 0) ThrowBadAccess(offset, length);
        if (_beforeWrite is null || (ulong)(uint)offset + (uint)length > (uint)_length) ThrowBadRange(offset, length);
        _beforeWrite(offset, length);
    }

    [DoesNotReturn]
    private void ThrowBadAccess(int offset, int size)
    {
        ObjectDisposedException.ThrowIf(Length == 0, this);
        throw new ArgumentOutOfRangeException(nameof(offset), offset, $"An access of {size} bytes needs an aligned offset inside {Length} bytes.");
    }

    [DoesNotReturn]
    private void ThrowBadRange(int offset, int length)
    {
        ObjectDisposedException.ThrowIf(Length == 0, this);
        throw new ArgumentOutOfRangeException(nameof(offset), offset, $"A range of {length} bytes does not fit into {Length} bytes.");
    }

    [DoesNotReturn]
    private static void ThrowNotRam() => throw new InvalidOperationException("Device memory has no spans; use the exact-width accessors or the copies.");
}
