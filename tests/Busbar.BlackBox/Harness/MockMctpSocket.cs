// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;
using Busbar.Mctp;

namespace Busbar.BlackBox;

/// <summary>The mock kernel's end of an MCTP socket of the program.</summary>
internal sealed class MockMctpSocket
{
    private readonly MockMctp _mctp;
    private readonly Action<byte[], byte[]> _send;
    private bool _isExtended;

    /// <summary>Makes the end of a socket.</summary>
    /// <param name="mctp">Who is reached through it.</param>
    /// <param name="send">Sends a source address and a body to the program.</param>
    public MockMctpSocket(MockMctp mctp, Action<byte[], byte[]> send)
    {
        _mctp = mctp;
        _send = send;
    }

    public MctpEndPoint? Bound { get; private set; }

    public void Take(ReadOnlySpan<byte> packet)
    {
        switch (HarnessPacket.Operation(packet))
        {
            case HarnessPacket.Send when MctpEndPoint.TryReadSockaddr(HarnessPacket.Address(packet), out MctpEndPoint to):
                _mctp.Sent(this, to, packet[HarnessPacket.HeadSize..].ToArray());
                break;
            case HarnessPacket.SetOption when HarnessPacket.Option(packet) is { Level: 285, Name: 1 } option:
                _isExtended = option.Value != 0;
                break;
            case HarnessPacket.Bind when MctpEndPoint.TryReadSockaddr(HarnessPacket.Address(packet), out MctpEndPoint local):
                Bound = local;
                _mctp.Bind(this);
                break;
            default:
                throw new InvalidDataException($"the program sent a packet that makes no sense: {Convert.ToHexStringLower(packet)}");
        }
    }

    public void Deliver(MctpEndPoint source, byte[] body)
    {
        byte[] address = new byte[MctpEndPoint.ExtendedSize];
        int size = (_isExtended ? source : source with { Link = 0, Address = default }).WriteSockaddr(address);
        _send(address[..size], body);
    }
}
