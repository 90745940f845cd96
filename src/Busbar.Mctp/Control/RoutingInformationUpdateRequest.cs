// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <summary>Routing Information Update, request. All entries have addresses of the same length, that of the bus.</summary>
/// <param name="Entries">The entries.</param>
public readonly record struct RoutingInformationUpdateRequest(IReadOnlyList<RoutingUpdateEntry> Entries) : IControlData<RoutingInformationUpdateRequest>
{
    private const int FixedPart = 3;
    private const byte KindMask = 0x0F;

    /// <inheritdoc/>
    public static ControlCommand Command => ControlCommand.RoutingInformationUpdate;

    /// <inheritdoc/>
    public static bool TryParse(ReadOnlySpan<byte> data, out RoutingInformationUpdateRequest value)
    {
        value = default;
        if (data.Length < 1) return false;
        int count = data[0];
        data = data[1..];

        // The length of an address is not in the message; it follows from that of the whole.
        int size = count == 0 ? 0 : data.Length / count;
        if (data.Length != count * size || (count != 0 && size is < FixedPart or > FixedPart + PhysicalAddress.MaximumLength)) return false;
        var entries = new RoutingUpdateEntry[count];
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> entry = data.Slice(i * size, size);
            entries[i] = new((RoutingEntryKind)(entry[0] & KindMask), entry[1], new Eid(entry[2]), new PhysicalAddress(entry[FixedPart..]));
        }

        value = new(entries);
        return true;
    }

    /// <inheritdoc/>
    public int Emit(Span<byte> data)
    {
        int at = 1;
        foreach (RoutingUpdateEntry entry in Entries)
        {
            data[at] = (byte)((byte)entry.Kind & KindMask);
            data[at + 1] = entry.Count;
            data[at + 2] = entry.First.Value;
            at += FixedPart + entry.Address.CopyTo(data[(at + FixedPart)..]);
        }

        data[0] = (byte)Entries.Count;
        return at;
    }
}
