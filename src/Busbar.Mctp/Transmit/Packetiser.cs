// SPDX-License-Identifier: Apache-2.0
using System.Runtime.CompilerServices;

namespace Busbar.Mctp;

/// <summary>
/// Cuts a message into packets (DSP0236, packetised messages): all but the last carry the same number of bytes, the sequence starts
/// at 0 and counts modulo 4, SOM marks the first and EOM the last.
/// </summary>
public static class Packetiser
{
    private const uint StartMask = 0x80_00_00_00;
    private const uint EndMask = 0x40_00_00_00;
    private const uint SequenceOne = 0x10_00_00_00;

    /// <summary>Writes all packets of a message.</summary>
    /// <param name="sink">Takes the packets.</param>
    /// <param name="header">Version, EIDs, TO and tag; SOM, EOM and sequence clear.</param>
    /// <param name="type">Type byte with IC bit.</param>
    /// <param name="body">The body without it.</param>
    /// <param name="unit">Payload bytes per packet, at least 1.</param>
    /// <returns>False when the sink refused a packet; those before it were taken.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Write<TSink>(ref TSink sink, MctpHeader header, byte type, ReadOnlySpan<byte> body, int unit)
        where TSink : struct, IPacketSink, allows ref struct
    {
        ReadOnlySpan<byte> typeByte = new(in type);
        if (body.Length < unit) return sink.Write(header.AsWhole(), typeByte, body);

        if (!sink.Write(new MctpHeader(header.Raw | StartMask), typeByte, body[..(unit - 1)])) return false;
        body = body[(unit - 1)..];
        uint next = header.Raw + SequenceOne;
        while (body.Length > unit)
        {
            if (!sink.Write(new MctpHeader(next), default, body[..unit])) return false;
            body = body[unit..];

            // What the two sequence bits carry over falls on EOM, which is clear but for the last packet.
            next = (next + SequenceOne) & ~EndMask;
        }

        return sink.Write(new MctpHeader(next | EndMask), default, body);
    }
}
