// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Bindings;

/// <summary>
/// A stream of bytes to one other end, as a link sees it: a terminal, a socket, a pipe in a test. Neither direction ever waits, throws or allocates. Once the
/// other end is gone the channel stays closed; whoever owns the link opens a new one.
/// </summary>
public interface IByteChannel
{
    /// <summary>False from the moment a call found the other end gone. Bytes that arrived before that have been read by then.</summary>
    bool IsOpen { get; }

    /// <summary>Takes what has arrived.</summary>
    /// <param name="buffer">Where to, at least one byte.</param>
    /// <returns>Bytes taken; 0 when there are none now, or none for ever (<see cref="IsOpen"/> tells).</returns>
    int TryRead(Span<byte> buffer);

    /// <summary>Hands over as many bytes as the other end takes now.</summary>
    /// <param name="bytes">At least one.</param>
    /// <returns>Bytes taken; 0 when there is no room now, or the other end is gone (<see cref="IsOpen"/> tells).</returns>
    int TryWrite(ReadOnlySpan<byte> bytes);
}
