// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Cli;

/// <summary>A line of <c>busbar pci irq</c>.</summary>
internal sealed record PciInterruptEvent
{
    /// <summary><c>ready</c>, <c>interrupt</c> or <c>stopped</c>.</summary>
    public required string Event { get; init; }

    public string? Address { get; init; }

    public string? Backend { get; init; }

    /// <summary><c>intx</c>, <c>msi</c> or <c>msix</c>.</summary>
    public string? Kind { get; init; }

    public int? Vectors { get; init; }

    public int? Vector { get; init; }

    /// <summary>How many arrived since the last line of this vector.</summary>
    public long? Count { get; init; }

    /// <summary>How many arrived in all, on every vector.</summary>
    public long? Total { get; init; }

    /// <summary>Bus address of the DMA memory, hexadecimal.</summary>
    public string? DmaAddress { get; init; }

    /// <summary>What the DMA memory held at the end, hexadecimal digits.</summary>
    public string? Dma { get; init; }

    /// <summary>What went otherwise than usual, a line each; absent when nothing did.</summary>
    public IReadOnlyList<string>? Notes { get; init; }

    public string ToText() => Event switch
    {
        "ready" => $"ready: {Vectors} vector{(Vectors == 1 ? string.Empty : "s")} of {Kind} on {Address} ({Backend}){(DmaAddress is null ? string.Empty : ", DMA memory at " + DmaAddress)}",
        "interrupt" => $"vector {Vector}: {Count}, total {Total}",
        _ => $"stopped: total {Total}{(Dma is null ? string.Empty : ", DMA memory " + Dma)}",
    };
}
