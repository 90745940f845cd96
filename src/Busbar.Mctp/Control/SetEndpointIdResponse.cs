// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <summary>Set Endpoint ID, response.</summary>
/// <param name="IsRejected">True when the EID was not taken, because another bus gave one first.</param>
/// <param name="Pool">Whether it uses a pool of EIDs.</param>
/// <param name="Eid">The EID in force now.</param>
/// <param name="PoolSize">EIDs that the pool needs; 0 for none.</param>
public readonly record struct SetEndpointIdResponse(bool IsRejected, EidPoolStatus Pool, Eid Eid, byte PoolSize) : IControlData<SetEndpointIdResponse>
{
    private const byte RejectedMask = 0x30;
    private const byte RejectedValue = 0x10;
    private const byte PoolMask = 0x03;

    /// <inheritdoc/>
    public static ControlCommand Command => ControlCommand.SetEndpointId;

    /// <inheritdoc/>
    public static bool TryParse(ReadOnlySpan<byte> data, out SetEndpointIdResponse value)
    {
        value = data.Length < 3 ? default
            : new((data[0] & RejectedMask) != 0, (EidPoolStatus)(data[0] & PoolMask), new Eid(data[1]), data[2]);
        return data.Length >= 3;
    }

    /// <inheritdoc/>
    public int Emit(Span<byte> data)
    {
        data[2] = PoolSize;
        data[1] = Eid.Value;
        data[0] = (byte)((IsRejected ? RejectedValue : 0) | ((byte)Pool & PoolMask));
        return 3;
    }
}
