// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <summary>Get Endpoint UUID, response.</summary>
/// <param name="Uuid">The UUID of the device, the same on all its buses; on the wire most significant byte first (RFC 4122).</param>
public readonly record struct GetEndpointUuidResponse(Guid Uuid) : IControlData<GetEndpointUuidResponse>
{
    private const int Size = 16;

    /// <inheritdoc/>
    public static ControlCommand Command => ControlCommand.GetEndpointUuid;

    /// <inheritdoc/>
    public static bool TryParse(ReadOnlySpan<byte> data, out GetEndpointUuidResponse value)
    {
        value = data.Length >= Size ? new(new Guid(data[..Size], bigEndian: true)) : default;
        return data.Length >= Size;
    }

    /// <inheritdoc/>
    public int Emit(Span<byte> data)
    {
        Uuid.TryWriteBytes(data, bigEndian: true, out int written);
        return written;
    }
}
