// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using Busbar.Linux;
using Busbar.Memory;

namespace Busbar.Pci;

/// <summary>
/// A window at work: takes accesses apart and hands them to its pieces. Runs under the function's lock; foreign offsets and lengths never throw.
/// </summary>
internal sealed class FunctionWindow : IDisposable
{
    private const int LargestRegister = 8;
    private const int BulkStep = 4;

    private readonly WindowPiece[] _pieces;

    public FunctionWindow(PciFunctionRegion plan, string name, IEnumerable<WindowPiece> further)
    {
        Length = plan.Length;
        _pieces = [.. plan.Pieces.Concat(further).OrderBy(piece => piece.Offset)];
        for (int i = 0; i < _pieces.Length; i++)
        {
            WindowPiece piece = _pieces[i];
            if (piece.End > Length) throw new ArgumentException($"BAR {plan.Bar} of {name} is too short for what lies at 0x{piece.Offset:x}.", nameof(plan));
            if (i > 0 && _pieces[i - 1].End > piece.Offset) throw new ArgumentException($"Two pieces of BAR {plan.Bar} of {name} overlap at 0x{piece.Offset:x}.", nameof(plan));
        }

        MappedMemory? memory = plan.Memory;
        if (memory is { } given && given.Size < Length) throw new ArgumentException($"BAR {plan.Bar} of {name} is longer than its memory.", nameof(plan));
        if (memory is null && _pieces.Any(piece => piece.Handler is null)) memory = MappedMemory.CreateSealed($"{name}-bar{plan.Bar}", Length);
        Memory = memory?.Map((int)Length);
        Bar = new PciFunctionBar(Length, plan.Is64Bit, plan.IsPrefetchable)
        {
            Memory = memory,
            Mappable = [.. _pieces.Where(piece => piece.IsMappable).Select(piece => new PciMappableArea(piece.Offset, piece.Length))],
        };
    }

    public long Length { get; }

    public PciFunctionBar Bar { get; }

    public SharedRegion? Memory { get; }

    public long OutOfRange { get; private set; }

    public long Undefined { get; private set; }

    public long Unaligned { get; private set; }

    public void Reset()
    {
        foreach (WindowPiece piece in _pieces) (piece.Handler as RegisterFile)?.Reset();
    }

    public void Read(long offset, Span<byte> data)
    {
        bool isExact = IsExact(offset, data.Length);
        int done = 0;
        bool isOdd = false;
        while (done < data.Length)
        {
            int chunk = Next(offset, done, data.Length, isExact, out WindowPiece? piece, out int at);
            Span<byte> part = data.Slice(done, chunk);
            if (piece is null) part.Fill(0xFF);
            else if (piece.Handler is { } handler)
            {
                isOdd |= !isExact;
                Store(part, handler.Read(at - piece.Offset, chunk));
            }
            else ReadMemory(at, part);
            done += chunk;
        }

        if (isOdd) Unaligned++;
    }

    public void Write(long offset, ReadOnlySpan<byte> data)
    {
        bool isExact = IsExact(offset, data.Length);
        int done = 0;
        bool isOdd = false;
        while (done < data.Length)
        {
            int chunk = Next(offset, done, data.Length, isExact, out WindowPiece? piece, out int at);
            ReadOnlySpan<byte> part = data.Slice(done, chunk);
            if (piece?.Handler is { } handler)
            {
                isOdd |= !isExact;
                handler.Write(at - piece.Offset, chunk, Load(part));
            }
            else if (piece is not null)
            {
                WriteMemory(at, part);
                piece.AfterWrite?.Invoke(at, chunk);
            }

            done += chunk;
        }

        if (isOdd) Unaligned++;
    }

    public void Dispose()
    {
        Memory?.Dispose();
        Bar.Memory?.Dispose();
    }

    private static bool IsExact(long offset, int length) => length is 1 or 2 or 4 or LargestRegister && (offset & (length - 1)) == 0;

    private static ulong Load(ReadOnlySpan<byte> part) => part.Length switch
    {
        1 => part[0],
        2 => BinaryPrimitives.ReadUInt16LittleEndian(part),
        4 => BinaryPrimitives.ReadUInt32LittleEndian(part),
        _ => BinaryPrimitives.ReadUInt64LittleEndian(part),
    };

    private static void Store(Span<byte> part, ulong value)
    {
        switch (part.Length)
        {
            case 1: part[0] = (byte)value; break;
            case 2: BinaryPrimitives.WriteUInt16LittleEndian(part, (ushort)value); break;
            case 4: BinaryPrimitives.WriteUInt32LittleEndian(part, (uint)value); break;
            default: BinaryPrimitives.WriteUInt64LittleEndian(part, value); break;
        }
    }

    // How many bytes to do next, and where; no piece for those that nothing answers.
    private int Next(long offset, int done, int length, bool isExact, out WindowPiece? piece, out int at)
    {
        int rest = length - done;
        piece = null;
        at = 0;
        if (offset < 0 || offset > Length - done - 1)
        {
            OutOfRange++;
            return rest;
        }

        at = (int)offset + done;
        rest = (int)Math.Min(rest, Length - at);
        int next = (int)Length;
        foreach (WindowPiece candidate in _pieces)
        {
            if (at < candidate.Offset)
            {
                next = candidate.Offset;
                break;
            }

            if (at < candidate.End)
            {
                piece = candidate;
                break;
            }
        }

        if (piece is null)
        {
            Undefined++;
            return Math.Min(rest, next - at);
        }

        if (piece.Handler is null) return (int)Math.Min(rest, piece.End - at);

        // Pieces start and end at multiples of 8, so an exact access lies in one of them.
        if (isExact) return rest;
        int step = BulkStep;
        while (step > rest || (at & (step - 1)) != 0) step >>= 1;
        return step;
    }

    private void ReadMemory(int at, Span<byte> part)
    {
        SharedRegion memory = Memory!;
        if (IsExact(at, part.Length))
        {
            Store(part, part.Length switch
            {
                1 => memory.Read8(at),
                2 => memory.Read16(at),
                4 => memory.Read32(at),
                _ => memory.Read64(at),
            });
            return;
        }

        memory.CopyTo(at, part);
    }

    // A guest's access of 1, 2, 4 or 8 bytes must be seen whole by whoever polls the memory.
    private void WriteMemory(int at, ReadOnlySpan<byte> part)
    {
        SharedRegion memory = Memory!;
        if (!IsExact(at, part.Length))
        {
            memory.CopyFrom(at, part);
            return;
        }

        ulong value = Load(part);
        switch (part.Length)
        {
            case 1: memory.Write8(at, (byte)value); break;
            case 2: memory.Write16(at, (ushort)value); break;
            case 4: memory.Write32(at, (uint)value); break;
            default: memory.Write64(at, value); break;
        }
    }
}
