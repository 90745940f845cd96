// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Pci;

/// <summary>What became of an interrupt that a function raised.</summary>
public enum PciInterruptOutcome
{
    /// <summary>It is with the host; for INTx: the pin is asserted.</summary>
    Sent,

    /// <summary>It waits for a mask to be cleared, or for the bus master bit; a second one meanwhile is the same one.</summary>
    Pending,

    /// <summary>Nobody takes it: no kind of interrupt is enabled, the vector does not exist, or the host does not listen on it.</summary>
    Lost,
}
