// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;

namespace Busbar.Node;

/// <summary>A network interface of the kernel, whose other end is a link of a node. The interface goes with the attachment.</summary>
public abstract class KernelAttachment : LinkAttachment
{
    /// <summary>The interface's name.</summary>
    public abstract string Name { get; }

    /// <summary>The interface's index.</summary>
    public abstract int Index { get; }

    /// <summary>The least MTU that the interface takes, in bytes, header included.</summary>
    public abstract int SmallestMtu { get; }

    /// <summary>The largest MTU that the interface takes. Packets for the kernel that are longer are dropped.</summary>
    public abstract int LargestMtu { get; }

    /// <summary>Called once when somebody else has removed the interface; it does not come back. Under the node's lock: it must neither block nor call the node.</summary>
    public Action? Gone { get; set; }

    /// <inheritdoc/>
    public override WaitStrategy Wait => WaitStrategy.Block;

    /// <summary>Lets the interface begin, with the carrier off where there is one: everything is configured but EIDs and routes.</summary>
    internal abstract void Begin(MctpNetlink netlink);

    /// <summary>Lets the kernel send, or keeps it from sending: by the carrier, or by taking an interface without one up and down.</summary>
    internal abstract void SetCarrier(MctpNetlink netlink, bool on);
}
