// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Pci;

/// <summary>What a function behind a <see cref="VfioUserServer"/> is plugged into: the client's eventfds, and its memory as far as it is mapped.</summary>
internal sealed class FunctionHost(IrqTable irqs, DmaTable dma) : IPciFunctionHost
{
    public bool MasksMsix => true;

    public bool Interrupt(PciInterruptKind kind, int vector, bool level) => irqs.Raise(kind, vector, level);

    public bool TryReadDma(ulong address, Span<byte> data) => dma.TryRead(address, data);

    public bool TryWriteDma(ulong address, ReadOnlySpan<byte> data) => dma.TryWrite(address, data);
}
