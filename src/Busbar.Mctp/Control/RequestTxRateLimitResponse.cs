// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;

namespace Busbar.Mctp;

/// <summary>Request TX Rate Limit, response.</summary>
/// <param name="Burst">Packets in a burst, as in force now.</param>
/// <param name="Rate">Packets per second, as in force now.</param>
public readonly record struct RequestTxRateLimitResponse(uint Burst, uint Rate) : IControlData<RequestTxRateLimitResponse>
{
    private const int Size = 8;

    /// <inheritdoc/>
    public static ControlCommand Command => ControlCommand.RequestTxRateLimit;

    /// <inheritdoc/>
    public static bool TryParse(ReadOnlySpan<byte> data, out RequestTxRateLimitResponse value)
    {
        value = data.Length < Size ? default : new(BinaryPrimitives.ReadUInt32BigEndian(data), BinaryPrimitives.ReadUInt32BigEndian(data[4..]));
        return data.Length >= Size;
    }

    /// <inheritdoc/>
    public int Emit(Span<byte> data)
    {
        BinaryPrimitives.WriteUInt32BigEndian(data[4..], Rate);
        BinaryPrimitives.WriteUInt32BigEndian(data, Burst);
        return Size;
    }
}
