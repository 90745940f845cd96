// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <summary>Query Supported Interfaces, response.</summary>
/// <param name="Interfaces">At least one.</param>
public readonly record struct QuerySupportedInterfacesResponse(IReadOnlyList<InterfaceDescription> Interfaces) : IControlData<QuerySupportedInterfacesResponse>
{
    /// <inheritdoc/>
    public static ControlCommand Command => ControlCommand.QuerySupportedInterfaces;

    /// <inheritdoc/>
    public static bool TryParse(ReadOnlySpan<byte> data, out QuerySupportedInterfacesResponse value)
    {
        value = default;
        if (data.Length < 1 || data.Length < 1 + (2 * data[0])) return false;
        var interfaces = new InterfaceDescription[data[0]];
        for (int i = 0; i < interfaces.Length; i++) interfaces[i] = new(data[1 + (2 * i)], new Eid(data[2 + (2 * i)]));
        value = new(interfaces);
        return true;
    }

    /// <inheritdoc/>
    public int Emit(Span<byte> data)
    {
        int at = 1;
        foreach (InterfaceDescription one in Interfaces)
        {
            data[at] = one.Type;
            data[at + 1] = one.Eid.Value;
            at += 2;
        }

        data[0] = (byte)Interfaces.Count;
        return at;
    }
}
