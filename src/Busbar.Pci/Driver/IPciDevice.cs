// SPDX-License-Identifier: Apache-2.0
using Busbar.Memory;

namespace Busbar.Pci;

/// <summary>
/// A PCI function in the hands of its driver: configuration space, windows, interrupts, DMA memory, reset. Behind it are VFIO, sysfs, or a
/// device model in the same process; drivers do not see which.
/// </summary>
/// <remarks>
/// Opening and the calls here are set-up work and may throw <see cref="PciDeviceException"/>, whose message names the culprit and the remedy. The regions and
/// interrupts that they return are for the hot path. Not thread-safe, except where a member says so.
/// Disposing disables the interrupts and invalidates regions and DMA memory.
/// </remarks>
public interface IPciDevice : IDisposable
{
    /// <summary>What users call it: <c>0000:00:04.0</c>, or the model's name.</summary>
    string Name { get; }

    /// <summary>What it stands on, for people: <c>vfio</c>, <c>vfio-noiommu</c>, <c>iommufd</c>, <c>sysfs</c>, <c>in-process</c>.</summary>
    string Backend { get; }

    /// <summary>
    /// What went otherwise than usual and was worked around, one line each, for people: a way in that the kernel refused, an address that it did not take
    /// back. Empty most of the time; grows.
    /// </summary>
    IReadOnlyList<string> Notes => [];

    /// <summary>The configuration space.</summary>
    IPciConfigSpace Config { get; }

    /// <summary>What the function has at a BAR.</summary>
    /// <param name="index">0 to 5.</param>
    PciBar GetBar(int index);

    /// <summary>
    /// Maps a window or a part of it. Memory decoding is switched on if it is off. The caller owns the region; it becomes invalid with the device.
    /// </summary>
    /// <param name="index">0 to 5.</param>
    /// <param name="access">RAM for memory behind a BAR, MMIO for registers.</param>
    /// <param name="offset">First byte, a multiple of the page size.</param>
    /// <param name="length">Bytes; 0 for the rest, at most 1 GiB.</param>
    SharedRegion MapBar(int index, RegionAccess access, long offset = 0, int length = 0);

    /// <summary>How many vectors the function offers of a kind; 0 for none.</summary>
    /// <param name="kind">INTx, MSI or MSI-X.</param>
    int GetInterruptCount(PciInterruptKind kind);

    /// <summary>Enables vectors 0 to <paramref name="count"/> - 1. What was enabled before is disabled first.</summary>
    /// <param name="kind">INTx, MSI or MSI-X.</param>
    /// <param name="count">1 to <see cref="GetInterruptCount"/>.</param>
    /// <returns>One counter for each vector; owned by the device.</returns>
    IReadOnlyList<PciInterrupt> EnableInterrupts(PciInterruptKind kind, int count);

    /// <summary>Disables all interrupts.</summary>
    void DisableInterrupts();

    /// <summary>Switches the function's right to read and write memory by itself.</summary>
    /// <param name="enabled">The new state of the bus master bit.</param>
    void SetBusMaster(bool enabled);

    /// <summary>True when <see cref="AllocateDma"/> works: there is an IOMMU in front of the device that can map pages of this system, or the device is a model.</summary>
    bool CanDma { get; }

    /// <summary>Allocates zeroed memory that the function can reach.</summary>
    /// <param name="length">Bytes; rounded up to whole pages.</param>
    /// <returns>The memory with its bus address; the caller owns it.</returns>
    DmaMemory AllocateDma(int length);

    /// <summary>True when the function can be reset by itself.</summary>
    bool CanReset { get; }

    /// <summary>Resets the function. Its registers, BAR contents and interrupts start over; mapped regions stay valid.</summary>
    void Reset();

    /// <summary>
    /// Brings back what a reset by somebody else (the processor behind the function, for one) took: memory decoding of mapped windows, the bus master bit,
    /// and the MSI or MSI-X vectors that <see cref="EnableInterrupts"/> enabled, which keep their counters. A function that has lost nothing is not touched.
    /// For threads that watch a device; not at the same time as other calls.
    /// </summary>
    /// <returns>True when it had lost something and has it again; false also when the device does not answer or refuses. Never throws for that.</returns>
    bool TryRestore() => false;

    /// <summary>
    /// True from the moment on that the kernel wants the function back: it is being unplugged, or taken away from its driver. The kernel waits until the device is
    /// disposed, so whoever has it lets go soon. For threads that watch a device; at most one system call.
    /// </summary>
    bool IsWantedBack => false;

    /// <summary>
    /// True from the moment on that the platform reported an uncorrectable error of the function, or of one beside it behind the same port, until <see cref="TryRecover"/>: what it
    /// last answered or wrote may be wrong. VFIO tells that much (VFIO_PCI_ERR_IRQ_INDEX, PCIe functions only), not what the error was. For threads that watch a device; at most one
    /// system call.
    /// </summary>
    bool HasFailed => false;

    /// <summary>
    /// Resets a function that <see cref="HasFailed"/>, if it can be, and brings back what <see cref="TryRestore"/> does: windows, DMA memory and interrupt counters stay
    /// valid. For threads that watch a device; not at the same time as other calls.
    /// </summary>
    /// <returns>True when it has not failed, or not any more; false also when the kernel is busy with it. Never throws for that.</returns>
    bool TryRecover() => !HasFailed;
}
