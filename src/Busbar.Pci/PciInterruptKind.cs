// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Pci;

/// <summary>How a function interrupts its host. At most one kind is active at a time (PCI Local Bus 3.0, 6.8).</summary>
public enum PciInterruptKind
{
    /// <summary>A level on a shared pin.</summary>
    Intx,

    /// <summary>Message-signalled, up to 32 vectors in a power of two.</summary>
    Msi,

    /// <summary>Message-signalled, up to 2048 vectors, each with its own address and mask in a table.</summary>
    Msix,
}
