// SPDX-License-Identifier: Apache-2.0
using Busbar.Pci;

namespace Busbar.Devices.Tests;

/// <summary>
/// A function that can be pulled out of its slot and put back: while it is out, everything reads as ones and writes are lost. Its windows are not handed out as
/// memory, so that this holds for them, too.
/// </summary>
internal sealed class PullableFunction(IPciFunction inner) : IPciFunction
{
    private volatile bool _isOut;

    public bool IsOut
    {
        get => _isOut;
        set => _isOut = value;
    }

    public string Name => inner.Name;

    public int ConfigLength => inner.ConfigLength;

    public IReadOnlyList<PciFunctionBar?> Bars { get; } = [.. inner.Bars.Select(bar => bar is null ? null : bar with { Memory = null, Mappable = [] })];

    public int GetInterruptCount(PciInterruptKind kind) => inner.GetInterruptCount(kind);

    public void Plug(IPciFunctionHost? host) => inner.Plug(host);

    public void ReadConfig(int offset, Span<byte> data)
    {
        if (_isOut) data.Fill(0xFF);
        else inner.ReadConfig(offset, data);
    }

    public void WriteConfig(int offset, ReadOnlySpan<byte> data)
    {
        if (!_isOut) inner.WriteConfig(offset, data);
    }

    public void ReadBar(int bar, long offset, Span<byte> data)
    {
        if (_isOut) data.Fill(0xFF);
        else inner.ReadBar(bar, offset, data);
    }

    public void WriteBar(int bar, long offset, ReadOnlySpan<byte> data)
    {
        if (!_isOut) inner.WriteBar(bar, offset, data);
    }

    public void Reset()
    {
        if (!_isOut) inner.Reset();
    }
}
