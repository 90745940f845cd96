// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <summary>Get Network ID, response.</summary>
/// <param name="Uuid">The UUID of the network; on the wire most significant byte first (RFC 4122).</param>
public readonly record struct GetNetworkIdResponse(Guid Uuid) : IControlData<GetNetworkIdResponse>
{
    private const int Size = 16;

    /// <inheritdoc/>
    public static ControlCommand Command => ControlCommand.GetNetworkId;

    /// <inheritdoc/>
    public static bool TryParse(ReadOnlySpan<byte> data, out GetNetworkIdResponse value)
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
