// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;
using Busbar.Memory;

namespace Busbar.Pci;

/// <summary>
/// The plan of one window of an emulated function: registers here, memory there. What no piece covers reads as ones and swallows writes.
/// </summary>
public sealed class PciFunctionRegion
{
    private const int PieceAlignment = 8;
    private const int SmallestWindow = 4096;

    private readonly List<WindowPiece> _pieces = [];

    /// <summary>An empty window.</summary>
    /// <param name="bar">BAR number, 0 to 5; at most 4 for a 64-bit one, which takes the next number, too.</param>
    /// <param name="length">Bytes, a power of two, 4096 to 1 GiB.</param>
    /// <param name="is64Bit">True for a 64-bit BAR.</param>
    /// <param name="isPrefetchable">True when reads have no side effects.</param>
    public PciFunctionRegion(int bar, long length, bool is64Bit = false, bool isPrefetchable = false)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bar);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bar, is64Bit ? 4 : 5);
        if (length is < SmallestWindow or > 1 << 30 || (length & (length - 1)) != 0)
        {
            throw new ArgumentOutOfRangeException(nameof(length), length, "A window is a power of two from 4 KiB to 1 GiB long.");
        }

        (Bar, Length, Is64Bit, IsPrefetchable) = (bar, length, is64Bit, isPrefetchable);
    }

    /// <summary>BAR number.</summary>
    public int Bar { get; }

    /// <summary>Bytes.</summary>
    public long Length { get; }

    /// <summary>True for a 64-bit BAR.</summary>
    public bool Is64Bit { get; }

    /// <summary>True when reads have no side effects.</summary>
    public bool IsPrefetchable { get; }

    /// <summary>
    /// Memory to use behind the window, offset for offset, of at least its length; the function disposes it. Null: the function makes some when there is
    /// a piece that needs it. Whoever else can truncate it can kill the process.
    /// </summary>
    public MappedMemory? Memory { get; init; }

    internal IReadOnlyList<WindowPiece> Pieces => _pieces;

    /// <summary>Puts registers somewhere.</summary>
    /// <param name="offset">First byte from the window's start, a multiple of 8.</param>
    /// <param name="length">Bytes, a multiple of 8.</param>
    /// <param name="handler">
    /// Serves them, with offsets from <paramref name="offset"/>, under the function's lock. A <see cref="RegisterFile"/> is reset with the function.
    /// </param>
    /// <returns>This plan.</returns>
    public PciFunctionRegion AddRegisters(int offset, int length, IRegionHandler handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        return Add(new WindowPiece(offset, length, handler, IsMappable: false, AfterWrite: null));
    }

    /// <summary>Puts a register file somewhere.</summary>
    /// <param name="offset">First byte from the window's start, a multiple of 8.</param>
    /// <param name="registers">The registers.</param>
    /// <returns>This plan.</returns>
    public PciFunctionRegion AddRegisters(int offset, RegisterFile registers)
    {
        ArgumentNullException.ThrowIfNull(registers);
        return AddRegisters(offset, registers.Length, registers);
    }

    /// <summary>Puts memory somewhere. A fresh one is zeroed; no reset clears it.</summary>
    /// <param name="offset">First byte from the window's start, a multiple of 8, or of the page size when mappable.</param>
    /// <param name="length">Bytes, likewise.</param>
    /// <param name="isMappable">True when the guest may have it in its address space; then accesses need not arrive here.</param>
    /// <param name="afterWrite">Told offset (from the window's start) and length of each write that did arrive, after it, under the function's lock.</param>
    /// <returns>This plan.</returns>
    public PciFunctionRegion AddMemory(int offset, int length, bool isMappable = true, Action<int, int>? afterWrite = null)
    {
        int page = Environment.SystemPageSize;
        if (isMappable && (offset % page != 0 || length % page != 0)) throw new ArgumentException("What a guest may map consists of whole pages.", nameof(offset));
        return Add(new WindowPiece(offset, length, Handler: null, isMappable, afterWrite));
    }

    private PciFunctionRegion Add(WindowPiece piece)
    {
        if (piece.Offset < 0 || piece.Length <= 0 || piece.End > Length || (piece.Offset | piece.Length) % PieceAlignment != 0)
        {
            throw new ArgumentException($"A piece of {piece.Length} bytes at {piece.Offset} does not fit into {Length} bytes, or is not a multiple of 8.", nameof(piece));
        }

        if (_pieces.Any(other => piece.Offset < other.End && other.Offset < piece.End)) throw new ArgumentException($"Two pieces of BAR {Bar} overlap at 0x{piece.Offset:x}.", nameof(piece));
        int place = _pieces.FindIndex(other => other.Offset > piece.Offset);
        _pieces.Insert(place < 0 ? _pieces.Count : place, piece);
        return this;
    }

}
