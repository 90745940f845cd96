// SPDX-License-Identifier: Apache-2.0
using Busbar.Bindings;
using Busbar.Linux;

namespace Busbar.Node;

/// <summary>The packets of a UNIX connection that keeps them apart.</summary>
internal sealed class PacketsChannel(UnixPackets connection) : IDatagramChannel
{
    public bool IsOpen { get; private set; } = true;

    public DatagramResult TryRead(Span<byte> buffer, out int length)
    {
        switch (connection.TryReceive(buffer, out length))
        {
            case ReceiveResult.Received:
                return DatagramResult.Received;
            case ReceiveResult.Truncated:
                return DatagramResult.TooLong;
            case ReceiveResult.WouldBlock:
                return DatagramResult.None;
            default:
                IsOpen = false;
                return DatagramResult.None;
        }
    }

    public bool TryWrite(ReadOnlySpan<byte> datagram)
    {
        SendResult result = connection.TrySend(datagram);
        if (result == SendResult.Closed) IsOpen = false;
        return result == SendResult.Sent;
    }
}
