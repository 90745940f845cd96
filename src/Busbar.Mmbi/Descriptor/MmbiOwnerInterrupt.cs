// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mmbi;

/// <summary>BMC_INT_T, descriptor byte 46, bits 2:0: how the host interrupts the owner.</summary>
public enum MmbiOwnerInterrupt : byte
{
    /// <summary>Not at all, or hardware watches the pointers.</summary>
    None = 0,

    /// <summary>The host writes the byte BMC_INT_V at BMC_INT_L, counted from the descriptor.</summary>
    ByteWrite = 1,

    /// <summary>The bus has its own way.</summary>
    InBand = 2,
}
