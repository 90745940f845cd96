// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Node;

/// <summary>Where the memory of an MMBI window comes from.</summary>
public enum WindowKind
{
    /// <summary>The memory of an ivshmem server, met over its UNIX socket; doorbells are eventfds.</summary>
    Ivshmem,

    /// <summary>A plain file that both sides map; no doorbells.</summary>
    Shm,

    /// <summary>A dump in a file, to be looked at only.</summary>
    File,

    /// <summary>A BAR of a PCI function of this machine: an endpoint's, or the memory of QEMU's ivshmem device.</summary>
    Pci,

    /// <summary>A BAR of an emulated PCI function in another process, driven over its vfio-user socket, without any guest.</summary>
    VfioUser,
}
