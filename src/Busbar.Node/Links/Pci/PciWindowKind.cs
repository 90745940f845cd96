// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Node;

/// <summary>What a probe took a PCI function for.</summary>
public enum PciWindowKind
{
    /// <summary>An endpoint with an MMBI window of its own, the owner behind it.</summary>
    Hardware,

    /// <summary>QEMU's ivshmem device with doorbells; the peer is another holder of the same memory.</summary>
    IvshmemDoorbell,

    /// <summary>QEMU's ivshmem device without doorbells.</summary>
    IvshmemPlain,
}
