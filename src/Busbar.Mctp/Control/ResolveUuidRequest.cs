// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <summary>Resolve UUID, request.</summary>
/// <param name="Uuid">The device to be found.</param>
/// <param name="Handle">Where to begin; 0 first, then what the answers name as the next.</param>
public readonly record struct ResolveUuidRequest(Guid Uuid, byte Handle) : IControlData<ResolveUuidRequest>
{
    private const int UuidSize = 16;

    /// <inheritdoc/>
    public static ControlCommand Command => ControlCommand.ResolveUuid;

    /// <inheritdoc/>
    public static bool TryParse(ReadOnlySpan<byte> data, out ResolveUuidRequest value)
    {
        bool good = data.Length == UuidSize + 1;
        value = good ? new(new Guid(data[..UuidSize], bigEndian: true), data[UuidSize]) : default;
        return good;
    }

    /// <inheritdoc/>
    public int Emit(Span<byte> data)
    {
        Uuid.TryWriteBytes(data, bigEndian: true, out int written);
        data[written] = Handle;
        return written + 1;
    }
}
