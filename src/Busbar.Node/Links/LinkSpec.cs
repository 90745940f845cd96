// SPDX-License-Identifier: Apache-2.0
using Busbar.Mmbi;
using Busbar.Pci;

namespace Busbar.Node;

/// <summary>
/// A parsed LINK argument: <c>mmbi:WINDOW[,role=…][,dialect=…][,size=…][,wait=…][,instance=…][,instances=…][,peer=…][,mtu=…][,hugepages=…]</c>.
/// What the text leaves out is null here, because the default depends on the command and on the role.
/// </summary>
public sealed record LinkSpec
{
    /// <summary>Window bytes when the text says nothing: 2 MiB.</summary>
    public const int DefaultWindowSize = 2 << 20;

    /// <summary>The text that was parsed.</summary>
    public required string Text { get; init; }

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

    /// <summary>Waiting strategy; null when not said.</summary>
    public WaitStrategy? Wait { get; init; }

    /// <summary>Instance index, 0..7.</summary>
    public int Instance { get; init; }

    /// <summary>How many instances an owner announces; null when not said.</summary>
    public int? Instances { get; init; }

    /// <summary>The ivshmem id of the other side, overriding the rendezvous page; null when not said.</summary>
    public int? Peer { get; init; }

    /// <summary>Largest packet to send, header included; null for what the ring allows.</summary>
    public int? Mtu { get; init; }

    /// <summary>Whether to ask for huge pages; a hint only.</summary>
    public bool HugePages { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Text;
}
