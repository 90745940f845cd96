// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <summary>
/// The two bytes that begin each control message behind its type byte (DSP0236, control message format): Rq, D and Instance ID, then the
/// command. A response has its completion code behind them.
/// </summary>
/// <param name="Flags">Bit 7 Rq, bit 6 D, bit 5 reserved, bits 4:0 Instance ID.</param>
/// <param name="Command">The command code.</param>
public readonly record struct ControlHeader(byte Flags, ControlCommand Command)
{
    /// <summary>Bytes of a request before its data.</summary>
    public const int Size = 2;

    /// <summary>Bytes of a response before its data: the header and the completion code.</summary>
    public const int ResponseSize = 3;

    /// <summary>The largest body without its type byte: a control message fits one baseline packet.</summary>
    public const int LargestMessage = 63;

    private const byte RequestBit = 0x80;
    private const byte DatagramBit = 0x40;
    private const byte InstanceMask = 0x1F;

    /// <summary>Rq: the message asks for something.</summary>
    public bool IsRequest => (Flags & RequestBit) != 0;

    /// <summary>D: the message wants no answer.</summary>
    public bool IsDatagram => (Flags & DatagramBit) != 0;

    /// <summary>Instance ID, 0..31: new for a new request, the same in its retries and in its answer.</summary>
    public int InstanceId => Flags & InstanceMask;

    /// <summary>The header of a request.</summary>
    /// <param name="command">The command.</param>
    /// <param name="instanceId">0..31.</param>
    public static ControlHeader Request(ControlCommand command, int instanceId) => new((byte)(RequestBit | (instanceId & InstanceMask)), command);

    /// <summary>The header of a message that wants no answer.</summary>
    /// <param name="command">The command.</param>
    /// <param name="instanceId">0..31.</param>
    public static ControlHeader Datagram(ControlCommand command, int instanceId) =>
        new((byte)(RequestBit | DatagramBit | (instanceId & InstanceMask)), command);

    /// <summary>The header of the answer: same Instance ID and command, Rq and D clear.</summary>
    public ControlHeader ToResponse() => new((byte)(Flags & InstanceMask), Command);

    /// <summary>Reads a header.</summary>
    /// <param name="body">The body without its type byte.</param>
    /// <param name="header">The header.</param>
    /// <returns>False when the body is too short to be a control message.</returns>
    public static bool TryParse(ReadOnlySpan<byte> body, out ControlHeader header)
    {
        header = body.Length >= Size ? new ControlHeader(body[0], (ControlCommand)body[1]) : default;
        return body.Length >= Size;
    }

    /// <summary>Writes the header.</summary>
    /// <param name="body">At least two bytes.</param>
    /// <returns>Bytes written.</returns>
    public int Emit(Span<byte> body)
    {
        body[1] = (byte)Command;
        body[0] = Flags;
        return Size;
    }
}
