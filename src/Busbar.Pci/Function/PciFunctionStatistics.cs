// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Pci;

/// <summary>What a function has seen since it was made.</summary>
/// <param name="OutOfRange">Accesses to a window that does not exist, or beyond its end.</param>
/// <param name="Undefined">Accesses to a place in a window where nothing is.</param>
/// <param name="Unaligned">Accesses to registers that were not 1, 2, 4 or 8 bytes aligned to their size; they ran in pieces.</param>
/// <param name="DecodeOff">Accesses to windows while the memory bit of the command register was off; they were served.</param>
/// <param name="InterruptsSent">Messages, and assertions of the pin, that the host took.</param>
/// <param name="InterruptsPended">Messages that had to wait.</param>
/// <param name="InterruptsLost">Interrupts that nobody took.</param>
/// <param name="DmaRefused">Reads and writes of the guest's memory that failed, or that the bus master bit forbade.</param>
/// <param name="ConventionalResets">Resets from outside.</param>
/// <param name="FunctionLevelResets">Resets by the driver.</param>
public readonly record struct PciFunctionStatistics(
    long OutOfRange,
    long Undefined,
    long Unaligned,
    long DecodeOff,
    long InterruptsSent,
    long InterruptsPended,
    long InterruptsLost,
    long DmaRefused,
    long ConventionalResets,
    long FunctionLevelResets);
