// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <summary>Query Hop, request.</summary>
/// <param name="Target">The EID that packets are to reach.</param>
/// <param name="Type">The message type that they carry.</param>
public readonly record struct QueryHopRequest(Eid Target, MessageType Type) : IControlData<QueryHopRequest>
{
    /// <inheritdoc/>
    public static ControlCommand Command => ControlCommand.QueryHop;

    /// <inheritdoc/>
    public static bool TryParse(ReadOnlySpan<byte> data, out QueryHopRequest value)
    {
        value = data.Length == 2 ? new(new Eid(data[0]), new MessageType(data[1])) : default;
        return data.Length == 2;
    }

    /// <inheritdoc/>
    public int Emit(Span<byte> data)
    {
        data[1] = Type.Raw;
        data[0] = Target.Value;
        return 2;
    }
}
