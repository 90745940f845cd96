// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <summary>
/// The data of a control request or response: what follows the command code or, in a response, the completion code. Multi-byte
/// numbers are big-endian on the wire (DSP0236, byte ordering).
/// </summary>
/// <typeparam name="TSelf">The implementing type.</typeparam>
public interface IControlData<TSelf>
    where TSelf : IControlData<TSelf>
{
    /// <summary>The command that the data belongs to.</summary>
    static abstract ControlCommand Command { get; }

    /// <summary>Reads the data.</summary>
    /// <param name="data">Exactly the data bytes.</param>
    /// <param name="value">The meaning.</param>
    /// <returns>False when the length does not fit the command.</returns>
    static abstract bool TryParse(ReadOnlySpan<byte> data, out TSelf value);

    /// <summary>Writes the data.</summary>
    /// <param name="data">Room for all of it; 61 bytes are always enough for what fits one baseline packet.</param>
    /// <returns>Bytes written.</returns>
    int Emit(Span<byte> data);
}
