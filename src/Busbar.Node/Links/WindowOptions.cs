// SPDX-License-Identifier: Apache-2.0
using Busbar.Mmbi;

namespace Busbar.Node;

/// <summary>How one end of an MMBI link behaves on its window, wherever the window comes from.</summary>
public sealed record WindowOptions
{
    /// <summary>What the link is called, for instance <c>mmbi0</c>.</summary>
    public string Name { get; init; } = "mmbi0";

    /// <summary>What refusals call the link: the LINK as typed, or a description.</summary>
    public required string Text { get; init; }

    /// <summary>Owner or discoverer.</summary>
    public required MmbiRole Role { get; init; }

    /// <summary>The dialect of an owner; null for a discoverer that recognises it.</summary>
    public MmbiDialect? Dialect { get; init; }

    /// <summary>Which instance of the window, from 0.</summary>
    public int Instance { get; init; }

    /// <summary>Owners: how many instances the window holds.</summary>
    public int Instances { get; init; } = 1;

    /// <summary>Owners: the interrupt settings to announce; null for the dialect's own.</summary>
    public MmbiInterrupts? Interrupts { get; init; }

    /// <summary>Owners: bytes around the doorbell byte that hold neither rings nor status structures, as in <see cref="MmbiLayout.Create"/>.</summary>
    public int DoorbellArea { get; init; } = MmbiLayout.ShortestDoorbellArea;

    /// <summary>Time limits of the state machine.</summary>
    public MmbiTimings Timings { get; init; } = MmbiTimings.Default;

    /// <summary>What threads do while nothing arrives.</summary>
    public WaitStrategy Wait { get; init; } = WaitStrategy.Adaptive;

    /// <summary>Largest packet to send, header included; null for what the ring allows.</summary>
    public int? Mtu { get; init; }

    /// <summary>Discoverers: whether to write the doorbell byte that the descriptor asks for; null for "in device memory only".</summary>
    public bool? WritesDoorbellByte { get; init; }

    /// <summary>Owners: true to never start a reset, because the peer would not come back from it.</summary>
    public bool NeverResets { get; init; }

    /// <summary>Owners: true to send no interrupt to a host that left in order, because it has given it back.</summary>
    public bool IsQuietAfterLeave { get; init; }
}
