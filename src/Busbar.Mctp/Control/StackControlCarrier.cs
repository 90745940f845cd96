// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <summary>Carries control requests through a socket of a stack.</summary>
internal sealed class StackControlCarrier : IControlCarrier
{
    private readonly MctpStack _stack;
    private readonly MctpSocketCore _socket;

    public StackControlCarrier(MctpStack stack, MctpSocketCore socket) => (_stack, _socket) = (stack, socket);

    public int NextInstanceId() => _stack.NextInstanceId();

    public SendStatus Send(in MctpEndPoint to, ReadOnlySpan<byte> body, long now, out MctpTag tag) => _stack.Send(_socket, to, body, now, out tag);

    public bool TryReceive(Span<byte> buffer, out MctpReceiveResult result) => _stack.TryReceive(_socket, buffer, out result);

    public void Abandon(in MctpEndPoint to, MctpTag tag, long now) => _stack.AbandonRequest(_socket, to, tag, now);

    public bool TakeLinkDown() => _socket.TakeError() == SocketFault.LinkDown;

    public void CountBad(in MctpReceiveResult result)
    {
        if (_stack.FindLink(result.From.Link) is { } link) _stack.CountDrop(link, DropReason.BadControlMessage);
    }
}
