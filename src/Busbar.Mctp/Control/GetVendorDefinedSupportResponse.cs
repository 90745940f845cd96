// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;

namespace Busbar.Mctp;

/// <summary>Get Vendor Defined Message Support, response.</summary>
/// <param name="NextSelector">The next set, or <see cref="Last"/>.</param>
/// <param name="Set">This set.</param>
public readonly record struct GetVendorDefinedSupportResponse(byte NextSelector, VendorDefinedSet Set) : IControlData<GetVendorDefinedSupportResponse>
{
    /// <summary>There is no next set.</summary>
    public const byte Last = 0xFF;

    /// <inheritdoc/>
    public static ControlCommand Command => ControlCommand.GetVendorDefinedSupport;

    /// <inheritdoc/>
    public static bool TryParse(ReadOnlySpan<byte> data, out GetVendorDefinedSupportResponse value)
    {
        value = default;
        if (data.Length < 2) return false;
        var format = (VendorIdFormat)data[1];
        int idLength = LengthOf(format);
        if (idLength == 0 || data.Length < 4 + idLength) return false;
        uint id = idLength == 2 ? BinaryPrimitives.ReadUInt16BigEndian(data[2..]) : BinaryPrimitives.ReadUInt32BigEndian(data[2..]);
        value = new(data[0], new VendorDefinedSet(format, id, BinaryPrimitives.ReadUInt16BigEndian(data[(2 + idLength)..])));
        return true;
    }

    /// <inheritdoc/>
    public int Emit(Span<byte> data)
    {
        data[0] = NextSelector;
        data[1] = (byte)Set.Format;
        int idLength = LengthOf(Set.Format);
        if (idLength == 2) BinaryPrimitives.WriteUInt16BigEndian(data[2..], (ushort)Set.VendorId);
        else BinaryPrimitives.WriteUInt32BigEndian(data[2..], Set.VendorId);
        BinaryPrimitives.WriteUInt16BigEndian(data[(2 + idLength)..], Set.CommandSet);
        return 4 + idLength;
    }

    private static int LengthOf(VendorIdFormat format) => format switch { VendorIdFormat.Pci => 2, VendorIdFormat.Iana => 4, _ => 0 };
}
