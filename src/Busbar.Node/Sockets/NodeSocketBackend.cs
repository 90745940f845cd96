// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.Node;

/// <summary>A socket on the stack of a node.</summary>
internal sealed class NodeSocketBackend : SocketBackend
{
    private readonly MctpNode _node;
    private readonly MctpSocketCore _core;

    public NodeSocketBackend(MctpNode node, MctpSocketCore core) => (_node, _core) = (node, core);

    public override int Available => _node.Read((_, _) => _core.QueuedMessages);

    public override ReceiveOutcome Receive(Span<byte> buffer, TimeSpan timeout, out MctpReceiveResult result) => _node.Receive(_core, buffer, timeout, out result);

    public override ValueTask<MctpReceiveResult> ReceiveAsync(MctpSocket socket, Memory<byte> buffer, CancellationToken cancellation) =>
        _node.ReceiveAsync(socket, _core, buffer, cancellation);

    public override SendStatus TrySend(in MctpEndPoint to, ReadOnlySpan<byte> payload, bool more, out MctpTag tag) => _node.TrySend(_core, to, payload, more, out tag);

    public override SendStatus WaitAndSend(in MctpEndPoint to, ReadOnlySpan<byte> payload, bool more, long deadline, out MctpTag tag) =>
        _node.WaitAndSend(_core, to, payload, more, deadline, out tag);

    public override SendStatus SendPacket(int link, ReadOnlySpan<byte> packet, in PhysicalAddress to) => _node.SendRaw(_core, link, packet, to);

    public override void Bind(in MctpEndPoint local)
    {
        MctpEndPoint wanted = local;
        BindStatus status = _node.Read((stack, _) => stack.Bind(_core, wanted));
        if (status != BindStatus.Ok) throw Failures.OfBind(status, wanted);
    }

    public override void Connect(in MctpEndPoint peer)
    {
        MctpEndPoint wanted = peer;
        BindStatus status = _node.Read((stack, _) => stack.Connect(_core, wanted));
        if (status != BindStatus.Ok) throw Failures.OfBind(status, wanted);
    }

    public override MctpTag? AllocateTag(in MctpEndPoint peer)
    {
        MctpEndPoint wanted = peer;
        return _node.Read((stack, now) => stack.AllocateTag(_core, wanted, now));
    }

    public override void ReleaseTag(in MctpEndPoint peer, MctpTag tag)
    {
        MctpEndPoint wanted = peer;
        _node.Use((stack, now) => stack.ReleaseTag(_core, wanted, tag, now));
    }

    public override void Abandon(in MctpEndPoint to, MctpTag tag)
    {
        MctpEndPoint peer = to;
        _node.Use((stack, now) => stack.AbandonRequest(_core, peer, tag, now));
    }

    public override void Flush() => _node.FlushLinks();

    public override void Pause(TimeSpan time)
    {
        _node.WaitFor(static () => false, time);
    }

    public override void Close() => _node.CloseSocket(_core);

    public override void TakeTurn() => _node.TakeTurn();
}
