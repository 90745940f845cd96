// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <summary>Get Routing Table Entries, response.</summary>
/// <param name="NextHandle">The next part, or <see cref="Last"/>.</param>
/// <param name="Entries">Entries of this part; none spans two answers.</param>
public readonly record struct GetRoutingTableEntriesResponse(byte NextHandle, IReadOnlyList<RoutingTableEntry> Entries)
    : IControlData<GetRoutingTableEntriesResponse>
{
    /// <summary>There is no next part.</summary>
    public const byte Last = 0xFF;

    private const int FixedPart = 6;
    private const int KindShift = 6;
    private const byte StaticBit = 0x20;
    private const byte PortMask = 0x1F;

    /// <inheritdoc/>
    public static ControlCommand Command => ControlCommand.GetRoutingTableEntries;

    /// <inheritdoc/>
    public static bool TryParse(ReadOnlySpan<byte> data, out GetRoutingTableEntriesResponse value)
    {
        value = default;
        if (data.Length < 2) return false;
        byte next = data[0];
        var entries = new RoutingTableEntry[data[1]];
        data = data[2..];
        for (int i = 0; i < entries.Length; i++)
        {
            if (data.Length < FixedPart || data[5] > PhysicalAddress.MaximumLength || data.Length < FixedPart + data[5]) return false;
            entries[i] = new(
                data[0], new Eid(data[1]), (RoutingEntryKind)(data[2] >> KindShift), (data[2] & StaticBit) != 0, (byte)(data[2] & PortMask),
                (PhysicalBinding)data[3], (PhysicalMedium)data[4], new PhysicalAddress(data.Slice(FixedPart, data[5])));
            data = data[(FixedPart + data[5])..];
        }

        value = new(next, entries);
        return true;
    }

    /// <inheritdoc/>
    public int Emit(Span<byte> data)
    {
        data[0] = NextHandle;
        data[1] = (byte)Entries.Count;
        int at = 2;
        foreach (RoutingTableEntry entry in Entries)
        {
            data[at] = entry.Count;
            data[at + 1] = entry.First.Value;
            data[at + 2] = (byte)(((byte)entry.Kind << KindShift) | (entry.IsStatic ? StaticBit : 0) | (entry.Port & PortMask));
            data[at + 3] = (byte)entry.Binding;
            data[at + 4] = (byte)entry.Medium;
            data[at + 5] = (byte)entry.Address.Length;
            at += FixedPart + entry.Address.CopyTo(data[(at + FixedPart)..]);
        }

        return at;
    }
}
