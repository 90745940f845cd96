// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Pci;

/// <summary>
/// What a function is plugged into: takes its interrupts and serves its DMA. May be called from any thread, also under the function's own lock;
/// so no member calls back into the function, and none waits for the guest.
/// </summary>
public interface IPciFunctionHost
{
    /// <summary>
    /// True when the host keeps the MSI-X table and applies its masks, as QEMU does; false when the function's own table decides.
    /// </summary>
    bool MasksMsix { get; }

    /// <summary>Sends a message-signalled interrupt, or tells a new level of INTx.</summary>
    /// <param name="kind">INTx, MSI or MSI-X.</param>
    /// <param name="vector">The vector, from 0.</param>
    /// <param name="level">INTx: asserted or not. Otherwise true.</param>
    /// <returns>False when nobody listens on it: the interrupt is lost.</returns>
    bool Interrupt(PciInterruptKind kind, int vector, bool level);

    /// <summary>Reads the guest's memory.</summary>
    /// <param name="address">Bus address.</param>
    /// <param name="data">Filled completely when it succeeds.</param>
    /// <returns>False when a part of the range is not the guest's to give, or is reachable only in ways that would wait.</returns>
    bool TryReadDma(ulong address, Span<byte> data);

    /// <summary>Writes the guest's memory.</summary>
    /// <param name="address">Bus address.</param>
    /// <param name="data">The bytes.</param>
    /// <returns>False as for <see cref="TryReadDma"/>; then nothing was written, or a part.</returns>
    bool TryWriteDma(ulong address, ReadOnlySpan<byte> data);
}
