// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;
using Busbar.Mmbi;

namespace Busbar.Node;

/// <summary>
/// The notifications beside a window, with the descriptors behind them. The node calls it under its lock, so no member blocks or calls the node.
/// </summary>
public interface IWindowSignals
{
    /// <summary>Rings the peer, and tells it whether we want to be rung.</summary>
    IMmbiDoorbell Doorbell { get; }

    /// <summary>Names the descriptors that become readable when the peer rings; the same ones for the attachment's whole life.</summary>
    /// <param name="descriptors">Added to.</param>
    void CollectDescriptors(List<FileDescriptor> descriptors);

    /// <summary>One of the descriptors is readable: drains it and acknowledges the interrupt, in this order, then fences, so that what the peer wrote before is seen.</summary>
    /// <param name="descriptor">Which.</param>
    /// <returns>True when the peer had rung.</returns>
    bool Acknowledge(FileDescriptor descriptor);
}
