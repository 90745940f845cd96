// SPDX-License-Identifier: Apache-2.0
using Busbar.Memory;

namespace Busbar.Mmbi;

/// <summary>One ring of a window as an observer finds it.</summary>
public sealed class MmbiRingReport
{
    private MmbiRingReport(MmbiRing ring, uint writePointer, uint readPointer)
    {
        Ring = ring;
        WritePointer = writePointer;
        ReadPointer = readPointer;
        IsPlausible = writePointer <= ring.Length && readPointer <= ring.Length;
    }

    /// <summary>Where the ring lies in the window.</summary>
    public MmbiRing Ring { get; }

    /// <summary>The writer's pointer as published.</summary>
    public uint WritePointer { get; }

    /// <summary>The reader's pointer as published; the reader may be further.</summary>
    public uint ReadPointer { get; }

    /// <summary>True when both pointers lie inside the ring.</summary>
    public bool IsPlausible { get; }

    /// <summary>Bytes between the pointers; 0 when they are not plausible.</summary>
    public int Filled { get; private init; }

    /// <summary>The header format under which the filled part makes sense; null when there is none, or nothing is filled.</summary>
    public MmbiHeaderFormat? Format { get; private init; }

    /// <summary>Packets between the pointers under that format; 0 when there is none.</summary>
    public int Packets { get; private init; }

    internal static MmbiRingReport Read(SharedRegion window, MmbiRing ring, uint writeWord, uint readWord, MmbiDialect dialect)
    {
        uint write = writeWord & StatusWords.PointerMask;
        uint read = readWord & StatusWords.PointerMask;
        var empty = new MmbiRingReport(ring, write, read);
        if (!empty.IsPlausible) return empty;
        int length = (int)ring.Length;
        int filled = ((int)write % length) - ((int)read % length);
        if (filled < 0) filled += length;
        if (filled == 0) return empty;
        foreach (MmbiHeaderFormat format in MmbiHeaderFormat.All.OrderBy(format => format != dialect.HeaderFormat))
        {
            if (HeaderDetector.Fits(format, window, ring, (int)read % length, filled, out int packets))
                return new MmbiRingReport(ring, write, read) { Filled = filled, Format = format, Packets = packets };
        }

        return new MmbiRingReport(ring, write, read) { Filled = filled };
    }
}
