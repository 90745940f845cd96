// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;

namespace Busbar.Mctp;

/// <summary>Query Rate Limit, response. Rates are packets per second at the baseline size, bursts are packets.</summary>
/// <param name="ReceiveBuffer">Bytes of the receive buffer.</param>
/// <param name="MaximumReceiveRate">Packets per second that it can take; 0 for no limit.</param>
/// <param name="HighestTransmitLimit">Highest transmit rate limit that can be set.</param>
/// <param name="LowestTransmitLimit">Lowest transmit rate limit that can be set.</param>
/// <param name="LargestBurst">Largest burst that can be set, 24 bits.</param>
/// <param name="PresentBurst">Burst in force, 24 bits.</param>
/// <param name="PresentRate">Rate in force; 0 when the limiter is off.</param>
/// <param name="Flags">Bit 0: a limiter is supported. Bit 1: it applies only to messages that nobody requested.</param>
public readonly record struct QueryRateLimitResponse(
    uint ReceiveBuffer, uint MaximumReceiveRate, uint HighestTransmitLimit, uint LowestTransmitLimit, uint LargestBurst, uint PresentBurst,
    uint PresentRate, byte Flags) : IControlData<QueryRateLimitResponse>
{
    private const int Size = 27;

    /// <inheritdoc/>
    public static ControlCommand Command => ControlCommand.QueryRateLimit;

    /// <inheritdoc/>
    public static bool TryParse(ReadOnlySpan<byte> data, out QueryRateLimitResponse value)
    {
        value = default;
        if (data.Length < Size) return false;
        value = new(
            BinaryPrimitives.ReadUInt32BigEndian(data), BinaryPrimitives.ReadUInt32BigEndian(data[4..]),
            BinaryPrimitives.ReadUInt32BigEndian(data[8..]), BinaryPrimitives.ReadUInt32BigEndian(data[12..]),
            UInt24.Read(data[16..]), UInt24.Read(data[19..]), BinaryPrimitives.ReadUInt32BigEndian(data[22..]), data[26]);
        return true;
    }

    /// <inheritdoc/>
    public int Emit(Span<byte> data)
    {
        data[26] = Flags;
        BinaryPrimitives.WriteUInt32BigEndian(data, ReceiveBuffer);
        BinaryPrimitives.WriteUInt32BigEndian(data[4..], MaximumReceiveRate);
        BinaryPrimitives.WriteUInt32BigEndian(data[8..], HighestTransmitLimit);
        BinaryPrimitives.WriteUInt32BigEndian(data[12..], LowestTransmitLimit);
        UInt24.Write(data[16..], LargestBurst);
        UInt24.Write(data[19..], PresentBurst);
        BinaryPrimitives.WriteUInt32BigEndian(data[22..], PresentRate);
        return Size;
    }
}
