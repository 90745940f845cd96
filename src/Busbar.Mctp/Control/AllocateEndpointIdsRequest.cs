// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <summary>Allocate Endpoint IDs, request.</summary>
/// <param name="Operation">What to do.</param>
/// <param name="Count">EIDs in the pool; 0 is legal.</param>
/// <param name="First">First EID of the pool.</param>
public readonly record struct AllocateEndpointIdsRequest(AllocateEndpointIdsOperation Operation, byte Count, Eid First)
    : IControlData<AllocateEndpointIdsRequest>
{
    private const byte OperationMask = 0x03;

    /// <inheritdoc/>
    public static ControlCommand Command => ControlCommand.AllocateEndpointIds;

    /// <inheritdoc/>
    public static bool TryParse(ReadOnlySpan<byte> data, out AllocateEndpointIdsRequest value)
    {
        value = data.Length == 3 ? new((AllocateEndpointIdsOperation)(data[0] & OperationMask), data[1], new Eid(data[2])) : default;
        return data.Length == 3;
    }

    /// <inheritdoc/>
    public int Emit(Span<byte> data)
    {
        data[2] = First.Value;
        data[1] = Count;
        data[0] = (byte)((byte)Operation & OperationMask);
        return 3;
    }
}
