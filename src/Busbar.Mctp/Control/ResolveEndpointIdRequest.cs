// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <summary>Resolve Endpoint ID, request.</summary>
/// <param name="Target">The EID to be found.</param>
public readonly record struct ResolveEndpointIdRequest(Eid Target) : IControlData<ResolveEndpointIdRequest>
{
    /// <inheritdoc/>
    public static ControlCommand Command => ControlCommand.ResolveEndpointId;

    /// <inheritdoc/>
    public static bool TryParse(ReadOnlySpan<byte> data, out ResolveEndpointIdRequest value)
    {
        value = data.Length == 1 ? new(new Eid(data[0])) : default;
        return data.Length == 1;
    }

    /// <inheritdoc/>
    public int Emit(Span<byte> data)
    {
        data[0] = Target.Value;
        return 1;
    }
}
