// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Bindings;

/// <summary>Datagrams to and from one other end, as a link sees them. Neither direction ever waits, throws or allocates.</summary>
public interface IDatagramChannel
{
    /// <summary>False from the moment a call found the other end gone for good. A channel without connections is always open.</summary>
    bool IsOpen { get; }

    /// <summary>Takes one datagram if there is one.</summary>
    /// <param name="buffer">Where to, at least one byte.</param>
    /// <param name="length">Bytes of the datagram when the answer is <see cref="DatagramResult.Received"/>.</param>
    DatagramResult TryRead(Span<byte> buffer, out int length);

    /// <summary>Hands over one datagram, whole or not at all.</summary>
    /// <param name="datagram">At least one byte.</param>
    /// <returns>False when there is no room now, or the other end is gone (<see cref="IsOpen"/> tells).</returns>
    bool TryWrite(ReadOnlySpan<byte> datagram);
}
