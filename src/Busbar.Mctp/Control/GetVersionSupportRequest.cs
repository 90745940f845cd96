// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <summary>Get MCTP Version Support, request.</summary>
/// <param name="Type">The message type; 0xFF asks for the base specification, 0x00 for the control protocol.</param>
public readonly record struct GetVersionSupportRequest(byte Type) : IControlData<GetVersionSupportRequest>
{
    /// <summary>Asks for the versions of the base specification.</summary>
    public const byte BaseSpecification = 0xFF;

    /// <inheritdoc/>
    public static ControlCommand Command => ControlCommand.GetVersionSupport;

    /// <inheritdoc/>
    public static bool TryParse(ReadOnlySpan<byte> data, out GetVersionSupportRequest value)
    {
        value = data.Length == 1 ? new(data[0]) : default;
        return data.Length == 1;
    }

    /// <inheritdoc/>
    public int Emit(Span<byte> data)
    {
        data[0] = Type;
        return 1;
    }
}
