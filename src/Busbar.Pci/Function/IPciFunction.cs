// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Pci;

/// <summary>
/// A PCI function seen from outside by what it is plugged into: a vfio-user server, or a bus in the same process. Everything that arrives
/// here comes from a guest and may be wrong in every way; no call throws because of its arguments' values.
/// </summary>
/// <remarks>
/// Calls may come from several threads (the guest's processors); the function serialises them itself. A call returns quickly and never waits for the guest.
/// </remarks>
public interface IPciFunction
{
    /// <summary>What users call it.</summary>
    string Name { get; }

    /// <summary>Bytes of configuration space: 256 or 4096.</summary>
    int ConfigLength { get; }

    /// <summary>The windows by BAR number, six entries; null where there is none (also for the upper half of a 64-bit BAR).</summary>
    IReadOnlyList<PciFunctionBar?> Bars { get; }

    /// <summary>Vectors that the function has of a kind; 0 for none.</summary>
    /// <param name="kind">INTx, MSI or MSI-X.</param>
    int GetInterruptCount(PciInterruptKind kind);

    /// <summary>Puts the function into its slot, or (null) takes it out: interrupts and DMA go through the host from now on. Registers stay.</summary>
    /// <param name="host">What it is plugged into.</param>
    void Plug(IPciFunctionHost? host);

    /// <summary>Reads configuration space. Bytes behind the end read as ones.</summary>
    /// <param name="offset">First byte.</param>
    /// <param name="data">Filled completely.</param>
    void ReadConfig(int offset, Span<byte> data);

    /// <summary>Writes configuration space; only writable bits change, bytes behind the end are ignored.</summary>
    /// <param name="offset">First byte.</param>
    /// <param name="data">The bytes.</param>
    void WriteConfig(int offset, ReadOnlySpan<byte> data);

    /// <summary>Reads a window, registers and memory alike, whatever the command register says. What does not exist reads as ones.</summary>
    /// <param name="bar">BAR number.</param>
    /// <param name="offset">First byte from the window's start.</param>
    /// <param name="data">Filled completely; an access of 1, 2, 4 or 8 bytes reaches registers as such.</param>
    void ReadBar(int bar, long offset, Span<byte> data);

    /// <summary>Writes a window. What does not exist swallows it.</summary>
    /// <param name="bar">BAR number.</param>
    /// <param name="offset">First byte from the window's start.</param>
    /// <param name="data">The bytes.</param>
    void WriteBar(int bar, long offset, ReadOnlySpan<byte> data);

    /// <summary>Conventional or function-level reset from outside: registers and interrupts start over.</summary>
    void Reset();
}
