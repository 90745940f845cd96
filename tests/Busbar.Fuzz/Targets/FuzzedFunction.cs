// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;
using Busbar.Pci;

namespace Busbar.Fuzz;

/// <summary>A function that checks that nothing reaches it that its server should have kept away.</summary>
internal sealed class FuzzedFunction : IPciFunction
{
    private readonly MappedMemory _memory = MappedMemory.CreateSealed("fuzz-bar", 1 << 16);
    private readonly byte[] _config = new byte[256];
    private IPciFunctionHost? _host;

    public FuzzedFunction() => Bars =
    [
        new PciFunctionBar(4096, Is64Bit: false, IsPrefetchable: false),
        null,
        new PciFunctionBar(1 << 16, Is64Bit: true, IsPrefetchable: true) { Memory = _memory, Mappable = [new PciMappableArea(4096, 8192)] },
        null,
        null,
        null,
    ];

    public string Name => "fuzzed";

    public int ConfigLength => 256;

    public IReadOnlyList<PciFunctionBar?> Bars { get; }

    public int GetInterruptCount(PciInterruptKind kind) => kind == PciInterruptKind.Msix ? 8 : 1;

    public void Plug(IPciFunctionHost? host) => _host = host;

    public void ReadConfig(int offset, Span<byte> data)
    {
        Check(offset, data.Length, 256);
        _config.AsSpan(offset, data.Length).CopyTo(data);
    }

    public void WriteConfig(int offset, ReadOnlySpan<byte> data)
    {
        Check(offset, data.Length, 256);
        data.CopyTo(_config.AsSpan(offset));
    }

    public void ReadBar(int bar, long offset, Span<byte> data)
    {
        Check(offset, data.Length, Bars[bar]?.Length ?? 0);
        data.Fill(0xFF);
    }

    public void WriteBar(int bar, long offset, ReadOnlySpan<byte> data) => Check(offset, data.Length, Bars[bar]?.Length ?? 0);

    public void Reset()
    {
    }

    /// <summary>Every interrupt and some memory, as far as the client has arranged for them.</summary>
    public void UseEverything()
    {
        Span<byte> data = stackalloc byte[300];
        for (int vector = -1; vector < 9; vector++) _host?.Interrupt(PciInterruptKind.Msix, vector, true);
        _host?.Interrupt(PciInterruptKind.Msi, 0, true);
        _host?.Interrupt(PciInterruptKind.Intx, 0, true);
        _host?.Interrupt(PciInterruptKind.Intx, 0, false);
        foreach (ulong address in (ReadOnlySpan<ulong>)[0, 0xFFF, 0x1000, 0x1F80, 0x2FF0, ulong.MaxValue - 4095, ulong.MaxValue - 10])
        {
            if (_host?.TryReadDma(address, data) != true) continue;

            // Something else than what was there, so that a byte in a wrong place is seen.
            foreach (ref byte one in data) one = (byte)~one;
            _host.TryWriteDma(address, data);
        }
    }

    private static void Check(long offset, int count, long length) =>
        FuzzViolationException.Require(offset >= 0 && count > 0 && offset <= length - count, "accesses stay inside their window");
}
