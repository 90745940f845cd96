// SPDX-License-Identifier: Apache-2.0
using Busbar.Mmbi;
using Busbar.Pci;

namespace Busbar.Node;

/// <summary>
/// A link over an MMBI window: <c>mmbi:WINDOW[,role=…][,dialect=…][,size=…][,wait=…][,instance=…][,instances=…][,peer=…][,mtu=…][,hugepages=…][,trust=…]</c>.
/// </summary>
public sealed record MmbiLinkSpec : LinkSpec
{
    /// <summary>Window bytes when the text says nothing: 2 MiB.</summary>
    public const int DefaultWindowSize = 2 << 20;

    /// <inheritdoc/>
    public override string Binding => "mmbi";

    /// <summary>What provides the memory.</summary>
    public required WindowKind Window { get; init; }

    /// <summary>The socket, file or dump; the function's address as typed.</summary>
    public required string Path { get; init; }

    /// <summary>Where the PCI function sits; null for other windows.</summary>
    public PciAddress? Address { get; init; }

    /// <summary>Which of the kernel's ways to the PCI function to take.</summary>
    public PciBackend Backend { get; init; }

    /// <summary>The BAR with the window, 0 to 5, when the probe is not to look for it; null when not said.</summary>
    public int? Bar { get; init; }

    /// <summary>Owner or discoverer; null when not said.</summary>
    public MmbiRole? Role { get; init; }

    /// <summary>The dialect; null for <c>auto</c> or when not said.</summary>
    public MmbiDialect? Dialect { get; init; }

    /// <summary>Window bytes, a power of two; null when not said.</summary>
    public int? Size { get; init; }

    /// <summary>Instance index, 0..7.</summary>
    public int Instance { get; init; }

    /// <summary>How many instances an owner announces; null when not said.</summary>
    public int? Instances { get; init; }

    /// <summary>The ivshmem id of the other side, overriding the rendezvous page; null when not said.</summary>
    public int? Peer { get; init; }

    /// <summary>Whether to ask for huge pages; a hint only.</summary>
    public bool HugePages { get; init; }

    /// <summary>Whether the ivshmem server and all its clients are trusted not to take the memory away.</summary>
    public bool TrustsMemory { get; init; }
}
