// SPDX-License-Identifier: Apache-2.0
using Busbar.Bindings;
using Busbar.Linux;

namespace Busbar.Node;

/// <summary>UDP datagrams of one other address.</summary>
internal sealed class UdpChannel(UdpSocket socket) : IDatagramChannel
{
    public bool IsOpen => true;

    public DatagramResult TryRead(Span<byte> buffer, out int length)
    {
        if (!socket.TryReceive(buffer, out length, out bool isFromPeer)) return DatagramResult.None;
        if (!isFromPeer) return DatagramResult.Stranger;

        // The kernel cuts silently; a buffer that is full to the last byte held a longer one.
        return length == buffer.Length ? DatagramResult.TooLong : DatagramResult.Received;
    }

    public bool TryWrite(ReadOnlySpan<byte> datagram) => socket.TrySend(datagram);
}
