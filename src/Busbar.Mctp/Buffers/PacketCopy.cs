// SPDX-License-Identifier: Apache-2.0
using System.Runtime.CompilerServices;

namespace Busbar.Mctp;

/// <summary>Copies packet payloads. Most packets carry exactly the baseline unit, and a copy of known length needs no call.</summary>
internal static class PacketCopy
{
    private const int BaselineUnit = 64;

    /// <summary>Copies all of a payload.</summary>
    /// <param name="from">The payload; may be empty.</param>
    /// <param name="to">At least as long.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Copy(ReadOnlySpan<byte> from, Span<byte> to)
    {
        if (from.Length == BaselineUnit) from[..BaselineUnit].CopyTo(to[..BaselineUnit]);
        else from.CopyTo(to);
    }
}
