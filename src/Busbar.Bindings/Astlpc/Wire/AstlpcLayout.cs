// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Bindings;

/// <summary>Where the two areas of an LPC window are. Names are those of the host: it receives what the management controller puts into the first.</summary>
/// <param name="RxOffset">First byte of the area from the management controller to the host.</param>
/// <param name="RxSize">Bytes of that area.</param>
/// <param name="TxOffset">First byte of the area from the host to the management controller.</param>
/// <param name="TxSize">Bytes of that area.</param>
public readonly record struct AstlpcLayout(uint RxOffset, uint RxSize, uint TxOffset, uint TxSize)
{
    /// <summary>Where areas may begin: behind the control area, and behind the bytes that stand for the KCS device here.</summary>
    public const int FirstOffset = 0x100;

    /// <summary>Bytes of the length before a packet.</summary>
    public const int LengthSize = 4;

    /// <summary>Bytes of the check behind a packet, from version 3 on.</summary>
    public const int CheckSize = 4;

    /// <summary>Bytes that an area needs beside its packet.</summary>
    /// <param name="version">The version negotiated.</param>
    public static int OverheadOf(int version) => version >= 3 ? LengthSize + CheckSize : LengthSize;

    /// <summary>Says what is wrong with a layout; null when nothing is.</summary>
    /// <param name="windowLength">Bytes of the window.</param>
    /// <param name="version">The version negotiated.</param>
    public AstlpcFault? Check(int windowLength, int version)
    {
        int smallest = OverheadOf(version) + Mctp.MctpLink.MinimumMtu;
        if (RxSize < smallest || TxSize < smallest) return AstlpcFault.AreaTooSmall;
        if (RxOffset < FirstOffset || TxOffset < FirstOffset) return AstlpcFault.AreaInControl;
        if ((RxOffset | TxOffset) % 4 != 0) return AstlpcFault.AreaMisaligned;

        // In 64 bits, because the other side may name any 32-bit numbers.
        ulong rxEnd = (ulong)RxOffset + RxSize;
        ulong txEnd = (ulong)TxOffset + TxSize;
        if (rxEnd > (ulong)windowLength || txEnd > (ulong)windowLength) return AstlpcFault.AreaOutside;
        return RxOffset < txEnd && TxOffset < rxEnd ? AstlpcFault.AreasOverlap : null;
    }
}
