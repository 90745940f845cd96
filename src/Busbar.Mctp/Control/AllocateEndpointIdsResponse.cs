// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <summary>Allocate Endpoint IDs, response.</summary>
/// <param name="IsRejected">True when another bus has allocated already.</param>
/// <param name="PoolSize">EIDs that the pool needs or holds.</param>
/// <param name="First">First EID of the pool; null EID for none.</param>
public readonly record struct AllocateEndpointIdsResponse(bool IsRejected, byte PoolSize, Eid First) : IControlData<AllocateEndpointIdsResponse>
{
    private const byte StatusMask = 0x03;

    /// <inheritdoc/>
    public static ControlCommand Command => ControlCommand.AllocateEndpointIds;

    /// <inheritdoc/>
    public static bool TryParse(ReadOnlySpan<byte> data, out AllocateEndpointIdsResponse value)
    {
        value = data.Length < 3 ? default : new((data[0] & StatusMask) != 0, data[1], new Eid(data[2]));
        return data.Length >= 3;
    }

    /// <inheritdoc/>
    public int Emit(Span<byte> data)
    {
        data[2] = First.Value;
        data[1] = PoolSize;
        data[0] = (byte)(IsRejected ? 1 : 0);
        return 3;
    }
}
