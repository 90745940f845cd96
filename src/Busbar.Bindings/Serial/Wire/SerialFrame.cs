// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using Busbar.Mctp;

namespace Busbar.Bindings;

/// <summary>
/// Frames of the serial binding (DSP0253): flag 7e, revision 01, byte count of the packet before escaping, the packet with 7e and 7d escaped, the check
/// sequence with its high byte first, flag 7e. Revision, byte count and check sequence are never escaped, so any of the latter two may look like a flag.
/// </summary>
public static class SerialFrame
{
    /// <summary>Begins and ends a frame.</summary>
    public const byte Flag = 0x7E;

    /// <summary>Announces that the next byte of the packet has bit 5 flipped.</summary>
    public const byte Escape = 0x7D;

    /// <summary>The revision of the binding.</summary>
    public const byte Revision = 0x01;

    /// <summary>The longest packet that the byte count can name.</summary>
    public const int LargestPacket = 255;

    /// <summary>Bytes around the packet: two flags, revision, byte count, check sequence.</summary>
    public const int Overhead = 6;

    /// <summary>Bytes of the burst that brings a receiver back into step.</summary>
    public const int ResynchronisationSize = FillerRun + 11;

    internal const byte EscapeMask = 0x20;

    // Two bytes are no packet for anybody, and for Linux few enough that the run outlasts them.
    private const byte Filler = 0x02;
    private const int FillerRun = 80;

    /// <summary>
    /// The burst: 80 bytes 02, then <c>7e 01 05 02 02 7e</c> and <c>01 00 00 00 7e</c>. The receiver of Linux keeps its place in the header when it leaves its error state, and
    /// can be deaf for ever after one flag too many (drivers/net/mctp/mctp-serial.c). The run outlasts the longest packet that it takes and ends in the error state, with the place
    /// 0, 1 or 2; each of them finds a frame of its own in the rest, with a wrong check sequence, and is idle behind the last flag.
    /// </summary>
    /// <remarks>
    /// From none of these states a byte count of zero is read: kernels before 6.1.183, 6.6.148, 6.12.101, 6.18.42 and 7.1.6 write past their buffer behind one (CVE-2026-68124).
    /// Other receivers see noise, and at its end an empty frame.
    /// </remarks>
    public static ReadOnlySpan<byte> Resynchronisation => s_resynchronisation;

    /// <summary>What a receiver that is in step sees of the burst up to the flag in front of its empty frame.</summary>
    internal static ReadOnlySpan<byte> ResynchronisationMark => s_resynchronisation.AsSpan(FillerRun, 6);

    private static readonly byte[] s_resynchronisation =
        [.. Enumerable.Repeat(Filler, FillerRun), Flag, Revision, 5, Filler, Filler, Flag, Revision, 0, 0, 0, Flag];

    /// <summary>Bytes of a frame when each byte of its packet needs an escape.</summary>
    /// <param name="packetLength">Bytes of the packet, header included.</param>
    public static int LargestSize(int packetLength) => Overhead + (2 * packetLength);

    /// <summary>Writes a frame.</summary>
    /// <param name="header">The packet's header.</param>
    /// <param name="first">What follows it.</param>
    /// <param name="second">The rest; may be empty.</param>
    /// <param name="frame">At least <see cref="LargestSize"/> bytes.</param>
    /// <returns>Bytes written.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The packet is longer than 255 bytes.</exception>
    public static int Write(MctpHeader header, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, Span<byte> frame)
    {
        int length = MctpHeader.Size + first.Length + second.Length;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, LargestPacket, nameof(second));
        Span<byte> head = stackalloc byte[MctpHeader.Size];
        header.Write(head);
        frame[0] = Flag;
        frame[1] = Revision;
        frame[2] = (byte)length;
        ushort check = FrameCheck.Add(FrameCheck.Start, frame.Slice(1, 2));
        int at = 3;
        at += WriteEscaped(head, frame[at..], ref check);
        at += WriteEscaped(first, frame[at..], ref check);
        at += WriteEscaped(second, frame[at..], ref check);
        BinaryPrimitives.WriteUInt16BigEndian(frame[at..], check);
        frame[at + 2] = Flag;
        return at + 3;
    }

    private static int WriteEscaped(ReadOnlySpan<byte> bytes, Span<byte> frame, ref ushort check)
    {
        int at = 0;
        foreach (byte value in bytes)
        {
            check = FrameCheck.Add(check, value);
            if (value is Flag or Escape)
            {
                frame[at++] = Escape;
                frame[at++] = (byte)(value ^ EscapeMask);
            }
            else
            {
                frame[at++] = value;
            }
        }

        return at;
    }
}
