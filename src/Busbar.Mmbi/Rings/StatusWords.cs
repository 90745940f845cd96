// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mmbi;

/// <summary>
/// The two dwords of Host_ROS and Host_RWS: a pointer in bits 31:2, flags in bits 1:0 (DSP0282, tables of both structures).
/// </summary>
internal static class StatusWords
{
    /// <summary>Word 0, bit 0: B_RST or H_RST.</summary>
    public const uint Reset = 0x1;

    /// <summary>Word 0, bit 1: B_UP or H_UP.</summary>
    public const uint Up = 0x2;

    /// <summary>Word 1, bit 0: B_RDY or H_RDY.</summary>
    public const uint Ready = 0x1;

    /// <summary>The flags of either word.</summary>
    public const uint FlagMask = 0x3;

    /// <summary>The pointer of either word.</summary>
    public const uint PointerMask = ~FlagMask;

    /// <summary>What every read of a dead PCIe link returns; no valid word looks like it.</summary>
    public const uint DeadLink = 0xFFFF_FFFF;

    /// <summary>Bytes from word 0 (write pointer) to word 1 (read pointer).</summary>
    public const int SecondWord = 4;
}
