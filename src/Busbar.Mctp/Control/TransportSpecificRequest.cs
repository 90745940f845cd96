// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <summary>The common beginning of the commands 0xF0 to 0xFF, which belong to transport bindings.</summary>
/// <param name="Binding">Whose command it is; vendors begin their data with an IANA enterprise number.</param>
/// <param name="Medium">The physical medium.</param>
/// <param name="Data">The rest.</param>
public readonly record struct TransportSpecificRequest(PhysicalBinding Binding, PhysicalMedium Medium, ReadOnlyMemory<byte> Data)
{
    private const int FixedPart = 2;

    /// <summary>Reads the data of such a request.</summary>
    /// <param name="data">What follows the command code.</param>
    /// <param name="value">The meaning.</param>
    /// <returns>False when it is too short.</returns>
    public static bool TryParse(ReadOnlySpan<byte> data, out TransportSpecificRequest value)
    {
        value = data.Length >= FixedPart ? new((PhysicalBinding)data[0], (PhysicalMedium)data[1], data[FixedPart..].ToArray()) : default;
        return data.Length >= FixedPart;
    }

    /// <summary>Writes the data of such a request.</summary>
    /// <param name="data">Room for all of it.</param>
    /// <returns>Bytes written.</returns>
    public int Emit(Span<byte> data)
    {
        data[0] = (byte)Binding;
        data[1] = (byte)Medium;
        Data.Span.CopyTo(data[FixedPart..]);
        return FixedPart + Data.Length;
    }
}
