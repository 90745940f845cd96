// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Busbar.Memory;

/// <content>
/// The slow branches: writes to a watched view, every access to a trap, and wrong accesses. The lengths that the fast branches compare with are zero
/// in such regions, so that ordinary regions pay nothing for them.
/// </content>
public sealed unsafe partial class SharedRegion
{
    private SharedRegion(int length, IRegionHandler handler)
    {
        _handler = handler;
        _trappedLength = length;
        Access = RegionAccess.Mmio;
    }

    /// <summary>
    /// A region without memory: every access goes to a handler, with the width asked for, in the caller's thread. For register windows of
    /// device models in the same process, and of devices that are reached by messages.
    /// </summary>
    /// <remarks>
    /// Its access rules are those of <see cref="RegionAccess.Mmio"/>: no spans, no exchanges; copies run as aligned 32-bit accesses with single-byte edges.
    /// Bounds and alignment are checked here, and the handler only sees what passed.
    /// </remarks>
    /// <param name="length">Bytes, positive.</param>
    /// <param name="handler">Called for each access; what it throws reaches the caller.</param>
    public static SharedRegion Trap(int length, IRegionHandler handler)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        ArgumentNullException.ThrowIfNull(handler);
        return new SharedRegion(length, handler);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private ulong ReadSlowly(int offset, int size)
    {
        if (_handler is null || !Fits(offset, size, _trappedLength)) ThrowBadAccess(offset, size);
        return _handler.Read(offset, size);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void WriteSlowly(int offset, int size, ulong value)
    {
        if (_handler is not null)
        {
            if (!Fits(offset, size, _trappedLength)) ThrowBadAccess(offset, size);
            _handler.Write(offset, size, value);
            return;
        }

        AnnounceOrThrow(offset, size, alignment: size);

        // SAFETY: the call above returns only for a watched view, and then the range lies inside the live mapping and is aligned.
        byte* at = _base + offset;
        switch (size)
        {
            case 1: Volatile.Write(ref *at, (byte)value); break;
            case 2: Volatile.Write(ref *(ushort*)at, (ushort)value); break;
            case 4: Volatile.Write(ref *(uint*)at, (uint)value); break;
            default: Volatile.Write(ref *(ulong*)at, value); break;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void CopyFromTrap(int offset, Span<byte> destination)
    {
        IRegionHandler handler = CheckTrap(offset, destination.Length);
        for (int done = 0; done < destination.Length;)
        {
            int position = offset + done;
            if ((position & 3) == 0 && destination.Length - done >= 4)
            {
                BinaryPrimitives.WriteUInt32LittleEndian(destination[done..], (uint)handler.Read(position, 4));
                done += 4;
                continue;
            }

            destination[done++] = (byte)handler.Read(position, 1);
        }
    }

    // False for a watched view, whose write has been announced and is now to be done.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryCopyToTrap(int offset, ReadOnlySpan<byte> source)
    {
        if (_handler is null)
        {
            AnnounceOrThrow(offset, source.Length, alignment: 1);
            return false;
        }

        IRegionHandler handler = CheckTrap(offset, source.Length);
        for (int done = 0; done < source.Length;)
        {
            int position = offset + done;
            if ((position & 3) == 0 && source.Length - done >= 4)
            {
                handler.Write(position, 4, BinaryPrimitives.ReadUInt32LittleEndian(source[done..]));
                done += 4;
                continue;
            }

            handler.Write(position, 1, source[done++]);
        }

        return true;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryClearTrap(int offset, int length)
    {
        if (_handler is null)
        {
            AnnounceOrThrow(offset, length, alignment: 1);
            return false;
        }

        IRegionHandler handler = CheckTrap(offset, length);
        for (int end = offset + length; offset < end;)
        {
            int size = (offset & 3) == 0 && end - offset >= 4 ? 4 : 1;
            handler.Write(offset, size, 0);
            offset += size;
        }

        return true;
    }

    private IRegionHandler CheckTrap(int offset, int length)
    {
        if (_handler is null || (ulong)(uint)offset + (uint)length > (uint)_trappedLength) ThrowBadRange(offset, length);
        return _handler;
    }
}
