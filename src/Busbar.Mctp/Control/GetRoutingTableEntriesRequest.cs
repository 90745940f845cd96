// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <summary>Get Routing Table Entries, request.</summary>
/// <param name="Handle">Where to begin; 0 first, then what the answers name as the next.</param>
public readonly record struct GetRoutingTableEntriesRequest(byte Handle) : IControlData<GetRoutingTableEntriesRequest>
{
    /// <inheritdoc/>
    public static ControlCommand Command => ControlCommand.GetRoutingTableEntries;

    /// <inheritdoc/>
    public static bool TryParse(ReadOnlySpan<byte> data, out GetRoutingTableEntriesRequest value)
    {
        value = data.Length == 1 ? new(data[0]) : default;
        return data.Length == 1;
    }

    /// <inheritdoc/>
    public int Emit(Span<byte> data)
    {
        data[0] = Handle;
        return 1;
    }
}
