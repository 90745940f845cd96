// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <summary>Get Endpoint ID, response.</summary>
/// <param name="Eid">The EID on the bus that asked; null EID when there is none yet.</param>
/// <param name="Kind">Simple endpoint, or bus owner or bridge.</param>
/// <param name="EidKind">Static or dynamic.</param>
/// <param name="MediumSpecific">Meaning by binding; 0 where none is defined.</param>
public readonly record struct GetEndpointIdResponse(Eid Eid, EndpointKind Kind, EidKind EidKind, byte MediumSpecific) : IControlData<GetEndpointIdResponse>
{
    private const int KindShift = 4;
    private const byte Mask = 0x03;

    /// <inheritdoc/>
    public static ControlCommand Command => ControlCommand.GetEndpointId;

    /// <inheritdoc/>
    public static bool TryParse(ReadOnlySpan<byte> data, out GetEndpointIdResponse value)
    {
        value = data.Length < 3 ? default
            : new(new Eid(data[0]), (EndpointKind)((data[1] >> KindShift) & Mask), (EidKind)(data[1] & Mask), data[2]);
        return data.Length >= 3;
    }

    /// <inheritdoc/>
    public int Emit(Span<byte> data)
    {
        data[2] = MediumSpecific;
        data[1] = (byte)((((byte)Kind & Mask) << KindShift) | ((byte)EidKind & Mask));
        data[0] = Eid.Value;
        return 3;
    }
}
