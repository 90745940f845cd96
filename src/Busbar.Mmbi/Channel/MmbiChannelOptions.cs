// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mmbi;

/// <summary>How a channel behaves.</summary>
public sealed record MmbiChannelOptions
{
    /// <summary>Our role.</summary>
    public MmbiRole Role { get; init; } = MmbiRole.Discoverer;

    /// <summary>The instance, from 0.</summary>
    public int Instance { get; init; }

    /// <summary>Owners: how many instances the window holds. All channels of a window must say the same.</summary>
    public int Instances { get; init; } = 1;

    /// <summary>Owners: bytes from the window's start that may be used, when its tail belongs to somebody else; 0 for all.</summary>
    public int UsableLength { get; init; }

    /// <summary>
    /// Owners: bytes around the doorbell byte that hold neither rings nor status structures, as in <see cref="MmbiLayout.Create"/>. All channels of a window
    /// must say the same.
    /// </summary>
    public int DoorbellArea { get; init; } = MmbiLayout.ShortestDoorbellArea;

    /// <summary>Owners: the interrupt settings to announce; null for the dialect's own.</summary>
    public MmbiInterrupts? Interrupts { get; init; }

    /// <summary>The dialect. Null: an owner uses version 1.1, a discoverer recognises the owner's from its descriptor.</summary>
    public MmbiDialect? Dialect { get; init; }

    /// <summary>
    /// True to find the peer's header format from the packets that arrive, starting from the dialect's. Null means: when the dialect is
    /// recognised, not when it was configured. Version 1.0 over eSPI always tolerates that peer's rounded-down lengths.
    /// </summary>
    public bool? DetectHeaders { get; init; }

    /// <summary>Time limits.</summary>
    public MmbiTimings Timings { get; init; } = MmbiTimings.Default;

    /// <summary>Notifications.</summary>
    public IMmbiDoorbell Doorbell { get; init; } = NoDoorbell.Instance;

    /// <summary>
    /// Discoverers: also write the doorbell byte that the descriptor asks for (BMC_INT_T = 1). Null means: in device memory only, because
    /// in plain memory nobody watches it.
    /// </summary>
    public bool? WritesDoorbellByte { get; init; }

    /// <summary>
    /// Owners: true to never start a reset. For hosts that stay in INIT_COMPLETED after one until their driver is loaded again
    /// (aspeed-host-bmc-dev). What cannot be read is then skipped: the stream goes on at the host's write pointer.
    /// </summary>
    public bool NeverResets { get; init; }

    /// <summary>
    /// Owners: true to send nothing to a host that took its end down in order. For doorbells that are bare messages: a driver that leaves gives its interrupts
    /// back, and where these are remapped one more is a fault in the log of its system. The next driver looks by itself.
    /// </summary>
    public bool IsQuietAfterLeave { get; init; }
}
