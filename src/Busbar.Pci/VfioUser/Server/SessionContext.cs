// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Pci;

/// <summary>What a <see cref="Session"/> works on; outlives it, so that the next client finds the device as the last one left it.</summary>
internal sealed class SessionContext
{
    public required IPciFunction Function { get; init; }

    public required RegionTable Regions { get; init; }

    public required IrqTable Irqs { get; init; }

    public required DmaTable Dma { get; init; }

    public required MessageDma MessageDma { get; init; }

    public required VfioUserStatistics Statistics { get; init; }

    /// <summary>What the server says of itself.</summary>
    public required VfioUserCapabilities Capabilities { get; init; }

    /// <summary>The client reset the device.</summary>
    public required Action OnReset { get; init; }

    /// <summary>The client installed or removed interrupts: kind, and vectors that are installed now.</summary>
    public required Action<PciInterruptKind, int> OnInterruptsChanged { get; init; }

    /// <summary>A message was refused.</summary>
    public required Action<VfioUserRefusedMessage> OnRefused { get; init; }
}
