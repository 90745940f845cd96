// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;

namespace Busbar.Mctp;

/// <summary>Query Hop, response.</summary>
/// <param name="NextBridge">EID of the next bridge; the target itself at the last hop; null EID when the way does not lead through this bridge.</param>
/// <param name="Type">The message type; 0xFF for all.</param>
/// <param name="IncomingSteps">Largest incoming unit, in steps of 16 bytes above 64.</param>
/// <param name="OutgoingSteps">Largest outgoing unit, in steps of 16 bytes above 64.</param>
public readonly record struct QueryHopResponse(Eid NextBridge, byte Type, ushort IncomingSteps, ushort OutgoingSteps) : IControlData<QueryHopResponse>
{
    private const int Size = 6;
    private const int BaselineUnit = 64;
    private const int Step = 16;

    /// <inheritdoc/>
    public static ControlCommand Command => ControlCommand.QueryHop;

    /// <summary>Largest incoming transmission unit, in payload bytes.</summary>
    public int IncomingUnit => BaselineUnit + (IncomingSteps * Step);

    /// <summary>Largest outgoing transmission unit, in payload bytes.</summary>
    public int OutgoingUnit => BaselineUnit + (OutgoingSteps * Step);

    /// <inheritdoc/>
    public static bool TryParse(ReadOnlySpan<byte> data, out QueryHopResponse value)
    {
        value = data.Length < Size ? default
            : new(new Eid(data[0]), data[1], BinaryPrimitives.ReadUInt16BigEndian(data[2..]), BinaryPrimitives.ReadUInt16BigEndian(data[4..]));
        return data.Length >= Size;
    }

    /// <inheritdoc/>
    public int Emit(Span<byte> data)
    {
        data[0] = NextBridge.Value;
        data[1] = Type;
        BinaryPrimitives.WriteUInt16BigEndian(data[2..], IncomingSteps);
        BinaryPrimitives.WriteUInt16BigEndian(data[4..], OutgoingSteps);
        return Size;
    }
}
