// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Pci;

/// <summary>
/// Numbers of the ivshmem client-server protocol (QEMU, docs/specs/ivshmem-spec): an AF_UNIX stream on which only the server speaks, in 8-byte
/// little-endian signed numbers with at most one descriptor each.
/// </summary>
public static class IvshmemProtocol
{
    /// <summary>First message: the version of the protocol.</summary>
    public const long Version = 0;

    /// <summary>Third message, with the shared memory's descriptor.</summary>
    public const long SharedMemory = -1;

    /// <summary>Largest peer id; they go from 0 to here, because a doorbell register has 16 bits for them.</summary>
    public const int LargestPeerId = 65535;

    /// <summary>Most doorbells per peer that this product sends or accepts.</summary>
    public const int MostVectors = 64;
}
