// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Pci;

/// <summary>Bits of the status register (PCI Local Bus 3.0, 6.2.3). The error bits are cleared by writing one.</summary>
[Flags]
public enum PciStatuses : ushort
{
    /// <summary>Nothing to say.</summary>
    None = 0,

    /// <summary>The function wants to assert its interrupt pin.</summary>
    IntxPending = 1 << 3,

    /// <summary>There is a list of capabilities.</summary>
    CapabilityList = 1 << 4,

    /// <summary>A transfer of its own had a parity error.</summary>
    MasterParityError = 1 << 8,

    /// <summary>It aborted a transfer that somebody began.</summary>
    SignalledTargetAbort = 1 << 11,

    /// <summary>A transfer of its own was aborted.</summary>
    ReceivedTargetAbort = 1 << 12,

    /// <summary>Nobody answered a transfer of its own.</summary>
    ReceivedMasterAbort = 1 << 13,

    /// <summary>It reported a system error.</summary>
    SignalledSystemError = 1 << 14,

    /// <summary>It saw a parity error.</summary>
    DetectedParityError = 1 << 15,
}
