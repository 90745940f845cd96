// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;

namespace Busbar.Pci.Tests;

/// <summary>A bus's view of a function: accesses by width, and a host that writes down what it is told.</summary>
internal sealed class FunctionProbe : IPciFunctionHost
{
    public FunctionProbe(IPciFunction function)
    {
        Function = function;
        function.Plug(this);
    }

    public IPciFunction Function { get; }

    public bool MasksMsix { get; init; }

    public bool Listens { get; set; } = true;

    public List<(PciInterruptKind Kind, int Vector, bool Level)> Interrupts { get; } = [];

    /// <summary>The vectors sent since the last call.</summary>
    public int[] TakeVectors()
    {
        int[] vectors = [.. Interrupts.Select(interrupt => interrupt.Vector)];
        Interrupts.Clear();
        return vectors;
    }

    public uint Config(int offset, int size = 4) => (uint)Read(data => Function.ReadConfig(offset, data), size);

    public void SetConfig(int offset, uint value, int size) => Write(data => Function.WriteConfig(offset, data), value, size);

    public ulong Bar(int bar, long offset, int size = 4) => Read(data => Function.ReadBar(bar, offset, data), size);

    public void SetBar(int bar, long offset, ulong value, int size = 4) => Write(data => Function.WriteBar(bar, offset, data), value, size);

    /// <summary>Where a standard capability stands; 0 for nowhere.</summary>
    public int Find(int id) => Capabilities().FirstOrDefault(entry => entry.Id == id).Offset;

    public IEnumerable<(int Id, int Offset)> Capabilities()
    {
        for (int at = (int)Config(0x34, 1); at != 0; at = (int)Config(at + 1, 1)) yield return ((int)Config(at, 1), at);
    }

    public IEnumerable<(int Id, int Offset)> ExtendedCapabilities()
    {
        for (int at = 0x100; at != 0;)
        {
            uint header = Config(at);
            if (header == 0) yield break;
            yield return ((int)(header & 0xFFFF), at);
            at = (int)(header >> 20);
        }
    }

    public bool Interrupt(PciInterruptKind kind, int vector, bool level)
    {
        if (Listens) Interrupts.Add((kind, vector, level));
        return Listens;
    }

    public bool TryReadDma(ulong address, Span<byte> data) => false;

    public bool TryWriteDma(ulong address, ReadOnlySpan<byte> data) => false;

    private delegate void Reader(Span<byte> data);

    private delegate void Writer(ReadOnlySpan<byte> data);

    private static ulong Read(Reader read, int size)
    {
        Span<byte> data = stackalloc byte[8];
        data.Clear();
        read(data[..size]);
        return BinaryPrimitives.ReadUInt64LittleEndian(data);
    }

    private static void Write(Writer write, ulong value, int size)
    {
        Span<byte> data = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(data, value);
        write(data[..size]);
    }
}
