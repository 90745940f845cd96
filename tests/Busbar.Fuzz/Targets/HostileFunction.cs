// SPDX-License-Identifier: Apache-2.0
using Busbar.Pci;

namespace Busbar.Fuzz;

/// <summary>
/// A function whose registers answer from an input: what sticks in configuration space when it is written, what its BARs claim, and answers that differ from one
/// read to the next. It counts accesses, so that a driver that does not end is found.
/// </summary>
internal sealed class HostileFunction : IPciFunction
{
    private readonly byte[] _config;
    private readonly byte[] _writable;
    private readonly byte[] _windows;
    private readonly int[] _offered;
    private readonly byte _unsteady;
    private IPciFunctionHost? _host;
    private uint _turn;

    public HostileFunction(ref InputReader reader)
    {
        byte kind = reader.Byte();
        _unsteady = reader.Byte();
        _config = new byte[(kind & 1) != 0 ? 4096 : 256];
        _writable = new byte[256];
        _offered = [reader.Byte() & 1, reader.Byte() & 63, reader.UInt16() & 4095];
        byte[] head = new byte[256];
        reader.Take(256).CopyTo(head);
        head.CopyTo(_config, 0);
        reader.Take(64).CopyTo(_writable);
        if ((kind & 2) != 0) _writable.AsSpan(0x10, 24).Fill(byte.MaxValue);
        _windows = reader.Rest.ToArray();
    }

    public long Accesses { get; private set; }

    public long AccessLimit { get; set; } = long.MaxValue;

    public string Name => "hostile";

    public int ConfigLength => _config.Length;

    // Nothing that could be mapped: every access comes here.
    public IReadOnlyList<PciFunctionBar?> Bars { get; } = [new(4096, Is64Bit: false, IsPrefetchable: false), null, new(1 << 20, Is64Bit: true, IsPrefetchable: true), null, null, null];

    public int GetInterruptCount(PciInterruptKind kind) => _offered[(int)kind];

    public void Plug(IPciFunctionHost? host) => _host = host;

    public void ReadConfig(int offset, Span<byte> data)
    {
        Count();
        FuzzViolationException.Require(offset >= 0 && offset + data.Length <= _config.Length, "configuration accesses stay inside");
        _config.AsSpan(offset, data.Length).CopyTo(data);
        if (_unsteady != 0 && ++_turn % _unsteady == 0) data.Fill((byte)((_turn & 1) != 0 ? 0xFF : _turn));
    }

    public void WriteConfig(int offset, ReadOnlySpan<byte> data)
    {
        Count();
        FuzzViolationException.Require(offset >= 0 && offset + data.Length <= _config.Length, "configuration accesses stay inside");
        for (int i = 0; i < data.Length; i++)
        {
            byte mask = offset + i < _writable.Length ? _writable[offset + i] : (byte)0;
            _config[offset + i] = (byte)((_config[offset + i] & ~mask) | (data[i] & mask));
        }
    }

    public void ReadBar(int bar, long offset, Span<byte> data)
    {
        Count();
        for (int i = 0; i < data.Length; i++)
        {
            long at = (bar * 0x40) + offset + i;
            data[i] = _windows.Length == 0 ? byte.MaxValue : _windows[(int)((ulong)at % (ulong)_windows.Length)];
        }

        if (_unsteady != 0 && ++_turn % _unsteady == 0) data.Fill(byte.MaxValue);
    }

    public void WriteBar(int bar, long offset, ReadOnlySpan<byte> data)
    {
        Count();
        if (_windows.Length == 0) return;
        for (int i = 0; i < data.Length; i++) _windows[(int)((ulong)((bar * 0x40) + offset + i) % (ulong)_windows.Length)] = data[i];
    }

    public void Reset() => Count();

    /// <summary>Every interrupt, as often as it likes.</summary>
    public void Storm()
    {
        for (int vector = -1; vector < 40; vector++)
        {
            _host?.Interrupt(PciInterruptKind.Msix, vector, true);
            _host?.Interrupt(PciInterruptKind.Msi, vector, true);
        }

        _host?.Interrupt(PciInterruptKind.Intx, 0, true);
        _host?.TryWriteDma(ulong.MaxValue - 2, [1, 2, 3, 4]);
    }

    private void Count() => FuzzViolationException.Require(++Accesses <= AccessLimit, "a turn takes a bounded number of accesses");

    /// <summary>Begins another turn.</summary>
    public void Begin(long limit) => (Accesses, AccessLimit) = (0, limit);
}
