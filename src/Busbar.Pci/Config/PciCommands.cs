// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Pci;

/// <summary>Bits of the command register (PCI Local Bus 3.0, 6.2.2).</summary>
[Flags]
public enum PciCommands : ushort
{
    /// <summary>The function answers to nothing but configuration accesses.</summary>
    None = 0,

    /// <summary>It answers to its I/O ports.</summary>
    Io = 1 << 0,

    /// <summary>It answers to its memory windows.</summary>
    Memory = 1 << 1,

    /// <summary>It may read and write memory by itself, and send message-signalled interrupts.</summary>
    BusMaster = 1 << 2,

    /// <summary>It reacts to parity errors.</summary>
    ParityError = 1 << 6,

    /// <summary>It reports system errors.</summary>
    SystemError = 1 << 8,

    /// <summary>It does not assert its interrupt pin.</summary>
    IntxDisable = 1 << 10,
}
