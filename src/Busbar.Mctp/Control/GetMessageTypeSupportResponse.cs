// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <summary>Get Message Type Support, response.</summary>
/// <param name="Types">The types; whether type 0 (control) is among them differs between endpoints.</param>
public readonly record struct GetMessageTypeSupportResponse(IReadOnlyList<MessageType> Types) : IControlData<GetMessageTypeSupportResponse>
{
    /// <inheritdoc/>
    public static ControlCommand Command => ControlCommand.GetMessageTypeSupport;

    /// <inheritdoc/>
    public static bool TryParse(ReadOnlySpan<byte> data, out GetMessageTypeSupportResponse value)
    {
        value = default;
        if (data.Length < 1 || data.Length < 1 + data[0]) return false;
        var types = new MessageType[data[0]];
        for (int i = 0; i < types.Length; i++) types[i] = new MessageType(data[1 + i]);
        value = new(types);
        return true;
    }

    /// <inheritdoc/>
    public int Emit(Span<byte> data)
    {
        int at = 1;
        foreach (MessageType type in Types) data[at++] = type.Raw;
        data[0] = (byte)Types.Count;
        return at;
    }
}
