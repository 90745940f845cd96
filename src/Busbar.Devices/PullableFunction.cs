// SPDX-License-Identifier: Apache-2.0
using Busbar.Pci;

namespace Busbar.Devices;

/// <summary>
/// A function that can be pulled out of its slot and put back: while it is out, everything reads as ones and writes are lost. Its windows are not handed out as
/// memory, so that this holds for them, too. Safe for several threads as far as the inner function is.
/// </summary>
/// <param name="inner">What is in the slot; stays the caller's.</param>
public sealed class PullableFunction(IPciFunction inner) : IPciFunction
{
    private volatile bool _isOut;

    /// <summary>Whether it is out; may be changed at any time.</summary>
    public bool IsOut
    {
        get => _isOut;
        set => _isOut = value;
    }

    /// <inheritdoc/>
    public string Name => inner.Name;

    /// <inheritdoc/>
    public int ConfigLength => inner.ConfigLength;

    /// <inheritdoc/>
    public IReadOnlyList<PciFunctionBar?> Bars { get; } = [.. inner.Bars.Select(bar => bar is null ? null : bar with { Memory = null, Mappable = [] })];

    /// <inheritdoc/>
    public int GetInterruptCount(PciInterruptKind kind) => inner.GetInterruptCount(kind);

    /// <inheritdoc/>
    public void Plug(IPciFunctionHost? host) => inner.Plug(host);

    /// <inheritdoc/>
    public void ReadConfig(int offset, Span<byte> data)
    {
        if (_isOut) data.Fill(0xFF);
        else inner.ReadConfig(offset, data);
    }

    /// <inheritdoc/>
    public void WriteConfig(int offset, ReadOnlySpan<byte> data)
    {
        if (!_isOut) inner.WriteConfig(offset, data);
    }

    /// <inheritdoc/>
    public void ReadBar(int bar, long offset, Span<byte> data)
    {
        if (_isOut) data.Fill(0xFF);
        else inner.ReadBar(bar, offset, data);
    }

    /// <inheritdoc/>
    public void WriteBar(int bar, long offset, ReadOnlySpan<byte> data)
    {
        if (!_isOut) inner.WriteBar(bar, offset, data);
    }

    /// <inheritdoc/>
    public void Reset()
    {
        if (!_isOut) inner.Reset();
    }
}
