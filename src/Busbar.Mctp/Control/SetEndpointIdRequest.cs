// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <summary>Set Endpoint ID, request.</summary>
/// <param name="Operation">What to do.</param>
/// <param name="Eid">The EID; ignored unless one is set.</param>
public readonly record struct SetEndpointIdRequest(SetEndpointIdOperation Operation, Eid Eid) : IControlData<SetEndpointIdRequest>
{
    private const byte OperationMask = 0x03;

    /// <inheritdoc/>
    public static ControlCommand Command => ControlCommand.SetEndpointId;

    /// <inheritdoc/>
    public static bool TryParse(ReadOnlySpan<byte> data, out SetEndpointIdRequest value)
    {
        value = data.Length == 2 ? new((SetEndpointIdOperation)(data[0] & OperationMask), new Eid(data[1])) : default;
        return data.Length == 2;
    }

    /// <inheritdoc/>
    public int Emit(Span<byte> data)
    {
        data[1] = Eid.Value;
        data[0] = (byte)((byte)Operation & OperationMask);
        return 2;
    }
}
