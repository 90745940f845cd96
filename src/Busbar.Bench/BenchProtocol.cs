// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.Bench;

/// <summary>
/// What the two processes of <c>bench mmbi</c> say to each other, as MCTP messages of a vendor type. The first body byte says what a
/// message is; the rest is filler except in a report. The two processes are always the same program, so the layout is private.
/// </summary>
internal static class BenchProtocol
{
    /// <summary>Answer with the same bytes.</summary>
    public const byte Echo = (byte)'E';

    /// <summary>Count it and say nothing.</summary>
    public const byte Data = (byte)'D';

    /// <summary>Answer with a <see cref="StreamReport"/> and start counting anew.</summary>
    public const byte Report = (byte)'R';

    /// <summary>Answer, then stop serving.</summary>
    public const byte Leave = (byte)'L';

    /// <summary>The message type.</summary>
    public static readonly MessageType Type = MessageType.VendorPci;

    /// <summary>The measuring side.</summary>
    public static readonly Eid MeasurerEid = new(8);

    /// <summary>The answering side.</summary>
    public static readonly Eid PeerEid = new(9);

    /// <summary>Longest body: a 65,536-byte message without its type byte.</summary>
    public const int LongestBody = 65_535;
}
