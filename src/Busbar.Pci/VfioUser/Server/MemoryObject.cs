// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;

namespace Busbar.Pci;

/// <summary>A memory object of the client, mapped once for all the ranges that lie in it.</summary>
/// <param name="identity">Which file it is.</param>
/// <param name="memory">The mapping.</param>
internal sealed class MemoryObject(FileIdentity identity, PeerMemory memory)
{
    public FileIdentity Identity { get; } = identity;

    public PeerMemory Memory { get; } = memory;

    /// <summary>Ranges that use it; the last one to go unmaps it.</summary>
    public int Users { get; set; }
}
