// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;

namespace Busbar.Mctp;

/// <summary>Request TX Rate Limit, request.</summary>
/// <param name="Burst">Packets in a burst, 24 bits; 0 switches the limiter off.</param>
/// <param name="Rate">Packets per second at the baseline size.</param>
public readonly record struct RequestTxRateLimitRequest(uint Burst, uint Rate) : IControlData<RequestTxRateLimitRequest>
{
    private const int Size = 7;

    /// <inheritdoc/>
    public static ControlCommand Command => ControlCommand.RequestTxRateLimit;

    /// <inheritdoc/>
    public static bool TryParse(ReadOnlySpan<byte> data, out RequestTxRateLimitRequest value)
    {
        value = data.Length == Size ? new(UInt24.Read(data), BinaryPrimitives.ReadUInt32BigEndian(data[3..])) : default;
        return data.Length == Size;
    }

    /// <inheritdoc/>
    public int Emit(Span<byte> data)
    {
        BinaryPrimitives.WriteUInt32BigEndian(data[3..], Rate);
        UInt24.Write(data, Burst);
        return Size;
    }
}
