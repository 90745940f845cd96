// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <summary>Get Vendor Defined Message Support, request.</summary>
/// <param name="Selector">Which set; 0 first, then what the answers name as the next.</param>
public readonly record struct GetVendorDefinedSupportRequest(byte Selector) : IControlData<GetVendorDefinedSupportRequest>
{
    /// <inheritdoc/>
    public static ControlCommand Command => ControlCommand.GetVendorDefinedSupport;

    /// <inheritdoc/>
    public static bool TryParse(ReadOnlySpan<byte> data, out GetVendorDefinedSupportRequest value)
    {
        value = data.Length == 1 ? new(data[0]) : default;
        return data.Length == 1;
    }

    /// <inheritdoc/>
    public int Emit(Span<byte> data)
    {
        data[0] = Selector;
        return 1;
    }
}
