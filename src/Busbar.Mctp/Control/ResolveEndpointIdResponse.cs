// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <summary>Resolve Endpoint ID, response.</summary>
/// <param name="Bridge">The bridge that leads there, or the target itself when it is on the asker's bus.</param>
/// <param name="Address">Its physical address, in the format of the bus that the request came from.</param>
public readonly record struct ResolveEndpointIdResponse(Eid Bridge, PhysicalAddress Address) : IControlData<ResolveEndpointIdResponse>
{
    /// <inheritdoc/>
    public static ControlCommand Command => ControlCommand.ResolveEndpointId;

    /// <inheritdoc/>
    public static bool TryParse(ReadOnlySpan<byte> data, out ResolveEndpointIdResponse value)
    {
        bool good = data.Length is >= 1 and <= 1 + PhysicalAddress.MaximumLength;
        value = good ? new(new Eid(data[0]), new PhysicalAddress(data[1..])) : default;
        return good;
    }

    /// <inheritdoc/>
    public int Emit(Span<byte> data)
    {
        data[0] = Bridge.Value;
        return 1 + Address.CopyTo(data[1..]);
    }
}
