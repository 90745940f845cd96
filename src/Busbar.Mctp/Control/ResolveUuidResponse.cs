// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <summary>Resolve UUID, response.</summary>
/// <param name="NextHandle">The next part, or <see cref="Last"/>.</param>
/// <param name="Locations">Where the device is.</param>
public readonly record struct ResolveUuidResponse(byte NextHandle, IReadOnlyList<EndpointLocation> Locations) : IControlData<ResolveUuidResponse>
{
    /// <summary>There is no next part.</summary>
    public const byte Last = 0xFF;

    private const int FixedPart = 4;

    /// <inheritdoc/>
    public static ControlCommand Command => ControlCommand.ResolveUuid;

    /// <inheritdoc/>
    public static bool TryParse(ReadOnlySpan<byte> data, out ResolveUuidResponse value)
    {
        value = default;
        if (data.Length < 2) return false;
        byte next = data[0];
        var locations = new EndpointLocation[data[1]];
        data = data[2..];
        for (int i = 0; i < locations.Length; i++)
        {
            if (data.Length < FixedPart || data[3] > PhysicalAddress.MaximumLength || data.Length < FixedPart + data[3]) return false;
            var address = new PhysicalAddress(data.Slice(FixedPart, data[3]));
            locations[i] = new(new Eid(data[0]), (PhysicalBinding)data[1], (PhysicalMedium)data[2], address);
            data = data[(FixedPart + data[3])..];
        }

        value = new(next, locations);
        return true;
    }

    /// <inheritdoc/>
    public int Emit(Span<byte> data)
    {
        data[0] = NextHandle;
        data[1] = (byte)Locations.Count;
        int at = 2;
        foreach (EndpointLocation location in Locations)
        {
            data[at] = location.Eid.Value;
            data[at + 1] = (byte)location.Binding;
            data[at + 2] = (byte)location.Medium;
            data[at + 3] = (byte)location.Address.Length;
            at += FixedPart + location.Address.CopyTo(data[(at + FixedPart)..]);
        }

        return at;
    }
}
